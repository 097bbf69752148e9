import { flagConfiguration, segmentConfiguration } from '@yardarm/contract';
import { type Condition, type FlagConfiguration, OPERATORS, type SegmentConfiguration } from '@yardarm/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFlagBody } from '../flags/flag-store.ts';
import { toSegmentBody } from '../segments/segment-store.ts';
import type { FlagHalf } from './build.ts';
import { toFlagConfigurationInput, toSegmentConfigurationInput, withoutOwnSalt } from './read-body.ts';

const OWN_SALT = 'own-salt';

describe('row to body to row', () => {
  it('is the identity for every configuration of a flag', () => {
    fc.assert(
      fc.property(configuration, half, fc.boolean(), (input, flag, on) => {
        const row = withoutOwnSalt(input, OWN_SALT);
        const body = JSON.parse(toFlagBody(flag, { ...row, on })) as FlagConfiguration;
        expect(toFlagConfigurationInput(body, OWN_SALT)).toEqual(row);
        // And the row that people's input became says what they said: its body is the same.
        expect(toFlagBody(flag, { ...input, on })).toBe(toFlagBody(flag, { ...row, on }));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the identity for every configuration of a segment', () => {
    fc.assert(
      fc.property(segment, (row) => {
        expect(toSegmentConfigurationInput(JSON.parse(toSegmentBody(row)) as SegmentConfiguration)).toEqual(row);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps a salt that another flag lent and leaves out the own one', () => {
    const split = (salt?: string) => ({
      split: { by: 'targetingKey', ...(salt && { salt }), hash: 2 as const, weights: [['on', 100_000] as ['on', number]] },
    });
    const row = { offVariant: null, prerequisites: [], targets: [], rules: [], fallthrough: split(OWN_SALT) };
    expect(withoutOwnSalt(row, OWN_SALT).fallthrough).toEqual(split());
    expect(withoutOwnSalt({ ...row, fallthrough: split('lent') }, OWN_SALT).fallthrough).toEqual(split('lent'));
  });
});

const variant = fc.constantFrom('on', 'off', 'blue');
const salt = fc.constantFrom(undefined, OWN_SALT, 'lent', 'x');
const unit = fc.constantFrom('u1', 'u2', 7, '7');
const weights = fc
  .nat(100_000)
  .map((share) => [['on', share] as [string, number], ['off', 100_000 - share, 'control'] as [string, number, string]]);
const serve = fc.oneof(
  variant.map((name) => ({ variant: name })),
  fc.tuple(salt, weights, fc.constantFrom('targetingKey', 'app.user')).map(([named, shares, by]) => ({
    split: { by, hash: 2 as const, weights: shares, ...(named !== undefined && { salt: named }) },
  })),
);
const condition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.record(
      {
        attribute: fc.constantFrom('plan', 'app.version'),
        op: fc.constantFrom(...OPERATORS),
        values: fc.array(fc.constantFrom('a', 1, true), { maxLength: 3 }),
        ignoreCase: fc.boolean(),
        maxInput: fc.constant(256),
      },
      { requiredKeys: ['attribute', 'op'] },
    ),
    fc.record({ segment: fc.constantFrom('beta', 'staff') }),
    fc.record({ now: fc.constantFrom('before' as const, 'after' as const), values: fc.tuple(fc.nat()) }),
    fc.array(tie('condition'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
})).condition;
/** Parsed as an edit is, so that nothing is generated that nobody could write. */
const configuration = fc
  .record({
    offVariant: fc.option(variant),
    prerequisites: fc.array(fc.record({ flag: fc.constantFrom('a', 'b'), variants: fc.array(variant, { minLength: 1 }) }), {
      maxLength: 2,
    }),
    targets: fc.array(fc.record({ variant, keys: fc.array(unit) }), { maxLength: 3 }),
    rules: fc.array(fc.record({ id: fc.constantFrom('r1', 'r2', 'r3'), when: condition, serve }), { maxLength: 3 }),
    fallthrough: fc.option(serve),
  })
  .map((input) => flagConfiguration.parse(input));
const segment = fc
  .record({ include: fc.array(unit), exclude: fc.array(unit), when: fc.option(condition) })
  .map((input) => segmentConfiguration.parse(input));
const half: fc.Arbitrary<FlagHalf> = fc.record({
  type: fc.constant('boolean' as const),
  kind: fc.constantFrom('release', 'operational'),
  variants: fc.constant({ on: true, off: false, blue: true }),
  clientSide: fc.boolean(),
  owner: fc.option(fc.constant('payments')),
  salt: fc.constant(OWN_SALT),
});
