import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { bucketOf } from './hash.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve } from './resolve.ts';
import { type FlagBody, WEIGHT_SCALE, type WeightEntry } from './rule-set.ts';
import { makeFlag, makeRuleSet } from './testing/factories.ts';

function splitFlag(weights: readonly WeightEntry[], { salt = 's', by = 'targetingKey' } = {}): FlagBody {
  return makeFlag({ fallthrough: { split: { by, salt, hash: 2, weights } } });
}
function decide(flag: FlagBody, context: EvaluationContext, key = 'f') {
  return resolve(compile(makeRuleSet({ [key]: flag })), key, 'boolean', context, 0);
}
const share = (on: number): readonly WeightEntry[] => [
  ['on', on],
  ['off', WEIGHT_SCALE - on],
];
const weight = fc.nat(WEIGHT_SCALE);
const unit = fc.string({ minLength: 1 });

describe('a split', () => {
  it('serves the first entry whose cumulative weight exceeds the bucket', () => {
    fc.assert(
      fc.property(weight, unit, fc.string(), (on, targetingKey, salt) => {
        const expected = bucketOf(salt, targetingKey) < on;
        expect(decide(splitFlag(share(on), { salt }), { targetingKey }).value).toBe(expected);
      }),
    );
  });

  it('only adds users when its first weight rises', () => {
    fc.assert(
      fc.property(weight, weight, unit, (x, y, targetingKey) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        const before = decide(splitFlag(share(low)), { targetingKey }).variant;
        const after = decide(splitFlag(share(high)), { targetingKey }).variant;
        expect(before === 'on' && after !== 'on').toBe(false);
      }),
    );
  });

  it('reassigns nobody when the flag is renamed or gains rules that do not match', () => {
    fc.assert(
      fc.property(weight, unit, (on, targetingKey) => {
        const flag = splitFlag(share(on));
        const ruled = { ...flag, rules: [{ id: 'r', when: { any: [] }, serve: { variant: 'on' } }] };
        const { variant } = decide(flag, { targetingKey });
        expect(decide(flag, { targetingKey }, 'renamed').variant).toBe(variant);
        expect(decide(ruled, { targetingKey }).variant).toBe(variant);
      }),
    );
  });

  it('takes integer units as their decimal text', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), weight, (number, on) => {
        const flag = splitFlag(share(on));
        expect(decide(flag, { targetingKey: number })).toEqual(decide(flag, { targetingKey: String(number) }));
      }),
    );
  });

  it('gives shares close to the weights, and different salts split independently', () => {
    const units = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
    const chosen = (salt: string) => {
      const rules = compile(makeRuleSet({ f: splitFlag(share(25_000), { salt }) }));
      return new Set(units.filter((targetingKey) => resolve(rules, 'f', 'boolean', { targetingKey }, 0).value === true));
    };
    const [one, same, other] = [chosen('one'), chosen('one'), chosen('other')];
    // Four standard deviations of a binomial: 4 * sqrt(20000 * 0.25 * 0.75) = 245; of both: 4 * sqrt(20000 / 16 * 15 / 16) = 137.
    expect(Math.abs(one.size - 5_000)).toBeLessThan(245);
    expect([...same].every((user) => one.has(user))).toBe(true);
    expect(Math.abs([...one].filter((user) => other.has(user)).length - 1_250)).toBeLessThan(137);
  });

  it('gives each entry its own resolution with its label, though a variant occurs twice', () => {
    const weights: readonly WeightEntry[] = [
      ['on', 10_000, 'treatment'],
      ['off', 80_000],
      ['off', 10_000, 'control'],
    ];
    const flag = { ...splitFlag(weights), metadata: { owner: 'payments' } };
    const rules = compile(makeRuleSet({ f: flag }));
    for (let index = 0; index < 500; index++) {
      const bucket = bucketOf('s', `u${index}`);
      const { variant, reason, metadata } = resolve(rules, 'f', 'boolean', { targetingKey: `u${index}` }, 0);
      const label = bucket < 10_000 ? 'treatment' : bucket < 90_000 ? undefined : 'control';
      expect({ variant, reason, metadata }).toEqual({
        variant: bucket < 10_000 ? 'on' : 'off',
        reason: 'SPLIT',
        metadata: label === undefined ? { owner: 'payments' } : { owner: 'payments', label },
      });
    }
  });

  it('is TARGETING_KEY_MISSING, code default, without a unit', () => {
    for (const targetingKey of [undefined, null, '', 1.5, 2 ** 53, Number.NaN, true, {}, ['u'], new Date(0)]) {
      expect(decide(splitFlag(share(50_000)), { targetingKey })).toMatchObject({
        value: undefined,
        variant: undefined,
        reason: 'ERROR',
        errorCode: 'TARGETING_KEY_MISSING',
      });
    }
  });

  it('by another attribute does not need a targetingKey', () => {
    const flag = splitFlag(share(50_000), { by: 'company.id' });
    expect(decide(flag, { company: { id: 'acme' } }).reason).toBe('SPLIT');
    expect(decide(flag, { targetingKey: 'u' }).errorCode).toBe('TARGETING_KEY_MISSING');
  });

  it('with one entry at 100 % is that variant: it needs no unit and does not count as a split', () => {
    const whole = splitFlag([
      ['off', 0],
      ['on', WEIGHT_SCALE, 'all'],
      ['off', 0],
    ]);
    expect(decide(whole, {})).toMatchObject({ value: true, variant: 'on', reason: 'STATIC', metadata: { label: 'all' } });
    const ruled = makeFlag({ rules: [{ id: 'r', when: { all: [] }, serve: whole.fallthrough ?? { variant: 'off' } }] });
    expect(decide(ruled, {})).toMatchObject({ variant: 'on', reason: 'TARGETING_MATCH' });
  });

  it('is SPLIT in a rule too', () => {
    const split = splitFlag(share(50_000)).fallthrough ?? { variant: 'off' };
    expect(decide(makeFlag({ rules: [{ id: 'r', when: { all: [] }, serve: split }] }), { targetingKey: 'u' }).reason).toBe(
      'SPLIT',
    );
  });
});

describe('the hash vectors', () => {
  const vectors: { readonly bucketOf: readonly { readonly salt: string; readonly unit: string; readonly bucket: number }[] } =
    JSON.parse(readFileSync(new URL('../vectors/hash.json', import.meta.url), 'utf8'));

  it.each(vectors.bucketOf)(
    'keep unit $unit under salt $salt at the edge of bucket $bucket',
    ({ salt, unit: targetingKey, bucket }) => {
      expect(decide(splitFlag(share(bucket), { salt }), { targetingKey }).variant).toBe('off');
      expect(decide(splitFlag(share(bucket + 1), { salt }), { targetingKey }).variant).toBe('on');
    },
  );
});
