import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import { bucketOf, hashValue } from './hash.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { Condition, RuleSet } from './rule-set.ts';
import { context, flagKey, nowMs, readableRuleSet } from './testing/arbitraries.ts';
import { flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { traceDisagreement } from './testing/trace-oracle.ts';

const TYPES = ['boolean', 'string', 'object'] as const;
const explainIn = (ruleSet: RuleSet, seen: EvaluationContext = {}) => explain(compile(ruleSet), 'f', 'boolean', seen, 0);

describe('explain', () => {
  it('gives the resolution of resolve, with steps that lead to it', () => {
    const endings = new Set<string>();
    fc.assert(
      fc.property(readableRuleSet, context, nowMs, flagKey, fc.constantFrom(...TYPES), (ruleSet, seen, now, key, type) => {
        const rules = compile(ruleSet);
        const trace = explain(rules, key, type, seen, now);
        expect(trace.resolution).toBe(resolve(rules, key, type, seen, now));
        expect(traceDisagreement(trace, ruleSet)).toBeUndefined();
        endings.add(trace.steps.at(-1)?.step ?? '');
      }),
      { numRuns: 500 },
    );
    // Otherwise the property would say little.
    for (const step of ['lookup', 'type', 'kill', 'broken', 'prerequisite', 'targets', 'rule', 'split', 'fallthrough'])
      expect(endings).toContain(step);
  });

  it('shows every part of a condition with the value seen', () => {
    const pro: Condition = { attribute: 'plan', op: 'equals', values: ['pro'] };
    const newer: Condition = { attribute: 'app.version', op: 'semver_gte', values: ['2.1.0'] };
    const { steps } = explainIn(makeRuleSet({ f: flagWhen({ all: [pro, { not: newer }] }) }), {
      plan: 'free',
      app: { version: '2.0.0' },
    });
    expect(steps[3]).toEqual({
      step: 'rule',
      id: 'r1',
      passed: false,
      condition: {
        condition: { all: [pro, { not: newer }] },
        passed: false,
        parts: [
          { condition: pro, passed: false, seen: 'free' },
          { condition: { not: newer }, passed: true, parts: [{ condition: newer, passed: false, seen: '2.0.0' }] },
        ],
      },
    });
  });

  it('shows unit, bucket and entry of a split', () => {
    const flag = makeFlag({
      fallthrough: {
        split: {
          by: 'targetingKey',
          salt: 's',
          hash: 2,
          weights: [
            ['on', 99_999, 'new'],
            ['off', 1],
          ],
        },
      },
    });
    const bucket = bucketOf('s', '7');
    expect(explainIn(makeRuleSet({ f: flag }), { targetingKey: 7 }).steps.slice(3)).toEqual(
      [
        { step: 'fallthrough' },
        { step: 'split', by: 'targetingKey', salt: 's', unit: '7', bucket, entry: ['on', 99_999, 'new'] },
      ].slice(0),
    );
    expect(explainIn(makeRuleSet({ f: flag })).steps.at(-1)).toMatchObject({
      step: 'split',
      unit: undefined,
      bucket: undefined,
      entry: undefined,
    });
  });

  it('shows which list of a segment decided, hashed or not', () => {
    const lists = { include: [hashValue('p', 'u1')], exclude: [hashValue('p', 'u2')], hashed: true, when: { all: [] } };
    const ruleSet = makeRuleSet({ f: flagWhen({ segment: 's' }) }, { s: makeSegment(lists) }, { hashing: { salt: 'p' } });
    const by = (targetingKey: string) => {
      const step = explainIn(ruleSet, { targetingKey }).steps[3];
      return step?.step === 'rule' ? [step.passed, step.condition.segment?.by] : undefined;
    };
    expect([by('u1'), by('u2'), by('u3')]).toEqual([
      [true, 'include'],
      [false, 'exclude'],
      [true, 'condition'],
    ]);
  });

  it('holds the whole trace of a prerequisite, and ends at the first that fails', () => {
    const prerequisites = [
      { flag: 'g', variants: ['on'] },
      { flag: 'h', variants: ['on'] },
      { flag: 'i', variants: ['on'] },
    ];
    const { steps } = explainIn(
      makeRuleSet({ f: makeFlag({ prerequisites }), g: makeFlag(), h: makeFlag({ on: false }), i: makeFlag() }),
    );
    const shown = steps.filter((step) => step.step === 'prerequisite');
    expect(shown.map(({ passed, trace }) => [passed, trace.flag, trace.steps.at(-1)])).toEqual([
      [true, 'g', { step: 'fallthrough' }],
      [false, 'h', { step: 'kill', on: false }],
    ]);
    expect(steps.at(-1)).toBe(shown.at(-1));
  });
});
