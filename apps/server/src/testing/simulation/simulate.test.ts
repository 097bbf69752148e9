import { describe, expect, it } from 'vitest';
import type { BugName } from './bugs.ts';
import { simulate } from './simulate.ts';
import { FAULTS, type Fault } from './world.ts';

const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1);
/** Alone they take seconds, beside everything else longer. */
const PATIENCE_MS = 180_000;
/** Where to look: most show in the first worlds, some in one of hundreds, so that their worlds are others. */
const BUGS: Readonly<Record<BugName, number>> = {
  'apply-without-from': 1,
  'older-over-http': 101,
  'kills-dropped-while-resyncing': 1,
  'kill-lost-in-file': 1,
  'new-epoch-ignored': 1,
  'endless-buffer': 101,
  'no-poll': 1,
  'leave-forgotten': 1,
  'refusal-kept': 500,
  'polls-for-ever': 1,
};

/** The first seed from that one on that finds the bug; undefined when a hundred do not. */
async function firstToFind(bug: BugName, from: number): Promise<number | undefined> {
  for (const seed of SEEDS) if ((await simulate({ seed: seed + from - 1, bug })).violations.length > 0) return seed + from - 1;
  return undefined;
}

describe('servers, a store and SDKs over a network that fails', { timeout: PATIENCE_MS }, () => {
  it('keep what they promise in 100 worlds (I2, I3, I6, I10, I18)', async () => {
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

  it.each(Object.entries(BUGS))('are found out within 100 worlds with the bug %s', async (bug, from) => {
    expect(await firstToFind(bug as BugName, from)).toBeDefined();
  });
});
