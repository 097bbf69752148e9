import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excessOf, LIMITS } from './excess.ts';
import type { Condition, FlagBody } from './rule-set.ts';
import { anyRuleSet } from './testing/arbitraries.ts';
import { flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { validate } from './validate.ts';

const times = <Item>(count: number, make: (index: number) => Item): Item[] => Array.from({ length: count }, (_, i) => make(i));
const exists: Condition = { attribute: 'a', op: 'exists' };

describe('excessOf', () => {
  it.each<readonly [limit: keyof typeof LIMITS, make: (count: number) => Partial<FlagBody>]>([
    ['rules', (count) => ({ rules: times(count, (index) => ({ id: `r${index}`, when: exists, serve: { variant: 'on' } })) })],
    ['clauses', (count) => flagWhen({ any: [{ not: { all: times(count, () => exists) } }] })],
    ['values', (count) => flagWhen({ attribute: 'a', op: 'in', values: times(count, String) })],
    ['variants', (count) => ({ variants: Object.fromEntries(times(count, (index) => [`v${index}`, true])) })],
    ['prerequisites', (count) => ({ prerequisites: times(count, (index) => ({ flag: `f${index}`, variants: ['on'] })) })],
  ])('finds one %s too many, at once and twice the bound', (limit, make) => {
    for (const factor of [1, 2]) {
      const most = LIMITS[limit] * factor;
      expect(excessOf('flag', makeFlag(make(most)), factor)).toBeUndefined();
      expect(excessOf('flag', makeFlag(make(most + 1)), factor)).toBe(limit);
    }
    const over = makeFlag({ ...make(LIMITS[limit] + 1) });
    if (limit !== 'variants') expect(validate(makeRuleSet({ f: over })).map(({ code }) => code)).toContain('limit');
  });

  it('counts the keys of a segment over both lists', () => {
    const keys = times(LIMITS.segmentKeys / 2, String);
    expect(excessOf('segment', makeSegment({ include: keys, exclude: keys }), 1)).toBeUndefined();
    expect(excessOf('segment', makeSegment({ include: keys, exclude: [...keys, 'x'] }), 1)).toBe('segmentKeys');
  });

  it('finds nothing where validating finds no limit, and never throws, whatever it is given', () => {
    fc.assert(
      fc.property(anyRuleSet, (ruleSet) => {
        const limits = validate(ruleSet).filter(({ code }) => code === 'limit');
        for (const body of Object.values(ruleSet.flags))
          if (limits.length === 0) expect(excessOf('flag', body, 1)).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (json) => void excessOf('flag', { rules: [{ when: json }], variants: json }, 1)));
    let deep: unknown = exists;
    for (let level = 0; level < 50_000; level++) deep = { all: [deep] };
    expect(excessOf('segment', { when: deep }, 1)).toBeUndefined();
  });
});
