/** What the management API answers: one schema per resource, times as RFC 3339 text. */
import { LIMITS } from '@yardarm/evaluator/limits';
import { z } from 'zod';
import { day, environmentKey, flagKey, projectKey, segmentKey, variantName, version } from './names.ts';
import { flagConfiguration, segmentConfiguration } from './rules.ts';

export const FLAG_KINDS = ['release', 'experiment', 'operational', 'permission'] as const;
/** What a change can be about. */
export const CHANGE_KINDS = [
  'project',
  'attribute',
  'environment',
  'flag',
  'segment',
  'key',
  'webhook',
  'team',
  'user',
  'grant',
  'token',
  'instance',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
/** Whose hand a change is: `agent` is software that decides by itself, `system` the server on its configuration. */
export const ACTOR_KINDS = ['person', 'token', 'agent', 'system'] as const;
/** Each includes those before it. */
export const ROLES = ['viewer', 'editor', 'releaser', 'admin'] as const;
export type Role = (typeof ROLES)[number];
export const FLAG_TYPES = ['boolean', 'string', 'number', 'object'] as const;

const jsonObject = z.record(z.string(), z.json());
const fitsVariant = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length <= LIMITS.variantBytes;
export const variantValue = z
  .union([z.boolean(), z.string(), z.number(), jsonObject])
  .refine(fitsVariant, `A variant's value may take ${LIMITS.variantBytes} bytes of JSON at most.`);
export const variants = z
  .record(variantName, variantValue)
  .refine((all) => Object.keys(all).length >= 1, 'A flag needs at least one variant.')
  .refine((all) => Object.keys(all).length <= LIMITS.variants, `A flag may have ${LIMITS.variants} variants at most.`);

export const project = z.object({ key: projectKey, name: z.string(), createdAt: z.iso.datetime() });
export type Project = z.infer<typeof project>;

export const environment = z.object({
  key: environmentKey,
  name: z.string(),
  position: z.int(),
  protected: z.boolean(),
  epoch: z.string(),
  revision: z.int(),
});
export type Environment = z.infer<typeof environment>;

/** A flag in one environment. `version` guards edits of the configuration; kill and unkill ignore it. */
export const flagEnvironment = flagConfiguration.extend({
  environment: environmentKey,
  on: z.boolean(),
  version,
  updatedAt: z.iso.datetime(),
});
export type FlagEnvironment = z.infer<typeof flagEnvironment>;

export const flag = z.object({
  key: flagKey,
  kind: z.enum(FLAG_KINDS),
  type: z.enum(FLAG_TYPES),
  description: z.string(),
  variants,
  clientSide: z.boolean(),
  owner: z.string().nullable(),
  /** The day after which the flag should be gone; passing it changes no value. */
  expiresOn: day.nullable(),
  tags: z.array(z.string()),
  version,
  createdAt: z.iso.datetime(),
  environments: z.array(flagEnvironment),
});
export type Flag = z.infer<typeof flag>;

export const segment = z.object({
  key: segmentKey,
  name: z.string(),
  version,
  environments: z.array(segmentConfiguration.extend({ environment: environmentKey, version })),
});
export type Segment = z.infer<typeof segment>;

/** A credential of an SDK. `secret` is answered once, when the key is made. */
export const sdkKey = z.object({
  id: z.uuid(),
  environment: environmentKey,
  kind: z.enum(['server', 'client']),
  name: z.string(),
  prefix: z.string(),
  /** Origins of the pages that may use a client key; empty: any. */
  allowedOrigins: z.array(z.string()),
  createdAt: z.iso.datetime(),
  /** When a key that was replaced ends. */
  expiresAt: z.iso.datetime().nullable(),
  /** Off by a minute at most while the key is in use; null: never used. */
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  secret: z.string().optional(),
});
export type SdkKey = z.infer<typeof sdkKey>;

/** One committed mutation of one entity. */
export const change = z.object({
  id: z.string(),
  /** The command that made it, for example `flag.kill`. */
  command: z.string(),
  kind: z.enum(CHANGE_KINDS),
  key: z.string(),
  environment: environmentKey.nullable(),
  revision: z.int().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
  reason: z.string().nullable(),
  at: z.iso.datetime(),
});
export type Change = z.infer<typeof change>;

/** How far the newest revision of an environment has got. Server-key and client-key instances count apart. */
export const receiptCounts = z.object({
  connected: z.int(),
  applied: z.int(),
  pending: z.int(),
  rejected: z.int(),
  /** Commit to receipt of the slowest instance that has applied the newest revision; null before the first. */
  slowestMs: z.number().nullable(),
});
export const receipts = z.object({
  environment: environmentKey,
  revision: z.int(),
  committedAt: z.iso.datetime(),
  server: receiptCounts,
  client: receiptCounts,
});
export type Receipts = z.infer<typeof receipts>;

export const session = z.object({
  actor: z.object({ kind: z.enum(['person', 'token', 'agent']), name: z.string() }),
  expiresAt: z.iso.datetime().nullable(),
});
export type Session = z.infer<typeof session>;

/** `token`: a one-time sign-in token, or an API token. */
export const signInInput = z.strictObject({ token: z.string().min(1).max(512) });

/** One notification of `GET /projects/{project}/stream`: refetch what it names. */
export const notification = z.object({
  kind: z.enum(CHANGE_KINDS),
  key: z.string(),
  environment: environmentKey.nullable(),
  revision: z.int().nullable(),
  actor: z.string(),
});
export type Notification = z.infer<typeof notification>;

/** Every list: a page of items, and the cursor of the next page (null on the last). */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** Answer of kill, unkill and an edit: the flag in that environment, and the revision at which it stands so. */
export const committedFlag = z.object({ flag: flagEnvironment, revision: z.int() });
export type CommittedFlag = z.infer<typeof committedFlag>;
