/**
 * The part of the rule language that people write: what an edit of a flag or segment may contain. The wire
 * form (packages/evaluator) is made from it on the server. Structure only; whether a whole rule set is sound
 * is decided by compiling the candidate.
 */
import { type Condition, OPERATORS, WEIGHT_SCALE } from '@yardarm/evaluator';
import { LIMITS } from '@yardarm/evaluator/limits';
import { z } from 'zod';
import { flagKey, ruleId, segmentKey, variantName } from './names.ts';

const unit = z.union([z.string().min(1).max(1_024), z.int()]);
const attribute = z.string().min(1).max(256);

const attributeCondition = z.strictObject({
  attribute,
  op: z.enum(OPERATORS),
  values: z
    .array(z.union([z.string().max(1_024), z.number(), z.boolean()]))
    .max(LIMITS.values)
    .optional(),
  ignoreCase: z.boolean().optional(),
  /** Read only: the server sets it on patterns that take quadratic time and replaces whatever a client sends back. */
  maxInput: z.int().optional(),
});

export const condition: z.ZodType<Condition> = z
  .lazy(() =>
    z.union([
      attributeCondition,
      z.strictObject({ all: z.array(condition).max(LIMITS.clauses) }),
      z.strictObject({ any: z.array(condition).max(LIMITS.clauses) }),
      z.strictObject({ not: condition }),
      z.strictObject({ segment: segmentKey }),
      z.strictObject({ now: z.enum(['before', 'after']), values: z.array(z.int()).length(1) }),
    ]),
  )
  .meta({ id: 'Condition' });

const weightEntry = z.union([
  z.tuple([variantName, z.int().min(0).max(WEIGHT_SCALE)]),
  z.tuple([variantName, z.int().min(0).max(WEIGHT_SCALE), z.string().max(128)]),
]);

/** A split as written: without `salt` it uses the flag's own. */
export const split = z.strictObject({
  by: attribute.default('targetingKey'),
  salt: z.string().min(1).max(128).optional(),
  hash: z.literal(2).default(2),
  weights: z
    .array(weightEntry)
    .min(1)
    .max(LIMITS.variants)
    .refine((weights) => weights.reduce((sum, [, weight]) => sum + weight, 0) === WEIGHT_SCALE, {
      message: `The weights of a split must sum to ${WEIGHT_SCALE} (100 %).`,
    }),
});

export const serve = z.union([z.strictObject({ variant: variantName }), z.strictObject({ split })]);
export type ServeInput = z.infer<typeof serve>;

export const rule = z.strictObject({ id: ruleId, when: condition, serve });
export const target = z.strictObject({ variant: variantName, keys: z.array(unit).max(LIMITS.segmentKeys) });
export const prerequisite = z.strictObject({ flag: flagKey, variants: z.array(variantName).min(1).max(LIMITS.variants) });

/** The environment's half of a flag, except for `on`, which has commands and a version of its own. */
export const flagConfiguration = z.strictObject({
  offVariant: variantName.nullable(),
  prerequisites: z.array(prerequisite).max(LIMITS.prerequisites),
  targets: z.array(target).max(LIMITS.variants),
  rules: z.array(rule).max(LIMITS.rules),
  fallthrough: serve.nullable(),
});
export type FlagConfigurationInput = z.infer<typeof flagConfiguration>;

export const segmentConfiguration = z.strictObject({
  include: z.array(unit).max(LIMITS.segmentKeys),
  exclude: z.array(unit).max(LIMITS.segmentKeys),
  when: condition.nullable(),
});
export type SegmentConfigurationInput = z.infer<typeof segmentConfiguration>;
