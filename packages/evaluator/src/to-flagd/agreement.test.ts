import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { resolve } from '../resolve.ts';
import { OPERATORS, type RuleSet } from '../rule-set.ts';
import { anyRuleSet } from '../testing/arbitraries.ts';
import { asBody, flagWhen, makeRuleSet } from '../testing/factories.ts';
import { conditionWith, flagdContext, flagdRuleSet, PORTABLE_OPERATORS } from '../testing/flagd-arbitraries.ts';
import { compareWithFlagd, countOperators } from '../testing/flagd-oracle.ts';
import { toFlagd } from './to-flagd.ts';

const CONTEXTS = 10;
const contexts = fc.array(flagdContext, { minLength: CONTEXTS, maxLength: CONTEXTS });

// `npm run fuzz:flagd` is the same over as many pairs as one likes.
describe('resolve(ruleSet) and flagd on toFlagd(ruleSet)', () => {
  it('agree on value and variant, of most flags, with every operator that flagd can say', () => {
    const operators = new Map<string, number>();
    let flags = 0;
    let portable = 0;
    fc.assert(
      fc.property(flagdRuleSet, contexts, fc.constantFrom(0, 999, 1_000, 1_999, 2_000), (ruleSet, seen, nowMs) => {
        const { exported, differences } = compareWithFlagd(ruleSet, seen, nowMs);
        flags += Object.keys(ruleSet.flags).length;
        portable += Object.keys(exported.flags).length;
        countOperators(ruleSet, exported, operators);
        expect(differences).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(portable / flags).toBeGreaterThan(0.5);
    expect([...operators.keys()].sort()).toEqual([...PORTABLE_OPERATORS].sort());
  });

  it.each(PORTABLE_OPERATORS)('agree on %s alone, whether it holds or not', (op) => {
    const variants = new Set<string | undefined>();
    fc.assert(
      fc.property(conditionWith(op), contexts, (condition, seen) => {
        const ruleSet = makeRuleSet({ f: flagWhen(condition) });
        const { exported, differences } = compareWithFlagd(ruleSet, seen, 0);
        expect(differences).toEqual([]);
        const rules = compile(ruleSet);
        if (exported.flags.f !== undefined)
          for (const context of seen) variants.add(resolve(rules, 'f', 'boolean', context, 0).variant);
      }),
      { numRuns: 100 },
    );
    expect(variants).toEqual(new Set(['on', 'off']));
  });

  it('leave out no operator but those with the obstacle "operator"', () => {
    for (const op of OPERATORS) {
      const portable = PORTABLE_OPERATORS.includes(op);
      fc.assert(
        fc.property(conditionWith(op), (condition) => {
          const codes = (toFlagd(makeRuleSet({ f: flagWhen(condition) })).obstacles.f ?? []).map(({ code }) => code);
          expect(codes.includes('operator')).toBe(!portable);
        }),
        { numRuns: 20 },
      );
    }
  });
});

describe('toFlagd is total', () => {
  const exercise = (ruleSet: RuleSet) => {
    const { flags, obstacles } = toFlagd(ruleSet);
    JSON.stringify(flags);
    return [...Object.keys(flags), ...Object.keys(obstacles)].sort();
  };

  it('for rule sets whose values fit nothing: every flag is exported or has its obstacles', () => {
    fc.assert(
      fc.property(anyRuleSet, (ruleSet) => {
        expect(exercise(ruleSet)).toEqual(Object.keys(ruleSet.flags).sort());
      }),
    );
  });

  it('for any JSON in place of one flag, of one member of a flag, or of a segment', () => {
    const members = fc.constantFrom('', 'type', 'variants', 'on', 'offVariant', 'prerequisites', 'targets', 'rules', 'metadata');
    fc.assert(
      fc.property(flagdRuleSet, fc.nat(), members, fc.boolean(), fc.jsonValue(), (ruleSet, pick, member, inSegments, json) => {
        const table = inSegments ? 'segments' : 'flags';
        const entries = Object.entries<object>(ruleSet[table]).map(([key, body], index, { length }) => {
          if (index !== pick % length) return [key, body];
          return [key, member === '' || inSegments ? json : { ...body, [member]: json }];
        });
        const damaged = { ...ruleSet, [table]: Object.fromEntries(entries) };
        expect(exercise(damaged)).toEqual(Object.keys(damaged.flags).sort());
      }),
      { numRuns: 500 },
    );
  });

  it('for any JSON in place of a rule set, and in place of bodies', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void exercise(asBody<RuleSet>(json))));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (flags, segments) => {
        expect(exercise(asBody<RuleSet>({ ...makeRuleSet({}), flags, segments }))).toEqual(Object.keys(flags).sort());
      }),
    );
    for (const json of [undefined, null, {}, { format: 1 }, { format: 1, flags: [] }, { format: 2, flags: { f: {} } }])
      expect(exercise(asBody<RuleSet>(json))).toEqual([]);
  });
});
