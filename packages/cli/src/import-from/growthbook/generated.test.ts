/** Features that nobody thought of: whatever of them comes over serves what GrowthBook's own SDK serves, and deals the same shares. */
import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { both, ours, theirs } from './testing/both.ts';
import { attributes } from './testing/contexts.ts';
import { GROUPS } from './testing/definitions.ts';

// Their SDK complains of bad weights each time that it mends them.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));

describe('conditions that nobody thought of', () => {
  const list = <Item>(item: fc.Arbitrary<Item>, maxLength = 3) => fc.array(item, { maxLength });
  const operators = (all: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
    fc.oneof(...Object.entries(all).map(([name, operand]) => operand.map((value) => ({ [name]: value }))));
  const scalar = fc.constantFrom<unknown>('pro', 'PRO', 'free', '5', '0', 'true', 'null', '', 5, 0, 1, true, false);
  const number = fc.constantFrom(-1, 0, 4, 5, 17.5, 18, 40);
  const text = fc.constantFrom('p', 'o$', '^[a-z]', 'n', 'example', '[.]org$');
  const versions = fc.constantFrom('2.0.0', '2.0.0-rc.2', '1.10.0', 'v1.9.10');
  const comparing = { $eq: scalar, $ne: scalar, $in: list(scalar), $nin: list(scalar), $exists: fc.boolean() };
  const types = { $type: fc.constantFrom('string', 'number', 'boolean', 'null') };
  const asked: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
    ['plan', fc.oneof(scalar, fc.constant(null), operators({ ...comparing, ...types, $ini: list(scalar), $nini: list(scalar) }))],
    ['age', fc.oneof(number, operators({ ...comparing, $lt: number, $lte: number, $gt: number, $gte: number }))],
    ['email', operators({ ...comparing, $regex: text, $regexi: text })],
    ['version', operators({ $veq: versions, $vne: versions, $vlt: versions, $vlte: versions, $vgt: versions, $vgte: versions })],
    [
      'tags',
      operators({
        $in: list(fc.constantFrom('a', 'b', 5, '5')),
        $all: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 2 }),
        $elemMatch: operators({ $eq: fc.constantFrom('a', 5) }),
      }),
    ],
    ['company.plan', fc.oneof(fc.constantFrom('pro', 'free', null), operators(comparing))],
    ['id', operators({ $in: list(fc.constantFrom('u1', 'u2', 7)), $inGroup: fc.constantFrom(...Object.keys(GROUPS)) })],
  ];
  const { condition } = fc.letrec<{ condition: Record<string, unknown> }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      ...asked.map(([name, of]) =>
        fc
          .oneof(
            { weight: 4, arbitrary: of },
            of.map((one) => (typeof one === 'object' && one !== null ? { $not: one } : one)),
          )
          .map((one) => ({ [name]: one })),
      ),
      fc
        .constantFrom('$and', '$or', '$nor')
        .chain((name) => fc.array(tie('condition'), { maxLength: 3 }).map((parts) => ({ [name]: parts }))),
      tie('condition').map((one) => ({ $not: one })),
      fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => ({ ...one, ...other })),
    ),
  }));

  it('hold for whom they hold in their SDK', () => {
    let met = 0;
    fc.assert(
      fc.property(condition, condition, fc.array(attributes, { minLength: 10, maxLength: 10 }), (first, second, all) => {
        const sides = both({
          f: {
            defaultValue: 'no',
            rules: [
              { condition: first, force: 'yes' },
              { condition: second, force: 'maybe' },
            ],
          },
        });
        if (resolve(sides.rules, 'f', 'string', {}, 0).errorCode === 'FLAG_NOT_FOUND') return;
        for (const of of all) {
          const expected = theirs(sides, 'f', of);
          if (expected !== 'no') met++;
          expect(ours(sides, 'f', of).value).toBe(expected);
        }
      }),
      { numRuns: Number(process.env.IMPORT_RUNS ?? 300) },
    );
    expect(met).toBeGreaterThan(300);
  });
});

describe('rules that deal and that nobody thought of', () => {
  /** Of each kind of context; six standard deviations of a half are as many in a thousand as TOLERANCE says. */
  const UNITS = 1_500;
  const RUNS = Number(process.env.IMPORT_RUNS ?? 25);
  const TOLERANCE = 6 * Math.sqrt(0.5 / UNITS);
  const KINDS = ['pro', 'free'].flatMap((plan) => [5, 19].map((age) => ({ plan, age })));
  const value = fc.constantFrom('a', 'b', 'c', 'd');
  const condition = fc.constantFrom({ plan: 'pro' }, { plan: { $ne: 'pro' } }, { age: { $gt: 18 } }, { id: { $exists: true } });
  const coverage = fc.constantFrom(0, 0.1, 0.35, 0.5, 1);
  const range = fc.constantFrom([0, 0.2], [0.2, 0.7], [0.5, 1], [0, 1]);
  const forced = fc.record(
    { condition, force: value, coverage, range, seed: fc.constantFrom('s1', 's2') },
    { requiredKeys: ['force'] },
  );
  const tried = fc.constantFrom(2, 3).chain((count) =>
    fc.record(
      {
        ...{ condition, coverage, seed: fc.constantFrom('s1', 's2'), key: fc.constantFrom('k1', 's1') },
        variations: fc.array(value, { minLength: count, maxLength: count }),
        weights: fc.constantFrom(
          ...(count === 2
            ? [[0.9, 0.1], [1, 0], [0.51, 0.5], [0, 0.2], [0.4, 0.59], [0.5]]
            : [
                [0.33, 0.33, 0.33],
                [0.2, 0.3, 0.5],
                [0, 1, 0],
              ]),
        ),
        ranges: fc.array(range, { minLength: count - 1, maxLength: count + 1 }),
        meta: fc.array(fc.record({ passthrough: fc.boolean() }), { minLength: count, maxLength: count }),
        namespace: fc.constantFrom(['checkout', 0.2, 0.6], ['checkout', 0, 1], ['checkout', 0.5, 0.9]),
        filters: fc.constantFrom(
          [{ seed: 'checkout', ranges: [[0, 0.3]] }],
          [
            {
              attribute: 'id',
              seed: 'layer',
              hashVersion: 2,
              ranges: [
                [0, 0.2],
                [0.6, 1],
              ],
            },
          ],
        ),
      },
      { requiredKeys: ['variations'] },
    ),
  );
  /** Their first hash deals one unit alike by seeds that end alike, so that only rules of one seed are held against it. */
  const feature = fc
    .tuple(
      fc.array(fc.oneof(forced, tried), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 2, 2),
      fc.constantFrom('id', 'team'),
    )
    .map(([rules, hashVersion, hashAttribute]) => ({
      defaultValue: 'default',
      rules: rules.map((rule) => {
        const { seed: _seed, namespace: _namespace, filters: _filters, ...alone } = rule as Record<string, unknown>;
        const { key: _key, ...more } = alone;
        return { ...(hashVersion === 1 ? more : rule), hashVersion, hashAttribute };
      }),
    }));

  it('give each the shares that their SDK gives them, and whoever has no unit the same', { timeout: RUNS * 4_000 }, () => {
    let [compared, dealt] = [0, 0];
    fc.assert(
      fc.property(feature, (definition) => {
        const sides = both({ f: definition });
        if (resolve(sides.rules, 'f', 'string', {}, 0).errorCode === 'FLAG_NOT_FOUND') return;
        for (const kind of KINDS) {
          expect([kind, ours(sides, 'f', kind).value]).toEqual([kind, theirs(sides, 'f', kind)]);
          const counts = new Map<unknown, number>();
          let isDealt = false;
          for (let index = 0; index < UNITS; index++) {
            const of = { ...kind, id: `unit-${index}`, team: `team-${index}` };
            const [there, here] = [theirs(sides, 'f', of), ours(sides, 'f', of)];
            if (here.reason === 'SPLIT') isDealt = true;
            else expect([of, here.value]).toEqual([of, there]);
            counts.set(there, (counts.get(there) ?? 0) + 1);
            counts.set(here.value, (counts.get(here.value) ?? 0) - 1);
          }
          compared++;
          if (isDealt) dealt++;
          for (const [served, difference] of counts)
            if (Math.abs(difference) / UNITS > TOLERANCE)
              expect.fail(
                `${JSON.stringify(definition)} for ${JSON.stringify(kind)}: ${served} is ${difference} of ${UNITS} more there`,
              );
        }
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(RUNS);
    // About 1.8 times as many; of few features that deal, each adds up to four.
    expect(dealt).toBeGreaterThan(RUNS / 8);
  });
});
