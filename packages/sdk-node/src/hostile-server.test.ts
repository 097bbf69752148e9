import { afterEach, beforeEach, expect, it } from 'vitest';
import { runSeed } from '../fuzz/run-seed.mjs';
import { YardarmProvider } from './provider.ts';

const SEEDS = 150;
const AT_ONCE = 10;

const uncaught: unknown[] = [];
const hear = (error: unknown) => void uncaught.push(error);
beforeEach(() => void process.on('uncaughtException', hear).on('unhandledRejection', hear));
afterEach(() => void process.off('uncaughtException', hear).off('unhandledRejection', hear));

it('a server that means harm causes no wrong answer and no error that nobody catches (npm run fuzz:sdk runs thousands)', async () => {
  const wrong: string[] = [];
  let held = 0;
  for (let seed = 1; seed <= SEEDS; seed += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, index) => seed + index);
    const outcomes = await Promise.all(seeds.map((one) => runSeed(one, YardarmProvider)));
    wrong.push(...outcomes.flatMap((outcome) => outcome.wrong));
    held += outcomes.filter(({ answers }) => answers > 1).length;
  }
  expect(wrong).toEqual([]);
  expect(uncaught).toEqual([]);
  // Otherwise nothing would have been at stake.
  expect(held).toBeGreaterThan(SEEDS / 4);
});
