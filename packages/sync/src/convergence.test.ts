import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SKIP_BUFFERED_BYTES } from './connection-state.ts';
import { compareStates } from './position.ts';
import { loadRuleSet } from './store.ts';
import { anyEdit } from './testing/arbitraries.ts';
import { stateOf } from './testing/model.ts';
import { type Happening, Simulation } from './testing/simulation.ts';

const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: anyEdit.map((edit) => ({ type: 'edit' as const, edit })) },
  { weight: 1, arbitrary: fc.nat({ max: 10 }).map((to) => ({ type: 'restore' as const, to })) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom('toClient' as const, 'toServer' as const),
      what: fc.constantFrom(
        'deliver' as const,
        'deliver' as const,
        'lose' as const,
        'repeat' as const,
        'swap' as const,
        'damage' as const,
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('fetch' as const),
      answer: fc.constantFrom('fresh' as const, 'stale' as const, 'fail' as const),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'open' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'cut' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(10, 200, 3_000, 20_000, 60_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('buffer' as const), bytes: fc.constantFrom(0, SKIP_BUFFERED_BYTES + 1) }),
  },
);

describe('both ends over a network that loses, repeats, swaps, damages, cuts and delays (I3)', () => {
  it('never move the reader back, and meet at the newest revision once the network works', () => {
    fc.assert(
      fc.property(fc.array(anyHappening, { maxLength: 60 }), (happenings) => {
        const simulation = new Simulation();
        for (const happening of happenings) simulation.happen(happening);
        simulation.settle();

        const { held, replica, head } = simulation;
        for (const [index, state] of held.entries()) {
          const before = held[index - 1];
          if (before !== undefined) expect(compareStates(before, state)).toBeLessThanOrEqual(0);
        }
        expect(simulation.converged()).toBe(true);
        expect(replica.store?.state).toEqual(stateOf(head));
        const whole = loadRuleSet(head, null).store;
        for (const key of ['a', 'b', 'c']) {
          for (const targetingKey of ['user-1', 'user-2']) {
            const [now, expected] = [replica.store ?? whole, whole].map(({ rules }) =>
              resolve(rules, key, 'string', { targetingKey }, 0),
            );
            expect(now).toEqual(expected);
          }
        }
      }),
      {
        numRuns: 300,
        // A receipt lost on a live connection was once taken for a reader that had not arrived.
        examples: [
          [
            [
              { type: 'open' },
              { type: 'toServer', what: 'deliver' },
              { type: 'fetch', answer: 'fresh' },
              { type: 'toServer', what: 'lose' },
            ],
          ],
        ],
      },
    );
  });
});
