import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve } from './resolve.ts';
import { flagWhen, makeFlag, makeRuleSet } from './testing/factories.ts';

describe('ownContext', () => {
  it('reads own attributes only, whatever some code has given to all objects', () => {
    const ruleSet = makeRuleSet({
      f: flagWhen({ attribute: 'plan', op: 'equals', values: ['gold'] }),
      g: makeFlag({ targets: [{ variant: 'on', keys: ['u'] }], fallthrough: { variant: 'off' } }),
    });
    const contexts: unknown[] = [{}, Object.create(null), [], null, undefined, 'text', Object.freeze({ other: 1 }), new Map()];
    const before = compile(ruleSet);
    const inherited = { plan: 'gold', targetingKey: 'u' };
    try {
      Object.assign(Object.prototype, inherited);
      for (const rules of [before, compile(ruleSet)])
        for (const context of contexts)
          for (const key of ['f', 'g'])
            expect(resolve(rules, key, 'boolean', context as EvaluationContext, 0)).toMatchObject({
              value: false,
              variant: 'off',
            });
    } finally {
      for (const name of Object.keys(inherited)) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});
