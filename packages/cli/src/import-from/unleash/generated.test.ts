/** Features that nobody thought of: whatever of them comes over gives what Unleash's own SDK gives. */
import { resolve } from '@yardarm/evaluator';
import fc from 'fast-check';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import { expect, it } from 'vitest';
import { plannedRules } from '../testing/planned-rules.ts';
import { unleashSource } from './unleash-source.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const list = (...values: readonly string[]) => fc.record({ values: fc.array(fc.constantFrom(...values), { maxLength: 3 }) });
const value = (...values: readonly string[]) => fc.record({ value: fc.constantFrom(...values) });
const TEXTS = list('NO', 'no', ' SE ', '', ' ', 'pro', '5', 'true');
const OPERATORS: Readonly<Record<string, fc.Arbitrary<object>>> = {
  IN: TEXTS,
  NOT_IN: TEXTS,
  STR_STARTS_WITH: list('n', 'N', 'p', '', 't'),
  STR_ENDS_WITH: list('o', 'O', 'e'),
  STR_CONTAINS: list('r', 'R', '', ' '),
  NUM_EQ: value('5', '0', '1.5', '-1'),
  NUM_LT: value('5', '0'),
  NUM_LTE: value('5', '-1'),
  NUM_GT: value('5', ' 0 '),
  NUM_GTE: value('1.5', '0'),
  SEMVER_EQ: value('1.2.3', '1.2.3-rc.1'),
  SEMVER_LT: value('1.2.4', '1.2.3-rc.2'),
  SEMVER_GT: value('1.2.3', '0.9.9'),
  DATE_AFTER: value('2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2025-12-31T23:59:59.999Z'),
  DATE_BEFORE: value('2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00Z'),
};
/** Fields by what they hold: texts of numbers compared as numbers are a listed difference. */
const fieldOf = (operator: string): fc.Arbitrary<string> => {
  if (operator.startsWith('DATE_')) return fc.constant('currentTime');
  if (operator.startsWith('NUM_')) return fc.constant('age');
  if (operator.startsWith('SEMVER_')) return fc.constant('version');
  return operator.startsWith('STR_')
    ? fc.constantFrom('plan', 'beta')
    : fc.constantFrom('userId', 'plan', 'plan', 'beta', 'age', 'remoteAddress');
};
const constraint = fc.constantFrom(...Object.keys(OPERATORS)).chain((operator) =>
  fc
    .tuple(fieldOf(operator), OPERATORS[operator] as fc.Arbitrary<object>, fc.boolean(), fc.boolean())
    .map(([contextName, operand, inverted, caseInsensitive]) => ({
      contextName,
      operator,
      inverted,
      caseInsensitive,
      ...operand,
    })),
);
const constraints = fc.array(constraint, { maxLength: 2 });
const rollout = fc.record({
  rollout: fc.constantFrom('100', '0', 100),
  stickiness: fc.constantFrom('default', 'userId', 'sessionId', 'plan'),
  groupId: fc.constant('g'),
});
const strategy = fc
  .tuple(
    fc.oneof(
      fc.record({ name: fc.constant('default'), parameters: fc.constant({}) }),
      fc.record({ name: fc.constant('userWithId'), parameters: fc.record({ userIds: fc.constantFrom('u1,u2', 'u3 , 5', '') }) }),
      fc.record({
        name: fc.constant('remoteAddress'),
        parameters: fc.record({ IPs: fc.constantFrom('10.0.0.1', '10.0.0.0/24, ::1', '') }),
      }),
      fc.record({ name: fc.constant('flexibleRollout'), parameters: rollout }),
      fc.record({
        name: fc.constantFrom('gradualRolloutUserId', 'gradualRolloutSessionId', 'gradualRolloutRandom'),
        parameters: fc.record({ percentage: fc.constantFrom('100', '0') }),
      }),
    ),
    fc.record({
      constraints,
      segments: fc.subarray([1, 2], { maxLength: 1 }),
    }),
  )
  .map(([one, more]) => ({ ...one, ...more }));
const variant = (name: string) => ({
  name,
  weight: name === 'a' ? 1_000 : 0,
  weightType: 'fix',
  stickiness: 'default',
  overrides: name === 'b' ? [{ contextName: 'plan', values: ['pro'] }] : [],
});
const feature = fc.record({
  enabled: fc.constantFrom(true, true, true, false),
  strategies: fc.array(strategy, { maxLength: 3 }),
  variants: fc.constantFrom([], [], [variant('a')], [variant('b'), variant('a')]),
  dependencies: fc.array(
    fc.record({ feature: fc.constantFrom('f0', 'f1', 'gone'), enabled: fc.constantFrom(true, true, false) }),
    { maxLength: 1 },
  ),
});
const context = fc.record(
  {
    targetingKey: fc.constantFrom('u1', 'u2', 'u3', '5', ''),
    sessionId: fc.constantFrom('s1', ''),
    remoteAddress: fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.0.7', '::1', 'nowhere'),
    plan: fc.constantFrom('NO', 'no', 'SE', ' SE ', 'pro', 'free', '', null, true),
    beta: fc.constantFrom('true', true, false, 'no', '', null),
    age: fc.constantFrom(5, 0, 1.5, -1, 18, '', 'old', null, true),
    version: fc.constantFrom('1.2.3', '1.2.4', '1.2.3-rc.1', '1.2.3+build', '0.9.9', '1.2', 'v1.2.4', 'latest', '', null, true),
  },
  { requiredKeys: [] },
);

it("gives what Unleash's own SDK gives, for generated features and contexts", async () => {
  let [compared, on] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(feature, { minLength: 40, maxLength: 40 }),
      fc.tuple(constraints, constraints),
      fc.array(context, { minLength: 25, maxLength: 25 }),
      async (all, parts, contexts) => {
        // The first two are asked for by the others.
        const features = all.map((one, index) => ({
          name: `f${index}`,
          ...one,
          ...(index < 2 && { dependencies: [], variants: [] }),
        }));
        const segments = parts.map((some, index) => ({ id: index + 1, name: `s${index}`, constraints: some }));
        const unleash = new Unleash({
          ...{
            appName: 'import',
            url: 'http://127.0.0.1:9/',
            refreshInterval: 0,
            disableMetrics: true,
            skipInstanceCountWarning: true,
          },
          ...{ storageProvider: new InMemStorageProvider(), bootstrap: { data: features as never, segments: segments as never } },
        });
        unleash.on('error', () => {});
        await new Promise<void>((ready) => unleash.once('ready', ready));
        const rules = plannedRules(
          unleashSource(JSON.stringify({ features, segments }), { file: 'features.json', nowMs: NOW_MS }),
        );
        try {
          for (const { name, variants } of features)
            for (const { targetingKey, sessionId, remoteAddress, ...properties } of contexts) {
              const type = variants.length > 0 ? 'string' : 'boolean';
              const given = { targetingKey, sessionId, remoteAddress, ...properties };
              const { value, errorCode } = resolve(rules, name, type, given as never, NOW_MS);
              if (errorCode === 'FLAG_NOT_FOUND') break;
              const asked = {
                userId: targetingKey,
                sessionId,
                remoteAddress,
                properties,
                currentTime: new Date(NOW_MS),
              } as never;
              const expected = type === 'boolean' ? unleash.isEnabled(name, asked) : unleash.getVariant(name, asked).name;
              compared++;
              if (expected !== false && expected !== 'disabled') on++;
              if (value !== expected)
                expect.fail(
                  `${JSON.stringify(features.find((one) => one.name === name))} with ${JSON.stringify(segments)} for ${JSON.stringify(given)}: ${JSON.stringify(value)}, and Unleash ${JSON.stringify(expected)}`,
                );
            }
        } finally {
          unleash.destroy();
        }
      },
    ),
    { numRuns: Number(process.env.IMPORT_RUNS ?? 8), endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(2_000);
  expect(on).toBeGreaterThan(compared / 10);
});
