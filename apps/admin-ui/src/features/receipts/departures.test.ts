import type { Receipts } from '@yardarm/contract';
import { expect, it } from 'vitest';
import { type Departures, missingSentence, watchDepartures } from './departures.ts';

const START: Departures = { revision: 41, seen: undefined, missing: 0 };

function fleet(connected: number, applied: number, complete = true): Receipts {
  const server = { connected, applied, pending: connected - applied, rejected: 0 };
  return { revision: 41, server, replicas: { count: 1, complete } } as Receipts;
}

const missing = (...seen: readonly Receipts[]) => seen.reduce((before, now) => watchDepartures(before, 41, now), START).missing;

it('misses whoever left without an answer, until as many came back', () => {
  expect(missing(fleet(7, 0), fleet(7, 6), fleet(6, 6))).toBe(1);
  expect(missing(fleet(7, 5), fleet(6, 6))).toBe(1);
  expect(missing(fleet(7, 6), fleet(6, 6), fleet(7, 6), fleet(7, 7))).toBe(0);
  expect(missing(fleet(7, 0), fleet(0, 0), fleet(5, 5))).toBe(2);
});

it('misses nobody who left after an answer, and nobody while a replica is not heard', () => {
  expect(missing(fleet(7, 7), fleet(6, 6))).toBe(0);
  expect(missing(fleet(7, 6), fleet(5, 5, false), fleet(7, 7))).toBe(0);
  expect(missing(fleet(2, 1, false), fleet(7, 6), fleet(7, 7))).toBe(0);
  expect(missing(fleet(2, 1, false), fleet(1, 1))).toBe(1);
});

it('begins again with another change, and makes nothing new of what it has seen', () => {
  const one = [fleet(7, 6), fleet(6, 6)].reduce((before, now) => watchDepartures(before, 41, now), START);
  expect(watchDepartures(one, 41, one.seen)).toBe(one);
  expect(watchDepartures(one, 41, undefined)).toBe(one);
  expect(watchDepartures(one, 42, fleet(6, 0)).missing).toBe(0);
});

it('says it in one sentence, or not at all', () => {
  expect([0, 1, 2].map((number) => missingSentence({ ...START, missing: number }))).toEqual([
    null,
    '1 that was connected has not come back.',
    '2 that were connected have not come back.',
  ]);
});
