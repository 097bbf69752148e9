import { type Condition, compile } from '@yardarm/evaluator';
import { flagBody, ruleSetOf, segmentBody } from '@yardarm/sync/testing';
import { describe, expect, it } from 'vitest';
import { skipFinder } from './skipped-rules.ts';

const plan: Condition = { attribute: 'plan', op: 'equals', values: ['pro'] };
const email: Condition = { attribute: 'user.email', op: 'ends_with', values: ['@example.com'] };

/** The attributes for want of which the only rule of a flag was passed over. */
function missed(when: Condition, context = {}) {
  const flag = { ...flagBody({}), rules: [{ id: 'r1', when, serve: { variant: 'member' } }] };
  const segments = { staff: { ...segmentBody({}), when: email } };
  const rules = compile(ruleSetOf(1, { flags: { flag }, segments }));
  return skipFinder(() => 0)(rules, 'flag', 'string', context, 0);
}

describe('a rule is skipped for want of an attribute', () => {
  it.each<[string, Condition, object, string | undefined]>([
    ['which is absent', plan, {}, 'plan'],
    ['which is null', plan, { plan: null }, 'plan'],
    ['within all', { all: [email, plan] }, { user: { email: 'a@example.com' } }, 'plan'],
    ['within any', { any: [plan, email] }, {}, 'plan'],
    ['within a segment', { segment: 'staff' }, { targetingKey: 'user-9' }, 'user.email'],
    ['and not where it is there and differs', plan, { plan: 'free' }, undefined],
    ['and not where the rule matched', plan, { plan: 'pro' }, undefined],
    ['and not where the rule asks whether it is there', { attribute: 'plan', op: 'exists' }, {}, undefined],
    ['and not where its absence is what the rule is about', { not: plan }, { plan: 'pro' }, undefined],
  ])('%s', (_, when, context, attribute) => {
    expect(missed(when, context)).toEqual(attribute === undefined ? [] : [{ flag: 'flag', rule: 'r1', attribute }]);
  });
});

it('looking for them ends after ten milliseconds, until the next minute', () => {
  const flag = { ...flagBody({}), rules: [{ id: 'r1', when: plan, serve: { variant: 'member' } }] };
  const rules = compile(ruleSetOf(1, { flags: { flag } }));
  let nowMs = 0;
  const find = skipFinder(() => (nowMs += 3));
  const found = () => find(rules, 'flag', 'string', {}, 0).length;
  expect([found(), found(), found(), found(), found()]).toEqual([1, 1, 1, 1, 0]);
  nowMs += 60_000;
  expect(found()).toBe(1);
});
