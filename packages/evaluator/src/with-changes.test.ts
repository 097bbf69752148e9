import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import type { CompiledRuleSet } from './compiled.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { BodyChange, FlagBody, RuleSet, SegmentBody } from './rule-set.ts';
import { anyRuleSet, context, nowMs } from './testing/arbitraries.ts';
import { flagWhen, makeFlag, makeRuleSet, makeSegment } from './testing/factories.ts';
import { withChanges } from './with-changes.ts';

const putFlag = (key: string, body: FlagBody | null, revision = 2): BodyChange => ({ kind: 'flag', key, revision, body });
const putSegment = (key: string, body: SegmentBody | null, revision = 2): BodyChange => ({
  kind: 'segment',
  key,
  revision,
  body,
});
const change = (rules: CompiledRuleSet, ...changes: readonly BodyChange[]) => withChanges(rules, { revision: 2, changes });
const valueIn = (rules: CompiledRuleSet, key: string, seen: EvaluationContext = {}) =>
  resolve(rules, key, 'boolean', seen, 0).value;
const OFF = makeFlag({ on: false });

/** Every change that leads from one rule set to the other. */
function changesBetween(from: RuleSet, to: RuleSet): readonly BodyChange[] {
  const keys = (table: object, other: object) => [...new Set([...Object.keys(table), ...Object.keys(other)])];
  const at = <Body>(table: { readonly [key: string]: Body }, key: string) =>
    Object.hasOwn(table, key) ? (table[key] ?? null) : null;
  return [
    ...keys(from.flags, to.flags).map((key) => putFlag(key, at(to.flags, key))),
    ...keys(from.segments, to.segments).map((key) => putSegment(key, at(to.segments, key))),
  ];
}

describe('withChanges', () => {
  it('adds, replaces and removes bodies, and moves the revision', () => {
    const before = compile(makeRuleSet({ a: makeFlag(), b: makeFlag() }));
    const after = change(before, putFlag('a', OFF), putFlag('b', null), putFlag('c', makeFlag()));
    expect(['a', 'b', 'c'].map((key) => valueIn(after, key))).toEqual([false, undefined, true]);
    expect(after.ruleSet).toEqual({ project: 'shop', environment: 'test', epoch: '1-a', revision: 2 });
  });

  it('leaves the version it started from as it was', () => {
    const before = compile(makeRuleSet({ a: makeFlag(), b: makeFlag() }));
    change(before, putFlag('a', OFF), putFlag('b', null), putFlag('c', makeFlag()));
    expect(['a', 'b', 'c'].map((key) => valueIn(before, key))).toEqual([true, true, undefined]);
    expect(before.ruleSet.revision).toBe(1);
  });

  it('keeps two versions made from the same one apart', () => {
    const base = compile(makeRuleSet({ a: makeFlag() }));
    const [left, right] = [change(base, putFlag('x', OFF)), change(base, putFlag('y', makeFlag()))];
    expect([valueIn(left, 'x'), valueIn(left, 'y')]).toEqual([false, undefined]);
    expect([valueIn(right, 'x'), valueIn(right, 'y')]).toEqual([undefined, true]);
  });

  it('lets unchanged flags see a changed segment or prerequisite', () => {
    const flags = {
      f: flagWhen({ segment: 's' }),
      g: makeFlag({ prerequisites: [{ flag: 'h', variants: ['on'] }] }),
      h: makeFlag(),
    };
    const before = compile(makeRuleSet(flags, { s: makeSegment() }));
    const after = change(before, putSegment('s', makeSegment({ include: ['u'] })), putFlag('h', OFF));
    const seen = { targetingKey: 'u' };
    expect([valueIn(before, 'f', seen), valueIn(after, 'f', seen)]).toEqual([false, true]);
    expect([valueIn(before, 'g'), valueIn(after, 'g')]).toEqual([true, false]);
  });

  it('breaks a flag when its segment goes, and mends it when the segment comes back', () => {
    const before = compile(makeRuleSet({ f: flagWhen({ segment: 's' }) }, { s: makeSegment() }));
    const without = change(before, putSegment('s', null));
    expect(resolve(without, 'f', 'boolean', {}, 0).errorCode).toBe('PARSE_ERROR');
    expect(without.issues.map(({ code }) => code)).toEqual(['unknown_segment']);
    const again = change(without, putSegment('s', makeSegment()));
    expect([valueIn(again, 'f'), again.issues]).toEqual([false, []]);
  });

  it('shares the resolutions of unchanged flags', () => {
    const before = compile(makeRuleSet({ a: makeFlag(), b: makeFlag() }));
    const after = change(before, putFlag('b', OFF));
    expect(resolve(after, 'a', 'boolean', {}, 0)).toBe(resolve(before, 'a', 'boolean', {}, 0));
  });

  it('takes a body that cannot be read for an issue', () => {
    const after = change(compile(makeRuleSet({ a: makeFlag() })), putFlag('a', makeFlag({ variants: {} })));
    expect(after.issues.map(({ kind, key, unreadable }) => ({ kind, key, unreadable }))).toContainEqual({
      kind: 'flag',
      key: 'a',
      unreadable: true,
    });
  });

  it('ends where compiling the new rule set ends, lazily or not', () => {
    const asked = fc.array(fc.tuple(context, nowMs), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(anyRuleSet, anyRuleSet, asked, fc.boolean(), (from, to, questions, lazy) => {
        const whole = compile({ ...to, revision: 2 });
        const changed = change(compile(from, { lazy }), ...changesBetween(from, to));
        const answers = (rules: CompiledRuleSet) =>
          questions.flatMap(([seen, now]) =>
            ['a', 'b', 'c', '__proto__', 'constructor'].flatMap((key) =>
              (['boolean', 'string', 'object'] as const).map((type) => resolve(rules, key, type, seen, now)),
            ),
          );
        expect(answers(changed)).toEqual(answers(whole));
        expect(new Set(changed.issues)).toEqual(new Set(whole.issues));
      }),
      { numRuns: 100 },
    );
  });
});

describe('compile with lazy', () => {
  it('reads a body only when it is asked for', () => {
    const read: string[] = [];
    const watched = (key: string) =>
      new Proxy(makeFlag(), {
        get: (body, member) => {
          if (member === 'type') read.push(key);
          return Reflect.get(body, member);
        },
      });
    const rules = compile(makeRuleSet({ a: watched('a'), b: watched('b') }), { lazy: true });
    expect(read).toEqual([]);
    resolve(rules, 'b', 'boolean', {}, 0);
    resolve(rules, 'b', 'boolean', {}, 0);
    expect(read).toEqual(['b']);
    expect(rules.issues).toEqual([]);
    expect(read).toEqual(['b', 'a']);
  });
});
