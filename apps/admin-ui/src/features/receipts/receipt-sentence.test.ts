import type { Receipts } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import {
  behindLines,
  browserReceiptSentence,
  isSettled,
  pollingSentence,
  receiptStateOf,
  refusalLines,
  serverReceiptSentence,
  unansweredSentence,
} from './receipt-sentence.ts';

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

test('readers that poll are counted apart, and only where there are any', () => {
  expect(pollingSentence(receiptsOf({}))).toBeNull();
  const server = { ...both, polling: { readers: 3, applied: 2, rejected: 0 } };
  expect(pollingSentence(receiptsOf({ server }))).toBe('Without a stream: 2 of 3 readers that ask every half minute');
});

test('who has not answered is one or several, the others or everybody', () => {
  const sentence = (connected: number, pending: number, ofBrowsers = 0) =>
    unansweredSentence(
      receiptsOf({
        server: { ...both, connected, applied: connected - pending, pending },
        client: { ...none, connected: ofBrowsers, pending: ofBrowsers },
      }),
    );
  expect(sentence(7, 0)).toBeNull();
  expect(sentence(7, 1)).toBe('The other has not answered yet; it gets the change as soon as it can.');
  expect(sentence(7, 1, 1)).toBe('The others have not answered yet; they get the change as soon as they can.');
  expect(sentence(1, 1)).toBe('It has not answered yet; it gets the change as soon as it can.');
  expect(sentence(2, 2)).toBe('They have not answered yet; they get the change as soon as they can.');
});

describe('behindLines', () => {
  const apps = [
    { keyKind: 'server' as const, app: { name: 'checkout', version: '1.4' }, connected: 9, applied: 8, pending: 1, rejected: 0 },
    { keyKind: 'server' as const, app: { name: 'checkout', version: '1.3' }, connected: 4, applied: 2, pending: 2, rejected: 0 },
    { keyKind: 'server' as const, app: { name: null, version: null }, connected: 4, applied: 4, pending: 0, rejected: 0 },
    { keyKind: 'client' as const, app: { name: null, version: null }, connected: 1, applied: 0, pending: 1, rejected: 0 },
  ];
  const laggard = (instance: string, revision: number, heardAt: string) => ({
    keyKind: 'server' as const,
    instance,
    app: { name: 'checkout', version: '1.3', commit: null },
    sdk: 'node',
    held: { epoch: '1-a', revision },
    heardAt,
  });

  test('name each app version that is behind, the most instances first, with the oldest that one of them runs', () => {
    const laggards = [laggard('a', 40, '2027-01-01T00:00:05.000Z'), laggard('b', 38, '2027-01-01T00:00:09.000Z')];
    expect(behindLines(receiptsOf({ apps, laggards }))).toEqual([
      {
        app: 'checkout 1.3',
        pending: 2,
        connected: 4,
        heldRevision: 38,
        heardAtMs: Date.parse('2027-01-01T00:00:05Z'),
        instances: ['a', 'b'],
      },
      { app: 'checkout 1.4', pending: 1, connected: 9, heldRevision: null, heardAtMs: null, instances: [] },
      { app: 'unnamed page', pending: 1, connected: 1, heldRevision: null, heardAtMs: null, instances: [] },
    ]);
  });
});

test('refusals name the app, what it could not read and why', () => {
  const app = { name: 'checkout', version: '1.3' };
  const refusals = [
    { keyKind: 'server' as const, kind: 'flag' as const, key: 'banner', code: 'unknown_operator', app, instances: 2 },
  ];
  expect(refusalLines(receiptsOf({ refusals }))).toEqual([
    "checkout 1.3 could not read flag 'banner' (unknown_operator), 2 instances",
  ]);
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
