import { LIMITS } from '@yardarm/evaluator/limits';
import { describe, expect, it } from 'vitest';
import { MAX_FLAGS, parseRuleSet, parseServerMessage } from './parse.ts';
import { applyDelta, loadRuleSet } from './store.ts';
import { deltaOf, flagBody, ruleSetOf } from './testing/model.ts';
import { red } from './testing/replica-run.ts';

const rules = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `r${index}`,
    when: { attribute: 'a', op: 'exists' },
    serve: { variant: 'v' },
  })) as unknown as NonNullable<ReturnType<typeof flagBody>['rules']>;
const withRules = (count: number, revision = 6) =>
  ruleSetOf(revision, { flags: { a: { ...flagBody({ value: 'green', revision }), rules: rules(count) } } });
const many = (count: number, revision = 9) => {
  const body = flagBody({ value: 'x', revision });
  return ruleSetOf(revision, { flags: Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, body])) });
};

describe('a reader takes twice what may be written', () => {
  it('in a rule set, and refuses the rest by name', () => {
    expect(parseRuleSet(JSON.stringify(withRules(2 * LIMITS.rules)))).toMatchObject({ revision: 6 });
    expect(parseRuleSet(JSON.stringify(withRules(2 * LIMITS.rules + 1)))).toMatchObject({
      type: 'invalid',
      problem: "rule set in which flag 'a' exceeds the limit of rules; the rule set was refused whole",
    });
    expect(parseRuleSet(JSON.stringify(many(MAX_FLAGS)))).toMatchObject({ revision: 9 });
    expect(parseRuleSet(JSON.stringify(many(MAX_FLAGS + 1)))).toMatchObject({ type: 'invalid' });
  });

  it('in a delta, whose kills count all the same (I6)', () => {
    const delta = { ...deltaOf(red, withRules(2 * LIMITS.rules + 1)), kill: [{ key: 'a', offVariant: 'v', revision: 6 }] };
    expect(parseServerMessage(JSON.stringify(delta))).toMatchObject({
      type: 'invalid',
      problem: "delta in which flag 'a' exceeds the limit of rules",
      kills: { kill: delta.kill },
    });
    expect(parseServerMessage(JSON.stringify(deltaOf(red, withRules(2 * LIMITS.rules))))).toMatchObject({ type: 'delta' });
  });

  it('in bytes, before the text is parsed', () => {
    const text = `"${'x'.repeat(33 * 1_024 * 1_024)}"`;
    expect(parseServerMessage(text)).toMatchObject({ type: 'invalid' });
  });

  it('counting what a delta leads to: too many flags are a gap, and what was held stays', () => {
    const full = many(MAX_FLAGS);
    const held = loadRuleSet(full, null).store;
    const delta = deltaOf(full, { ...many(MAX_FLAGS + 1), revision: 10 });
    expect(applyDelta(held, delta)).toMatchObject({ outcome: 'gap', flagsChanged: [] });
  });
});
