import { expect, it } from 'vitest';
import { nextAttemptMs, pauseMs } from './retry.ts';

const MINUTE_MS = 60_000;
const waits = (random: number) =>
  [1, 2, 3, 9, 10, 20].map((attempts) => (nextAttemptMs(attempts, 0, 0, random) ?? 0) / MINUTE_MS);

it('waits a minute, doubles up to six hours, and spreads by a fifth', () => {
  expect(waits(0.5)).toEqual([1, 2, 4, 256, 360, 360]);
  expect(waits(0)).toEqual([0.8, 1.6, 3.2, 204.8, 288, 288]);
  expect(waits(1)).toEqual([1.2, 2.4, 4.8, 307.2, 432, 432]);
});

it('gives up where the next attempt would come more than a day after the change', () => {
  expect(nextAttemptMs(1, 0, 24 * 60 * MINUTE_MS - MINUTE_MS, 0.5)).toBe(24 * 60 * MINUTE_MS);
  expect(nextAttemptMs(1, 0, 24 * 60 * MINUTE_MS, 0.5)).toBeNull();
});

it('pauses from the fifth failure on, for an hour at most', () => {
  expect([1, 4, 5, 6, 11, 99].map((failures) => pauseMs(failures) / MINUTE_MS)).toEqual([0, 0, 1, 2, 60, 60]);
});
