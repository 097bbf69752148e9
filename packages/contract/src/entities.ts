/** What the management API answers: one schema per resource, times as RFC 3339 text. */
import { LIMITS } from '@yardarm/evaluator/limits';
import { z } from 'zod';
import { jsonValue } from './json-value.ts';
import { LIFECYCLES } from './lifecycle.ts';
import { attributeName, day, environmentKey, flagKey, projectKey, segmentKey, teamKey, variantName, version } from './names.ts';
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
  'review',
  'access',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];
/** Whose hand a change is: `agent` is software that decides by itself, `system` the server on its configuration. */
export const ACTOR_KINDS = ['person', 'token', 'agent', 'system'] as const;
/** Each includes those before it. */
export const ROLES = ['viewer', 'editor', 'releaser', 'admin'] as const;
export type Role = (typeof ROLES)[number];
/** Whose hand an API token is: `agent` is software that decides by itself, `break_glass` may kill and nothing else. */
export const TOKEN_KINDS = ['personal', 'machine', 'agent', 'break_glass'] as const;
export const FLAG_TYPES = ['boolean', 'string', 'number', 'object'] as const;
export const ATTRIBUTE_TYPES = ['string', 'number', 'boolean', 'date', 'version', 'address'] as const;
/** Names, not values: what they look like is up to whoever shows them, in light and dark. */
export const ENVIRONMENT_COLORS = ['gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'] as const;
export type EnvironmentColor = (typeof ENVIRONMENT_COLORS)[number];

const jsonObject = z.record(z.string(), jsonValue);
const fitsVariant = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length <= LIMITS.variantBytes;
export const variantValue = z
  .union([z.boolean(), z.string(), z.number(), jsonObject])
  .refine(fitsVariant, `A variant's value may take ${LIMITS.variantBytes} bytes of JSON at most.`);
export const variants = z
  .record(variantName, variantValue)
  .refine((all) => Object.keys(all).length >= 1, 'A flag needs at least one variant.')
  .refine((all) => Object.keys(all).length <= LIMITS.variants, `A flag may have ${LIMITS.variants} variants at most.`);

const isWebAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
/** Where to read on. Only http and https: a link is something that people click on. */
const flagLink = z.strictObject({
  title: z.string().trim().min(1).max(200),
  url: z.string().max(2_000).refine(isWebAddress, 'A link is an address that starts with https:// or http://.'),
});
export const flagLinks = z.array(flagLink).max(20);

const days = z.int().min(1).max(365);
/** See `HygieneWindows`. */
export const hygieneWindows = z.object({
  expiringDays: days,
  notEvaluatedDays: days,
  oneValueDays: days,
  codeGoneDays: days,
});

/** Until then nobody is told of the flag; its lifecycle stays what it is. */
export const snooze = z.object({
  /** The last day of it. */
  until: day,
  reason: z.string(),
});
export type Snooze = z.infer<typeof snooze>;

export const project = z
  .object({
    key: projectKey,
    name: z.string(),
    defaultExpiryDays: z.int(),
    /** When flags count as expiring, unused or stale, in days. */
    hygiene: hygieneWindows,
    version,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof project>;

/** What a project says about one attribute of the contexts that its applications pass. */
export const contextAttribute = z.object({
  name: attributeName,
  type: z.enum(ATTRIBUTE_TYPES),
  sensitive: z.boolean(),
  description: z.string(),
  version,
});
export type ContextAttribute = z.infer<typeof contextAttribute>;

export const environment = z
  .object({
    key: environmentKey,
    name: z.string(),
    position: z.int(),
    color: z.enum(ENVIRONMENT_COLORS),
    /** Every change of what it serves but a kill needs a reason, and the right to release. */
    protected: z.boolean(),
    version,
    epoch: z.string(),
    revision: z.int(),
  })
  .meta({ id: 'Environment' });
export type Environment = z.infer<typeof environment>;

/** A flag in one environment. `version` guards edits of the configuration; kill and unkill ignore it. */
export const flagEnvironment = flagConfiguration
  .extend({
    environment: environmentKey,
    on: z.boolean(),
    version,
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'FlagEnvironment' });
export type FlagEnvironment = z.infer<typeof flagEnvironment>;

export const flag = z
  .object({
    key: flagKey,
    kind: z.enum(FLAG_KINDS),
    type: z.enum(FLAG_TYPES),
    description: z.string(),
    variants,
    clientSide: z.boolean(),
    /** Of every split that names none: who is in which share hangs on it, so that it never changes. */
    salt: z.string(),
    owner: z.string().nullable(),
    /** The team that `owner` names by its key; null when it names a person, or nobody whom this server knows. */
    ownerTeam: z.object({ key: teamKey, name: z.string() }).nullable(),
    /** The day after which the flag should be gone; passing it changes no value. */
    expiresOn: day.nullable(),
    tags: z.array(z.string()),
    links: flagLinks,
    /** By its expiry as of now, by evidence (`stale`, `ready_to_remove`) as of the last assessment. */
    lifecycle: z.enum(LIFECYCLES),
    snooze: snooze.nullable(),
    version,
    createdAt: z.iso.datetime(),
    /** Archived: in no rule set until it is unarchived. */
    archivedAt: z.iso.datetime().nullable(),
    environments: z.array(flagEnvironment),
  })
  .meta({ id: 'Flag' });
export type Flag = z.infer<typeof flag>;

export const segment = z
  .object({
    key: segmentKey,
    name: z.string(),
    version,
    environments: z.array(segmentConfiguration.extend({ environment: environmentKey, version })),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof segment>;

/** A segment alone, with the flags that use it and where. */
export const segmentWithUses = segment.extend({
  usedBy: z.array(z.object({ flag: flagKey, environment: environmentKey })),
});
export type SegmentWithUses = z.infer<typeof segmentWithUses>;

export const team = z
  .object({
    key: teamKey,
    name: z.string(),
    /** Names of users, in order. */
    members: z.array(z.string()),
    version,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Team' });
export type Team = z.infer<typeof team>;

/** A credential of an SDK. `secret` is answered once, when the key is made. */
export const sdkKey = z
  .object({
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
  })
  .meta({ id: 'SdkKey' });
export type SdkKey = z.infer<typeof sdkKey>;

/** One committed mutation of one entity. */
export const change = z
  .object({
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
    /** Of the request that made it; the same stands in the server's log. */
    requestId: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof change>;

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

/** Answer of a kill of several flags: those that were on, and those that were off already, at `revision`. */
export const killedFlags = z.object({
  environment: environmentKey,
  killed: z.array(flagKey),
  alreadyOff: z.array(flagKey),
  revision: z.int(),
});
export type KilledFlags = z.infer<typeof killedFlags>;

/** Answer of an edit of several flags at once: each of them is in one of the three lists. */
export const editedFlags = z
  .object({
    changed: z.array(flagKey),
    /** As asked for already. */
    unchanged: z.array(flagKey),
    /** Left as they were, each for its own reason; the others were edited nevertheless. */
    refused: z.array(z.object({ flag: flagKey, code: z.string(), message: z.string() })),
  })
  .meta({ id: 'EditedFlags' });
export type EditedFlags = z.infer<typeof editedFlags>;
