import type { Notification } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import { watchGaps } from './live-gaps.ts';
import { isOwnChange } from './own-changes.ts';
import { staleKeys } from './stale-keys.ts';

const killed: Notification = { kind: 'flag', key: 'banner', environment: 'production', revision: 4, actor: 'mina' };

describe('staleKeys', () => {
  test('a change of a flag makes the flag, the history, the revisions and comparisons stale, and no other flag', () => {
    expect(staleKeys('shop', killed)).toEqual([
      ['project', 'shop', 'flag', 'banner'],
      ['project', 'shop', 'reviews'],
      ['project', 'shop', 'changes'],
      ['project', 'shop', 'environments'],
      ['project', 'shop', 'comparison'],
      ['project', 'shop', 'portability', 'production'],
    ]);
  });

  test('every kind of notification makes something stale', () => {
    for (const kind of ['project', 'environment', 'flag', 'segment', 'key'] as const)
      expect(staleKeys('shop', { ...killed, kind }).length).toBeGreaterThan(0);
  });
});

describe('isOwnChange', () => {
  const request = { key: 'banner', environment: 'production', submittedAtMs: 1_000 };
  const own = { actor: 'mina', requests: [request] };

  test('a change under our name that this tab asked for a moment ago is its own', () => {
    expect(isOwnChange(killed, own, 1_050)).toBe(true);
  });

  test('the same change by another person is theirs, even in the same moment', () => {
    expect(isOwnChange({ ...killed, actor: 'jon' }, own, 1_050)).toBe(false);
  });

  test('another environment, another flag or a request of long ago is a change made elsewhere', () => {
    expect(isOwnChange({ ...killed, environment: 'staging' }, own, 1_050)).toBe(false);
    expect(isOwnChange({ ...killed, key: 'other' }, own, 1_050)).toBe(false);
    expect(isOwnChange(killed, own, 60_000)).toBe(false);
    expect(isOwnChange(killed, { ...own, requests: [] }, 1_050)).toBe(false);
  });

  test('a request for every environment owns the notification of each', () => {
    expect(isOwnChange(killed, { ...own, requests: [{ ...request, environment: null }] }, 1_050)).toBe(true);
  });
});

test('a stream that is live again had a gap; the first time, and being told twice, is none', () => {
  let gaps = 0;
  const note = watchGaps(() => {
    gaps += 1;
  });
  for (const status of ['connecting', 'live', 'live'] as const) note(status);
  expect(gaps).toBe(0);
  for (const status of ['connecting', 'live', 'reconnecting', 'live'] as const) note(status);
  expect(gaps).toBe(2);
});
