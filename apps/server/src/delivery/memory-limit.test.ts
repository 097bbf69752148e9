import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { createMemoryLimit, defaultMemoryLimitBytes } from './memory-limit.ts';

test('is reached and left again as memory is taken and given back, looked at twice a second', () => {
  let rss = 99;
  let looks = 0;
  const isReached = createMemoryLimit(100, () => {
    looks++;
    return rss;
  });
  expect([isReached(0), isReached(499)]).toEqual([false, false]);
  rss = 100;
  expect([isReached(499), isReached(500)]).toEqual([false, true]);
  rss = 99;
  expect([isReached(999), isReached(1_000)]).toEqual([true, false]);
  expect(looks).toBe(3);
});

test('by default is a share of the memory of this machine', () => {
  expect(defaultMemoryLimitBytes()).toBeGreaterThan(64 * 1024 * 1024);
  expect(defaultMemoryLimitBytes()).toBeLessThan(totalmem());
});
