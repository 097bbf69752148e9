import { expect, test } from 'vitest';
import { inSlices } from './in-slices.ts';

test('serves in their order, looks at the clock every so often, and leaves out what was taken away meanwhile', async () => {
  const things = new Set(Array.from({ length: 10 }, (_, index) => index));
  const served: (number | 'turn')[] = [];
  let nowMs = 0;
  const turn = async () => {
    served.push('turn');
    things.delete(7);
  };
  const act = (thing: number) => {
    served.push(thing);
    nowMs += 1;
  };
  await inSlices(things, act, { turn, nowMs: () => nowMs }, { count: 2, ms: 3 });
  expect(served).toEqual([0, 1, 2, 3, 'turn', 4, 5, 6, 8, 'turn', 9]);
});
