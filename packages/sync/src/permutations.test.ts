import { expect, it } from 'vitest';
import { stateOf } from './testing/model.ts';
import { permute } from './testing/permutations.ts';

/** A slice; `npm run permutations` runs 100 000. */
const COUNT = Number(process.env.PERMUTATIONS ?? 500);

it(`${COUNT} orders of repeated deltas all end at the newest digest and bodies, never backwards (row 17)`, {
  timeout: 900_000,
}, () => {
  let resyncs = 0;
  for (let seed = 1; seed <= COUNT; seed++) {
    const { head, store, held, versionsBackwards, resyncs: asked } = permute(seed);
    const isForwards = held.every((revision, index) => index === 0 || revision > (held[index - 1] ?? 0));
    const entries = [...(store?.entries.values() ?? [])];
    const isSame =
      entries.every(({ key, body }) => head.flags[key]?.tag === body.tag) && entries.length === Object.keys(head.flags).length;
    expect({ seed, isForwards, versionsBackwards, isSame, state: store?.state }).toEqual({
      seed,
      isForwards: true,
      versionsBackwards: [],
      isSame: true,
      state: stateOf(head),
    });
    resyncs += asked;
  }
  expect(resyncs).toBeGreaterThan(COUNT);
});
