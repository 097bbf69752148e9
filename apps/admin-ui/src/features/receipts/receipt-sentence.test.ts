import type { Receipts } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import { browserReceiptSentence, isSettled, receiptStateOf, serverReceiptSentence } from './receipt-sentence.ts';

const none = {
  connected: 0,
  applied: 0,
  pending: 0,
  rejected: 0,
  slowestMs: null,
  slowest: null,
  polling: { readers: 0, applied: 0, rejected: 0 },
};
const both = { ...none, connected: 2, applied: 2, slowestMs: 18.4 };

function receiptsOf(part: Partial<Receipts>): Receipts {
  return {
    environment: 'production',
    revision: 41,
    committedAt: '2027-01-01T00:00:00.000Z',
    server: both,
    client: none,
    apps: [],
    laggards: [],
    refusals: [],
    replicas: { count: 1, complete: true },
    ...part,
  };
}

describe('serverReceiptSentence', () => {
  test('counts connected instances and names revision and slowest', () => {
    expect(serverReceiptSentence(receiptsOf({}))).toBe('2 of 2 connected server instances run revision 41, slowest 18 ms');
  });

  test('leaves out the slowest before the first receipt', () => {
    const server = { ...both, connected: 1, applied: 0, pending: 1, slowestMs: null };
    expect(serverReceiptSentence(receiptsOf({ server }))).toBe('0 of 1 connected server instance runs revision 41');
  });

  test('never claims success where nobody is connected', () => {
    expect(serverReceiptSentence(receiptsOf({ server: none }))).toBe(
      'No server instance is connected; revision 41 waits for them.',
    );
  });

  test('names refusals', () => {
    const server = { ...both, applied: 1, rejected: 1 };
    expect(serverReceiptSentence(receiptsOf({ server }))).toContain('; 1 refused it and keeps the one before');
    expect(receiptStateOf(server)).toBe('rejected');
  });

  test('no sentence ever says "all"', () => {
    for (const server of [none, both, { ...both, applied: 1, pending: 1 }])
      expect(serverReceiptSentence(receiptsOf({ server }))).not.toMatch(/\ball\b/i);
  });
});

test('browsers are counted apart, and only where there are any', () => {
  expect(browserReceiptSentence(receiptsOf({}))).toBeNull();
  expect(browserReceiptSentence(receiptsOf({ client: { ...both, connected: 3, slowestMs: 1_240 } }))).toBe(
    '2 of 3 connected browsers, slowest 1.2 s',
  );
});

describe('isSettled', () => {
  test('waits for the revision, for servers and for browsers', () => {
    const waiting = { ...both, applied: 1, pending: 1 };
    expect(isSettled(receiptsOf({}), 41)).toBe(true);
    expect(isSettled(receiptsOf({}), 42)).toBe(false);
    expect(isSettled(receiptsOf({ server: waiting }), 41)).toBe(false);
    expect(isSettled(receiptsOf({ client: waiting }), 41)).toBe(false);
  });
});
