import { expect, test } from 'vitest';
import { inSlices } from './in-slices.ts';

test('does everything in order, and lets others have turns in between', async () => {
  const done: number[] = [];
  let turns = 0;
  const count = () => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await inSlices([1, 2, 3, 4], (thing) => {
    for (const endMs = performance.now() + 6; performance.now() < endMs; );
    done.push(thing);
  });
  clearImmediate(timer);
  expect(done).toEqual([1, 2, 3, 4]);
  expect(turns).toBeGreaterThanOrEqual(3);
});
