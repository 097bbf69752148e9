import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBoundary } from './boundary.ts';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import type { EvaluationContext, Resolution } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { Condition, FlagBody, FlagType, RuleSet, SegmentBody } from './rule-set.ts';
import { anyRuleSet, context, nowMs } from './testing/arbitraries.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { validate } from './validate.ts';

const TYPES: readonly FlagType[] = ['boolean', 'string', 'number', 'object'];

/** Asks for every flag in every type, in every way there is. Throws if any of them does. */
function exercise(ruleSet: RuleSet, seen: EvaluationContext, now = 1_000): readonly Resolution[] {
  const outcomes: Resolution[] = [];
  const keys = [...Object.keys(Object(Object(ruleSet).flags)), 'missing', '__proto__', 'toString'];
  for (const lazy of [true, false]) {
    const rules = compile(ruleSet, { lazy });
    for (const key of keys) {
      for (const type of TYPES) {
        outcomes.push(resolve(rules, key, type, seen, now));
        expect(explain(rules, key, type, seen, now).resolution).toBe(outcomes.at(-1));
      }
    }
    nextBoundary(rules, now);
    for (const { path } of rules.issues) expect(typeof path).toBe('string');
  }
  for (const { message } of validate(ruleSet)) expect(message).toMatch(/^[A-Z'].*\.$/s);
  return outcomes;
}

/** JSON that throws where it is turned into a text or a number. */
const INCONVERTIBLE = { toString: 1, valueOf: 1 };

/** Replaces one random part of some JSON by other JSON. */
const damage = (json: unknown) =>
  fc
    .tuple(fc.infiniteStream(fc.nat(20)), fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(INCONVERTIBLE)))
    .map(([choices, replacement]) => {
      const replace = (part: unknown, depth: number): unknown => {
        const pick = choices.next().value as number;
        if (typeof part !== 'object' || part === null || (depth > 2 && pick < 4)) return replacement;
        const names = Object.keys(part);
        const name = names[pick % Math.max(1, names.length)];
        if (name === undefined) return replacement;
        if (Array.isArray(part)) return part.map((value, index) => (String(index) === name ? replace(value, depth + 1) : value));
        return Object.fromEntries(
          Object.entries(part).map(([key, value]) => [key, key === name ? replace(value, depth + 1) : value]),
        );
      };
      return replace(json, 0) as RuleSet;
    });

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let json: unknown = { any: [] };
  for (let level = 0; level < depth; level++) json = wrap(json);
  return json;
}

// Minutes where many processes share the cores; the timeout only ends a hang.
describe('evaluation is total', () => {
  it('for any JSON in place of a rule set', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void exercise(asBody<RuleSet>(json), {})));
    for (const json of [undefined, { format: 1 }, { format: 1, flags: [], segments: 7, hashing: null }])
      exercise(asBody<RuleSet>(json), {});
  });

  it('for objects that cannot be turned into texts or numbers', () => {
    const split = { by: 'targetingKey', salt: 's', hash: 2, weights: [['on', 100_000]] };
    for (const part of [
      { fallthrough: { split: { ...split, by: INCONVERTIBLE } } },
      { fallthrough: { split: { ...split, salt: INCONVERTIBLE } } },
      { fallthrough: { split: { ...split, weights: [['on', INCONVERTIBLE]] } } },
      { prerequisites: [{ flag: INCONVERTIBLE, variants: ['on'] }] },
    ]) {
      const outcomes = exercise(makeRuleSet({ f: asBody<FlagBody>({ ...makeFlag(), ...part }) }), { targetingKey: 'u' });
      expect(outcomes[0]?.errorCode).toBe('PARSE_ERROR');
    }
  });

  it('for any JSON in place of bodies', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (flag, segment) => {
        exercise(
          makeRuleSet({ f: asBody<FlagBody>(flag), g: flagWhen({ segment: 's' }) }, { s: asBody<SegmentBody>(segment) }),
          {},
        );
      }),
    );
  });

  it('for rule sets with any one part replaced', () => {
    const damaged = fc.tuple(anyRuleSet.chain(damage), context, nowMs);
    fc.assert(
      fc.property(damaged, ([ruleSet, seen, now]) => void exercise(ruleSet, seen, now)),
      { numRuns: 250 },
    );
  });

  it('for a prerequisite that lists something other than the name of a variant', () => {
    const flag = {
      type: 'boolean',
      variants: { on: true },
      on: true,
      offVariant: null,
      fallthrough: null,
      revision: 1,
      tag: '0',
    };
    const flags = { a: { ...flag, prerequisites: [{ flag: 'b', variants: ['on', INCONVERTIBLE] }] }, b: flag };
    const ruleSet = { format: 1, project: 'p', environment: 'e', epoch: '1-a', revision: 1, flags, segments: {} };
    exercise(ruleSet as unknown as RuleSet, {});
  });

  it('for any value as a context', () => {
    const seen = fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true, withTypedArray: true });
    fc.assert(
      fc.property(anyRuleSet, seen, (ruleSet, value) => void exercise(ruleSet, value as EvaluationContext)),
      { numRuns: 150 },
    );
  });

  it('and deterministic: the same arguments give the same resolution, in any order of questions', () => {
    fc.assert(
      fc.property(anyRuleSet, context, nowMs, (ruleSet, seen, now) => {
        const forth = TYPES.map((type) => resolve(compile(ruleSet), 'a', type, seen, now));
        const rules = compile(ruleSet, { lazy: true });
        for (const key of ['c', 'b']) resolve(rules, key, 'boolean', {}, 0);
        expect(
          TYPES.toReversed()
            .map((type) => resolve(rules, 'a', type, seen, now))
            .reverse(),
        ).toEqual(forth);
      }),
    );
  });

  it('for JSON nested deeper than the stack', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const bodies = [
      flagWhen(asBody<Condition>(nested(50_000, (not) => ({ not })))),
      flagWhen(asBody<Condition>(nested(50_000, (inner) => ({ all: [inner] })))),
      makeFlag({ type: 'object', variants: { v: { deep } }, offVariant: null, fallthrough: { variant: 'v' } }),
      makeFlag({ metadata: deep }),
      asBody<FlagBody>({ ...makeFlag(), unknown: deep }),
    ];
    const outcomes = exercise(
      makeRuleSet(Object.fromEntries(bodies.entries()), { s: makeSegment({ when: bodies[0]?.rules?.[0]?.when ?? null }) }),
      {},
    );
    expect(outcomes.filter(({ variant }) => variant === 'on').length).toBe(4);
  });

  it('for contexts that throw, run in circles, or lie', () => {
    const trap = () => {
      throw new Error('trap');
    };
    const circle: { [attribute: string]: unknown } = { targetingKey: 'u' };
    circle.plan = circle;
    circle.app = [circle];
    const proxy = new Proxy({}, { get: trap, has: trap, getOwnPropertyDescriptor: trap, ownKeys: trap });
    const getters = {
      get targetingKey() {
        return trap();
      },
      get plan() {
        return trap();
      },
      get app() {
        return trap();
      },
    };
    class LyingDate extends Date {
      override getTime(): number {
        throw new Error('lie');
      }
    }
    const date = new LyingDate(0);
    const contexts = [
      circle,
      proxy,
      getters,
      { plan: date, app: { version: date } },
      { plan: [date] },
      Object.create(null),
      { plan: proxy, app: proxy },
    ];
    fc.assert(
      fc.property(
        anyRuleSet,
        fc.nat(contexts.length - 1),
        (ruleSet, index) => void exercise(ruleSet, contexts[index] as EvaluationContext),
      ),
      { numRuns: 150 },
    );
  });
});
