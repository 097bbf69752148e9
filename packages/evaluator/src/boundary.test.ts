import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBoundary } from './boundary.ts';
import { compile } from './compile.ts';
import { resolve } from './resolve.ts';
import type { Condition } from './rule-set.ts';
import { anyRuleSet, context, flagKey, nowMs } from './testing/arbitraries.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { withChanges } from './with-changes.ts';

const at = (instantMs: number): Condition => ({ now: 'after', values: [instantMs] });

describe('nextBoundary', () => {
  it('is the earliest instant after now, over flags and segments, at any depth', () => {
    const flags = { f: flagWhen({ all: [{ not: { any: [at(3_000)] } }, at(5_000)] }), g: makeFlag() };
    const rules = compile(makeRuleSet(flags, { s: makeSegment({ when: at(4_000) }) }));
    expect([0, 2_999, 3_000, 4_000, 5_000].map((now) => nextBoundary(rules, now))).toEqual([
      3_000,
      3_000,
      4_000,
      5_000,
      undefined,
    ]);
  });

  it('is undefined without time rules', () => {
    expect(nextBoundary(compile(makeRuleSet({ f: makeFlag() })), 0)).toBeUndefined();
  });

  it('follows changes', () => {
    const before = compile(makeRuleSet({ f: flagWhen(at(3_000)) }));
    const after = withChanges(before, {
      revision: 2,
      changes: [{ kind: 'flag', key: 'f', revision: 2, body: flagWhen(at(9_000)) }],
    });
    expect([nextBoundary(before, 0), nextBoundary(after, 0)]).toEqual([3_000, 9_000]);
  });

  it('takes no notice of what cannot be read', () => {
    const nonsense = [{ now: 'after', values: ['x'] }, { now: 'after' }, null, { all: [7, { any: 'x' }] }].map((when) =>
      flagWhen(asBody(when)),
    );
    expect(nextBoundary(compile(makeRuleSet(Object.fromEntries(nonsense.entries()))), 0)).toBeUndefined();
  });

  it('leaves no instant before it at which an answer changes', () => {
    fc.assert(
      fc.property(anyRuleSet, context, nowMs, flagKey, fc.nat(5_000), (ruleSet, seen, now, key, laterMs) => {
        const rules = compile(ruleSet);
        const limit = nextBoundary(rules, now) ?? Number.POSITIVE_INFINITY;
        const later = Math.min(now + laterMs, limit - 1);
        for (const type of ['boolean', 'string', 'object'] as const) {
          expect(resolve(rules, key, type, seen, later)).toBe(resolve(rules, key, type, seen, now));
        }
      }),
      { numRuns: 200 },
    );
  });
});
