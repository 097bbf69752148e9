import type { Condition } from '@yardarm/evaluator';
import { describe, expect, test } from 'vitest';
import { conditionSentence, editSentence, serveSentence, shorten, toText } from './rule-sentence.ts';

const sentence = (condition: Condition) => toText(conditionSentence(condition));

describe('conditionSentence', () => {
  test('names attribute, operator and values', () => {
    expect(sentence({ attribute: 'plan', op: 'in', values: ['pro', 'team'] })).toBe('plan is one of "pro", "team"');
    expect(sentence({ attribute: 'age', op: 'gte', values: [18] })).toBe('age is at least 18');
  });

  test('puts the rest of an operator after its value', () => {
    expect(sentence({ attribute: 'app.version', op: 'semver_gte', values: ['2.1.0'] })).toBe(
      'app.version is version "2.1.0" or newer',
    );
  });

  test('needs no value where the operator takes none', () => {
    expect(sentence({ attribute: 'email', op: 'exists' })).toBe('email is present');
  });

  test('says that case is ignored', () => {
    expect(sentence({ attribute: 'email', op: 'ends_with', values: ['@a.b'], ignoreCase: true })).toBe(
      'email ends with "@a.b" (ignoring case)',
    );
  });

  test('sets a group inside another in brackets, and only there', () => {
    const plan: Condition = { attribute: 'plan', op: 'equals', values: ['pro'] };
    expect(sentence({ all: [{ segment: 'beta' }, { any: [plan, { not: { segment: 'staff' } }] }] })).toBe(
      'in segment beta and (plan is "pro" or not in segment staff)',
    );
    expect(sentence({ all: [{ any: [plan] }] })).toBe('plan is "pro"');
  });

  test('an empty all is always true, an empty any never', () => {
    expect(sentence({ all: [] })).toBe('always');
    expect(sentence({ any: [] })).toBe('never');
  });

  test('negates a whole group', () => {
    expect(sentence({ not: { all: [{ segment: 'a' }, { segment: 'b' }] } })).toBe('not (in segment a and in segment b)');
  });

  test('shortens long lists of values', () => {
    const values = Array.from({ length: 12 }, (_, index) => index);
    expect(sentence({ attribute: 'n', op: 'in', values })).toBe('n is one of 0, 1, 2, 3, 4 and 7 more');
  });
});

describe('shorten', () => {
  test('never says "1 more": the value itself takes no more room', () => {
    expect(shorten([1, 2, 3], 2)).toEqual({ shown: [1, 2, 3], more: 0 });
    expect(shorten([1, 2, 3, 4], 2)).toEqual({ shown: [1, 2], more: 2 });
  });
});

describe('serveSentence', () => {
  test('names the variant, the shares or the code default', () => {
    expect(toText(serveSentence({ variant: 'on' }))).toBe('on');
    expect(toText(serveSentence(null))).toBe('the code default');
  });

  test('leaves out shares of nothing and names a unit that is not the targeting key', () => {
    const split = {
      by: 'account',
      hash: 2 as const,
      weights: [
        ['a', 50_000],
        ['b', 0],
        ['c', 25_000],
        ['d', 25_000],
      ] as [string, number][],
    };
    expect(toText(serveSentence({ split }))).toBe('50\u00a0% a, 25\u00a0% c and 25\u00a0% d by account');
  });
});

describe('editSentence', () => {
  const at = (weight: number) => ({
    split: {
      by: 'targetingKey',
      hash: 2 as const,
      weights: [
        ['on', weight],
        ['off', 100_000 - weight],
      ] as [string, number][],
    },
  });

  test('tells a percentage that moves by its two numbers, anything else by before and after', () => {
    expect(toText(editSentence(at(25_000), at(40_000)))).toBe('on from 25\u00a0% to 40\u00a0%');
    expect(toText(editSentence({ variant: 'off' }, at(40_000)))).toBe('off becomes 40\u00a0% on and 60\u00a0% off');
  });
});
