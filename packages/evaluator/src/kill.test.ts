import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { resolve } from './resolve.ts';
import { type Condition, type FlagBody, OPERATORS } from './rule-set.ts';
import { anyRuleSet, context, nowMs } from './testing/arbitraries.ts';
import { asBody, flagWhen, makeFlag, makeRuleSet } from './testing/factories.ts';

const killed = { variant: 'off', value: false, reason: 'DISABLED' };

describe('the kill switch', () => {
  it('works whatever the rest of the body is, for any JSON, readable or not', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        fc.jsonValue(),
        context,
        nowMs,
        (rest, a, b, seen, now) => {
          const parts = { rules: a, fallthrough: b, targets: b, prerequisites: a, requires: ['time-travel'] };
          const { type, variants, offVariant } = makeFlag();
          const body = asBody<FlagBody>({ ...rest, ...parts, type, variants, offVariant, on: false, metadata: {} });
          for (const lazy of [true, false])
            expect(resolve(compile(makeRuleSet({ f: body }), { lazy }), 'f', 'boolean', seen, now)).toMatchObject(killed);
        },
      ),
    );
  });

  it('works on every flag of any rule set that is switched off, for every rule there is', () => {
    fc.assert(
      fc.property(anyRuleSet, context, nowMs, (ruleSet, seen, now) => {
        const flags = Object.fromEntries(Object.entries(ruleSet.flags).map(([key, body]) => [key, { ...body, on: false }]));
        const rules = compile({ ...ruleSet, flags });
        for (const [key, { type }] of Object.entries(flags)) expect(resolve(rules, key, type, seen, now).reason).toBe('DISABLED');
      }),
    );
  });

  it.each(OPERATORS)('works on a rule with %s, sound or broken', (op) => {
    const values = [['a'], [7], ['1.0.0'], ['10.0.0.0/8'], ['2027-01-31T12:00:00Z'], ['('], [], undefined];
    for (const list of values) {
      const body = flagWhen({ not: { attribute: 'a', op, values: list } } as unknown as Condition);
      expect(resolve(compile(makeRuleSet({ f: { ...body, on: false } })), 'f', 'boolean', { a: 'a' }, 0)).toMatchObject(killed);
    }
  });
});

describe('a rule set that went over the wire', () => {
  it('compiles to the same issues and answers after a JSON round trip', () => {
    fc.assert(
      fc.property(anyRuleSet, context, nowMs, (ruleSet, seen, now) => {
        const [before, after] = [compile(ruleSet), compile(JSON.parse(JSON.stringify(ruleSet)))];
        expect(after.issues).toEqual(before.issues);
        for (const [key, { type }] of Object.entries(ruleSet.flags))
          expect(resolve(after, key, type, seen, now)).toEqual(resolve(before, key, type, seen, now));
      }),
    );
  });
});

describe('texts of a megabyte', () => {
  it('are taken by every operator, and by splits and targets, without throwing', () => {
    const long = 'x'.repeat(1_048_576);
    for (const op of OPERATORS) {
      for (const values of [['x'], [7], ['1.0.0'], ['10.0.0.0/8'], ['2027-01-31T12:00:00Z'], undefined]) {
        const body = flagWhen({ attribute: 'a', op, values } as unknown as Condition);
        for (const a of [long, [long]]) resolve(compile(makeRuleSet({ f: body })), 'f', 'boolean', { a }, 0);
      }
    }
    const split = {
      by: 'targetingKey',
      salt: 's',
      hash: 2,
      weights: [
        ['on', 50_000],
        ['off', 50_000],
      ],
    } as const;
    const f = makeFlag({ targets: [{ variant: 'off', keys: [long] }], fallthrough: { split } });
    const rules = compile(makeRuleSet({ f }));
    expect(resolve(rules, 'f', 'boolean', { targetingKey: long }, 0)).toMatchObject({
      variant: 'off',
      reason: 'TARGETING_MATCH',
    });
    expect(resolve(rules, 'f', 'boolean', { targetingKey: `${long}y` }, 0).reason).toBe('SPLIT');
  });
});
