import { describe, expect, it } from 'vitest';
import type { BugName } from './bugs.ts';
import { simulate } from './simulate.ts';
import { FAULTS, type Fault } from './world.ts';

const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1);
/** Alone they take seconds, beside everything else longer. */
const PATIENCE_MS = 180_000;
/** Those that show early; `npm run simulate -- --bug NAME` takes any. */
const BUGS: readonly BugName[] = [
  'apply-without-from',
  'older-over-http',
  'kills-dropped-while-resyncing',
  'new-epoch-ignored',
  'no-poll',
];

/** The first seed that finds the bug; undefined when a hundred do not. */
async function firstToFind(bug: BugName): Promise<number | undefined> {
  for (const seed of SEEDS) if ((await simulate({ seed, bug })).violations.length > 0) return seed;
  return undefined;
}

describe('servers, a store and SDKs over a network that fails', { timeout: PATIENCE_MS }, () => {
  it('keep what they promise in 100 worlds (I2, I3, I6, I10)', async () => {
    const happened = new Set<Fault>();
    for (const seed of SEEDS) {
      const { violations, faults } = await simulate({ seed });
      for (const fault of faults.keys()) happened.add(fault);
      expect(violations, `npm run simulate -- --seed ${seed} --trace`).toEqual([]);
    }
    expect(FAULTS.filter((fault) => !happened.has(fault))).toEqual([]);
  });

  it('do the same again from the same seed, and something else from another', async () => {
    const [first, again, other] = [
      await simulate({ seed: 7 }),
      await simulate({ seed: 7, trace: true }),
      await simulate({ seed: 8 }),
    ];
    expect(again.hash).toBe(first.hash);
    expect(again.events).toBe(first.events);
    expect(again.trace.length).toBeGreaterThan(0);
    expect(other.hash).not.toBe(first.hash);
  });

  it.each(BUGS)('are found out within 100 worlds with the bug %s', async (bug) => {
    expect(await firstToFind(bug)).toBeDefined();
  });
});
