/** Definitions that nobody thought of: whatever of them comes over gives what flagd gives. */
import { FlagdCore } from '@openfeature/flagd-core';
import { compile, resolve } from '@yardarm/evaluator';
import { validate } from '@yardarm/evaluator/validate';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ANY_ENVIRONMENT, type ImportedConfiguration } from '../imported.ts';
import { ruleSetOf } from '../rule-set-of.ts';
import { flagdSource } from './flagd-source.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const NOW_S = NOW_MS / 1_000;
const VALUES = ['pro', 'free', '', 0, 1, -1, 5, '5', '1', '0', true, false, null] as const;

type Json = { readonly [operation: string]: unknown };
const attribute = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Json>(...['a', 'b', 'c', 'user.plan'].map((path) => ({ var: path }))) },
  fc.constantFrom<Json>({ var: ['a'] }, { var: '$flagd.flagKey' }, { var: ['b', 'pro'] }, { var: ['c', 5] }),
);
/** Not `c`, which holds numbers as texts: their order is a listed difference. */
const ordered = fc.constantFrom<Json>({ var: 'a' }, { var: ['b'] }, { var: ['b', 5] }, { var: 'user.plan' });
const constant = fc.constantFrom(...VALUES);
const either = (one: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) => fc.oneof(fc.tuple(one, other), fc.tuple(other, one));
const operation = (names: readonly string[], args: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(fc.constantFrom(...names), args).map(([name, list]) => ({ [name]: list }));
const number = fc.constantFrom(-1, 0, 0.5, 1, 5, 18);
const versions = ['1.2.0', '1.2.3', '1.3.0-rc.1', 'v1.2', '2', '0.0.0', '1.2.0+b.1'];

const { condition, outcome } = fc.letrec<{ condition: unknown; outcome: unknown }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    attribute,
    operation(['==', '!=', '===', '!=='], either(attribute, constant)),
    operation(['<', '<=', '>', '>='], either(ordered, number)),
    operation(['<', '<='], fc.tuple(number, ordered, number)),
    operation(
      ['<', '<=', '>', '>=', '=='],
      fc.tuple(fc.constant({ var: '$flagd.timestamp' }), fc.integer({ min: NOW_S - 2, max: NOW_S + 2 })),
    ),
    operation(['in'], fc.tuple(attribute, fc.array(constant, { maxLength: 3 }))),
    operation(['in'], fc.tuple(fc.constantFrom('p', 'pro', '', 'flag'), attribute)),
    operation(['starts_with', 'ends_with'], fc.tuple(attribute, fc.constantFrom('p', 'o', '', 'pro'))),
    operation(
      ['sem_ver'],
      fc.tuple(
        fc.constant({ var: 'version' }),
        fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '^', '~'),
        fc.constantFrom(...versions),
      ),
    ),
    operation(['and', 'or'], fc.array(tie('condition'), { maxLength: 3 })),
    operation(
      ['!', '!!'],
      fc.oneof(
        tie('condition'),
        tie('condition').map((one) => [one]),
      ),
    ),
    fc.constantFrom(true, false, { $ref: 'one' }, { $ref: 'two' }),
  ),
  outcome: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('x', 'y', 'true', true, false, null),
    operation(
      ['if', '?:'],
      fc
        .array(fc.tuple(tie('condition'), tie('outcome')), { minLength: 1, maxLength: 2 })
        .chain((branches) => tie('outcome').map((last) => [...branches.flat(), last])),
    ),
    operation(['if'], fc.tuple(tie('condition'), tie('outcome'))),
    fc
      .tuple(
        fc.constantFrom('s:', 't:'),
        fc.array(fc.tuple(fc.constantFrom('x', 'y', 'false'), fc.constantFrom(1, 10, 25)), { minLength: 1, maxLength: 3 }),
      )
      .map(([salt, shares]) => ({ fractional: [{ cat: [salt, { var: 'targetingKey' }] }, ...shares] })),
    tie('condition'),
  ),
}));

const held = fc.constantFrom('pro', 'free', '', 0, 1, -1, 5, 0.5, 18, true, false, null, 'production');
const asText = fc.constantFrom(...VALUES);
const context = fc.record(
  {
    ...{
      targetingKey: fc.constantFrom('u1', 'u2', 'u3', 'someone@example.com', '42'),
      a: held,
      b: held.filter((value) => value !== null),
      c: asText.filter((value) => value !== null),
    },
    version: fc.constantFrom(...versions, '1.2', '2.0.0-0', '1.3.0', '0.0.0-0', 'latest', '', null, true),
    user: fc.constantFrom({ plan: 'pro' }, {}, { plan: 5 }, 'pro', null),
  },
  { requiredKeys: ['targetingKey'] },
);

it('gives what flagd gives, in both of its engines, for generated definitions and contexts', () => {
  const systemNow = Date.now;
  const silent = { error() {}, warn() {}, info() {}, debug() {} };
  let [compared, chosen] = [0, 0];
  fc.assert(
    fc.property(
      outcome,
      condition,
      fc.constantFrom('x', 'false', null),
      fc.array(context, { minLength: 8, maxLength: 8 }),
      (targeting, evaluator, defaultVariant, contexts) => {
        fc.pre(typeof targeting === 'object' && targeting !== null);
        const flag = { state: 'ENABLED', variants: { x: 'X', y: 'Y', true: 'T', false: 'F' }, defaultVariant, targeting };
        const text = JSON.stringify({ $evaluators: { two: { '!': [{ $ref: 'one' }] }, one: evaluator }, flags: { flag } });
        const imported = flagdSource(text, { file: 'flags.json', nowMs: NOW_MS });
        const [made] = imported.flags;
        if (made === undefined) return;
        const configuration = made.environments[ANY_ENVIRONMENT] as ImportedConfiguration;
        const ruleSet = ruleSetOf([{ ...made, configuration }], []);
        // What has too many parts is left out by the plan.
        if (validate(ruleSet).some(({ code }) => code === 'limit')) return;
        expect(validate(ruleSet)).toEqual([]);
        const rules = compile(ruleSet);
        const engines = [false, true].map((disableDynamicCodeGeneration) => {
          const core = new FlagdCore(undefined, silent, { disableDynamicCodeGeneration });
          core.setConfigurations(text);
          return core;
        });
        for (const one of contexts) {
          Date.now = () => NOW_MS;
          const [answer, interpreted] = engines.map((core) => core.resolve('string', 'flag', 'code', one as never));
          Date.now = systemNow;
          if ([answer, interpreted].some((each) => each?.errorMessage?.startsWith('Error evaluating targeting rule'))) continue;
          if (answer === undefined || answer.variant !== interpreted?.variant) continue;
          compared++;
          if (answer.variant !== undefined) chosen++;
          const ours = resolve(rules, 'flag', 'string', one as never, NOW_MS).value ?? 'code';
          if (ours !== answer.value)
            expect.fail(`${text} for ${JSON.stringify(one)}: ${JSON.stringify(ours)}, and flagd ${JSON.stringify(answer)}`);
        }
      },
    ),
    { numRuns: Number(process.env.IMPORT_RUNS ?? 500) },
  );
  expect(compared).toBeGreaterThan(1_000);
  expect(chosen).toBeGreaterThan(compared / 4);
});
