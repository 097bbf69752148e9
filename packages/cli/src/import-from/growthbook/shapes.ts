/** What is read of GrowthBook's features. A member of a rule that is not listed may change what it serves, and is refused. */
import { z } from 'zod';

const share = z.number();
const range = z.tuple([share, share]);
const text = z.string().nullish();
const object = z.record(z.string(), z.json());

const parentCondition = z.strictObject({ id: z.string(), condition: object, gate: z.boolean().nullish() });
export type ParentCondition = z.infer<typeof parentCondition>;

const filter = z.strictObject({ attribute: text, seed: z.string(), hashVersion: z.int().nullish(), ranges: z.array(range) });

export const rule = z.strictObject({
  id: text,
  condition: object.nullish(),
  parentConditions: z.array(parentCondition).nullish(),
  force: z.json().optional(),
  coverage: share.nullish(),
  range: range.nullish(),
  variations: z.array(z.json()).nullish(),
  weights: z.array(share).nullish(),
  ranges: z.array(range).nullish(),
  namespace: z.tuple([z.string(), share, share]).nullish(),
  filters: z.array(filter).nullish(),
  meta: z.array(z.object({ passthrough: z.boolean().nullish() })).nullish(),
  key: text,
  seed: text,
  hashAttribute: text,
  hashVersion: z.int().nullish(),
  // Of reports and of sticky buckets, which the SDK keeps if the application gives it a place to.
  name: text,
  phase: text,
  tracks: z.array(z.unknown()).nullish(),
  fallbackAttribute: text,
  disableStickyBucketing: z.boolean().nullish(),
  bucketVersion: z.int().nullish(),
  minBucketVersion: z.int().nullish(),
});
export type Rule = z.infer<typeof rule>;

export const feature = z.object({ defaultValue: z.json().optional(), rules: z.array(rule).nullish() });
export type Feature = z.infer<typeof feature>;

export const sdkPayload = z.object({
  features: z.record(z.string(), z.unknown()),
  savedGroups: z.record(z.string(), z.array(z.json())).nullish(),
});

/** A feature of the management API, which gives what an environment's SDKs receive as JSON text. */
export const apiFeature = z.object({
  id: z.string(),
  description: text,
  owner: text,
  tags: z.array(z.string()).nullish(),
  archived: z.boolean().nullish(),
  environments: z.record(z.string(), z.object({ enabled: z.boolean(), definition: text })),
});
export const apiPayload = z.object({
  features: z.array(z.unknown()),
  total: z.number().optional().catch(undefined),
  hasMore: z.boolean().optional().catch(undefined),
});
