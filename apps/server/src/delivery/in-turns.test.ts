import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from './in-turns.ts';

test('does a few in each turn, in order, and nothing in the turn in which they came', async () => {
  const done: number[] = [];
  const line = inTurns<number>(
    3,
    (thing) => done.push(thing),
    (thing) => thing % 2 === 1,
  );
  for (let thing = 0; thing < 10; thing++) line.push(thing);
  expect(done).toEqual([]);
  await setImmediate();
  expect(done).toEqual([0, 2, 4]);
  line.push(10);
  await setImmediate();
  expect(done).toEqual([0, 2, 4, 6, 8, 10]);
  line.push(12);
  await setImmediate();
  expect(done.at(-1)).toBe(12);
});
