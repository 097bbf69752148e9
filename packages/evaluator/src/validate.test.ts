import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, FlagBody, RuleSet, SegmentBody } from './rule-set.ts';
import { readableRuleSet } from './testing/arbitraries.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { type Finding, validate } from './validate.ts';

const ofFlag = (changes: { readonly [member: string]: unknown }, segments: { readonly [key: string]: SegmentBody } = {}) =>
  validate(makeRuleSet({ 'new-checkout': asBody<FlagBody>({ ...makeFlag(), ...changes }) }, segments));
const ofCondition = (when: unknown) => validate(makeRuleSet({ 'new-checkout': flagWhen(asBody<Condition>(when)) }));
const split = (weights: unknown) => ({ split: { by: 'targetingKey', salt: 's', hash: 2, weights } });
const need = (flag: string, ...variants: string[]) => makeFlag({ prerequisites: [{ flag, variants }] });
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);

describe('validate', () => {
  it('finds nothing in a sound rule set', () => {
    const flags = { a: flagWhen({ segment: 's' }), b: need('a', 'on') };
    expect(validate(makeRuleSet(flags, { s: makeSegment({ include: ['u'] }) }))).toEqual([]);
  });

  it.each<readonly [findings: readonly Finding[], code: Finding['code'], path: string, message: string]>([
    [
      ofCondition({ segment: 'beta' }),
      'unknown_segment',
      '/flags/new-checkout/rules/0/when/segment',
      "Rule 1 of flag 'new-checkout' refers to segment 'beta', which does not exist.",
    ],
    [
      ofFlag({ offVariant: 'none' }),
      'unknown_variant',
      '/flags/new-checkout/offVariant',
      "Flag 'new-checkout' names variant 'none', which the flag does not have.",
    ],
    [
      ofFlag({
        fallthrough: split([
          ['on', 10],
          ['off', 10],
        ]),
      }),
      'weights',
      '/flags/new-checkout/fallthrough/split/weights',
      "The fallthrough of flag 'new-checkout' has weights that are not integers from 0 on with the sum 100000 (100 %).",
    ],
    [
      ofFlag({ variants: { on: true, off: 'no' }, offVariant: null }),
      'variant_type',
      '/flags/new-checkout/variants/off',
      "Variant 'off' of flag 'new-checkout' has a value that is not of the flag's type, or nests more than 64 deep.",
    ],
    [
      ofFlag({ on: 'yes' }),
      'malformed',
      '/flags/new-checkout/on',
      "Flag 'new-checkout' cannot be read: 'on' is 'yes', which is not the form it has to have.",
    ],
    [
      ofFlag({ requires: ['holdouts'] }),
      'unsupported',
      '/flags/new-checkout/requires',
      "Flag 'new-checkout' has a 'requires' that this version does not know: [\"holdouts\"].",
    ],
    [
      ofCondition({ attribute: 'a', op: 'like', values: ['x'] }),
      'unsupported',
      '/flags/new-checkout/rules/0/when/op',
      "Rule 1 of flag 'new-checkout' has a 'op' that this version does not know: 'like'.",
    ],
    [
      ofCondition({ attribute: 'a', op: 'matches', values: ['('] }),
      'pattern',
      '/flags/new-checkout/rules/0/when/values',
      'Rule 1 of flag \'new-checkout\' has a pattern that is no regular expression (flag u): ["("].',
    ],
    [
      ofFlag({ prerequisites: [{ flag: 'ghost', variants: ['on'] }] }),
      'unknown_flag',
      '/flags/new-checkout/prerequisites/0/flag',
      "Prerequisite 1 of flag 'new-checkout' is flag 'ghost', which does not exist.",
    ],
    [
      ofFlag({}, { s: makeSegment({ when: { segment: 't' } }), t: makeSegment() }),
      'nested_segment',
      '/segments/s/when',
      "Segment 's' refers to a segment in its condition; segments do not nest.",
    ],
    [
      validate(makeRuleSet({ a: makeFlag(), b: need('a', 'on', 'blue') })),
      'unknown_variant',
      '/flags/b/prerequisites/0/variants/1',
      "Flag 'b' asks for variant 'blue' of flag 'a', which has no such variant.",
    ],
    [
      ofCondition({ attribute: 'a', op: 'lt', values: [2 ** 53] }),
      'unsafe_integer',
      '/flags/new-checkout/rules/0/when/values/0',
      "Rule 1 of flag 'new-checkout' compares with 9007199254740992, but integers are exact only up to 9007199254740991.",
    ],
    [
      ofFlag({ rules: ['a', 'a'].map((id) => ({ id, when: { all: [] }, serve: { variant: 'on' } })) }),
      'duplicate',
      '/flags/new-checkout/rules/1/id',
      "Flag 'new-checkout' has two rules with the id 'a'.",
    ],
    [
      validate(asBody<RuleSet>({ ...makeRuleSet({}), format: 2 })),
      'format',
      '/format',
      'The rule set is not of format 1, the only one that this version reads.',
    ],
  ])('%#: one sentence that names place, fault and value', (findings, code, path, message) => {
    expect(findings).toEqual([{ code, path, message }]);
  });

  it('gives every finding, not the first', () => {
    const findings = ofFlag({ on: 1, offVariant: 'x', rules: [{ id: 'r', when: { any: [{}, null] }, serve: { variant: 'y' } }] });
    expect(codes(findings).toSorted()).toEqual(['malformed', 'malformed', 'unknown_variant', 'unknown_variant', 'unsupported']);
  });

  it('points at keys with a slash or tilde by JSON Pointer', () => {
    const [finding] = validate(makeRuleSet({ 'a/b~c': asBody<FlagBody>({ ...makeFlag(), on: 1 }) }));
    expect(finding).toMatchObject({
      path: '/flags/a~1b~0c/on',
      message: expect.stringContaining("Flag 'a/b~c' cannot be read: 'on' is 1,"),
    });
  });

  it('finds a cycle of prerequisites at every flag in it', () => {
    const findings = validate(makeRuleSet({ a: need('b', 'on'), b: need('a', 'on') }));
    expect(findings.filter(({ code }) => code === 'prerequisites').map(({ path }) => path)).toEqual([
      '/flags/a/prerequisites',
      '/flags/b/prerequisites',
    ]);
  });

  it('refuses names that JavaScript reserves, and names that are no names', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'prototype', 'hasOwnProperty', 'a b', '-a', '', 'x'.repeat(129)]) {
      expect(codes(validate(makeRuleSet(Object.fromEntries([[key, makeFlag()]]))))).toContain('name');
      expect(codes(validate(makeRuleSet({}, Object.fromEntries([[key, makeSegment()]]))))).toContain('name');
      const variants = Object.fromEntries([
        ['on', true],
        ['off', false],
        [key, true],
      ]);
      expect(codes(ofFlag({ variants }))).toContain('name');
    }
  });

  it('accepts exactly the limits and refuses one more', () => {
    const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
      Array.from({ length: count }, (_, index) => make(index));
    const rules = (count: number) =>
      ofFlag({ rules: times(count, (index) => ({ id: `r${index}`, when: { all: [] }, serve: { variant: 'on' } })) });
    const clauses = (count: number) => ofCondition({ all: times(count, () => ({ not: { attribute: 'a', op: 'exists' } })) });
    const values = (count: number) => ofCondition({ attribute: 'a', op: 'in', values: times(count, (index) => `v${index}`) });
    const variants = (count: number) =>
      ofFlag({
        variants: Object.fromEntries(times(count, (index) => [index === 0 ? 'on' : index === 1 ? 'off' : `v${index}`, true])),
      });
    const text = (bytes: number) => ofFlag({ type: 'string', variants: { on: 'é'.repeat((bytes - 2) / 2), off: '' } });
    const chosen = (count: number) =>
      validate(
        makeRuleSet({
          f: makeFlag({ prerequisites: times(count, (index) => ({ flag: `p${index}`, variants: ['on'] })) }),
          ...Object.fromEntries(times(count, (index) => [`p${index}`, makeFlag()])),
        }),
      );
    const keys = (count: number) =>
      validate(makeRuleSet({}, { s: makeSegment({ include: times(count - 1, (index) => index), exclude: ['x'] }) }));
    for (const [make, most] of [
      [rules, 100],
      [clauses, 30],
      [values, 1_000],
      [variants, 100],
      [chosen, 10],
      [keys, 100_000],
    ] as const) {
      expect(make(most)).toEqual([]);
      expect(codes(make(most + 1))).toEqual(['limit']);
    }
    expect(text(65_536)).toEqual([]);
    expect(text(65_538).map(({ message }) => message)).toEqual([
      "Variant 'on' of flag 'new-checkout' has 65538 bytes; 65536 are allowed.",
    ]);
  });

  it('allows a reader twice as much', () => {
    const listing = (count: number) =>
      makeRuleSet({
        f: flagWhen({ attribute: 'a', op: 'in', values: Array.from({ length: count }, (_, index) => `v${index}`) }),
      });
    expect(codes(validate(listing(1_001)))).toEqual(['limit']);
    expect(validate(listing(2_000), { bounds: 'read' })).toEqual([]);
    expect(validate(listing(2_001), { bounds: 'read' }).map(({ message }) => message)).toEqual([
      "Rule 1 of flag 'f' has 2001 values in one condition; 2000 are allowed.",
    ]);
  });

  it('refuses a flag beyond 256 KiB and prerequisites beyond 1000 evaluations', () => {
    const targets = [{ variant: 'on', keys: Array.from({ length: 30_000 }, (_, index) => `user-${index}`) }];
    expect(codes(ofFlag({ targets }))).toEqual(['limit']);
    const layer = (below: string, count: number) =>
      makeFlag({ prerequisites: Array.from({ length: count }, () => ({ flag: below, variants: ['on'] })) });
    const tree = (top: number) =>
      validate(makeRuleSet({ l0: makeFlag(), l1: layer('l0', 10), l2: layer('l1', 10), l3: layer('l2', top) }));
    expect(tree(9)).toEqual([]);
    expect(codes(tree(10))).toEqual(['limit']);
  });

  it('finds only references that may be wrong in rule sets made of readable bodies', () => {
    fc.assert(
      fc.property(readableRuleSet, (ruleSet) => {
        for (const code of codes(validate(ruleSet)))
          expect(['unknown_flag', 'prerequisites', 'limit', 'name', 'duplicate']).toContain(code);
      }),
    );
  });
});
