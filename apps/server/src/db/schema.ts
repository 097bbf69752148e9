/**
 * Tables. Project-level halves (`flags`, `segments`) and environment-level halves (`flag_environments`,
 * `segment_environments`) are the editable state; `rule_objects` is what SDKs are served from, and
 * `change_sets`/`changes` are the append-only record of how both came about. All are written in one
 * transaction by changes/record-change.ts.
 */

import type { FlagConfigurationInput, ServeInput } from '@yardarm/contract';
import type { Condition, FlagValue, Unit } from '@yardarm/evaluator';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const id = () => uuid('id').primaryKey().default(sql`gen_random_uuid()`);
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const createdAt = () => at('created_at').notNull().default(sql`now()`);
const revisionColumn = (name: string) => bigint(name, { mode: 'number' });

export const projects = pgTable('projects', {
  id: id(),
  key: text('key').notNull().unique(),
  name: text('name').notNull(),
  createdAt: createdAt(),
});

export const environments = pgTable(
  'environments',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    key: text('key').notNull(),
    name: text('name').notNull(),
    position: integer('position').notNull(),
    protected: boolean('protected').notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [unique().on(table.projectId, table.key)],
);

/** Where each environment stands. Its row lock is what makes revisions gapless and in commit order. */
export const environmentHeads = pgTable('environment_heads', {
  environmentId: uuid('environment_id')
    .primaryKey()
    .references(() => environments.id),
  epoch: text('epoch').notNull(),
  revision: revisionColumn('revision').notNull(),
  committedAt: at('committed_at').notNull().default(sql`now()`),
});

export const flags = pgTable(
  'flags',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    key: text('key').notNull(),
    kind: text('kind', { enum: ['release', 'experiment', 'operational', 'permission'] }).notNull(),
    type: text('type', { enum: ['boolean', 'string', 'number', 'object'] }).notNull(),
    variants: jsonb('variants').$type<Record<string, FlagValue>>().notNull(),
    clientSide: boolean('client_side').notNull().default(false),
    description: text('description').notNull().default(''),
    owner: text('owner'),
    expiresOn: date('expires_on', { mode: 'string' }),
    tags: jsonb('tags').$type<string[]>().notNull().default([]),
    /** Used by every split that names none. Made once, kept by copies. */
    salt: text('salt').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: createdAt(),
  },
  (table) => [unique().on(table.projectId, table.key)],
);

export const flagEnvironments = pgTable(
  'flag_environments',
  {
    flagId: uuid('flag_id')
      .notNull()
      .references(() => flags.id),
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    on: boolean('on').notNull().default(false),
    offVariant: text('off_variant'),
    prerequisites: jsonb('prerequisites').$type<FlagConfigurationInput['prerequisites']>().notNull().default([]),
    targets: jsonb('targets').$type<FlagConfigurationInput['targets']>().notNull().default([]),
    rules: jsonb('rules').$type<FlagConfigurationInput['rules']>().notNull().default([]),
    fallthrough: jsonb('fallthrough').$type<ServeInput>(),
    /** Guards the configuration only: kill and unkill neither check nor move it. */
    version: integer('version').notNull().default(1),
    updatedAt: at('updated_at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.flagId, table.environmentId] }), index().on(table.environmentId)],
);

export const segments = pgTable(
  'segments',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    key: text('key').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: createdAt(),
  },
  (table) => [unique().on(table.projectId, table.key)],
);

export const segmentEnvironments = pgTable(
  'segment_environments',
  {
    segmentId: uuid('segment_id')
      .notNull()
      .references(() => segments.id),
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    include: jsonb('include').$type<Unit[]>().notNull().default([]),
    exclude: jsonb('exclude').$type<Unit[]>().notNull().default([]),
    when: jsonb('when').$type<Condition>(),
    version: integer('version').notNull().default(1),
  },
  (table) => [primaryKey({ columns: [table.segmentId, table.environmentId] }), index().on(table.environmentId)],
);

/** Every body an environment ever served, once, as canonical JSON text without revision and tag; null: removed. */
export const ruleObjects = pgTable(
  'rule_objects',
  {
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    revision: revisionColumn('revision').notNull(),
    kind: text('kind', { enum: ['flag', 'segment'] }).notNull(),
    key: text('key').notNull(),
    body: text('body'),
    /** 64-bit hash of `body`, 16 hex digits; of the empty text for a removal. */
    tag: text('tag').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.environmentId, table.revision, table.kind, table.key] }),
    index().on(table.environmentId, table.kind, table.key, table.revision),
  ],
);

/** One command, committed. Append-only: a trigger refuses update and delete. */
export const changeSets = pgTable(
  'change_sets',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    projectId: uuid('project_id').references(() => projects.id),
    command: text('command').notNull(),
    actorKind: text('actor_kind', { enum: ['person', 'token', 'system'] }).notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    requestId: text('request_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.projectId, table.id)],
);

/** One mutation of one entity inside a change set. Append-only as well. */
export const changes = pgTable(
  'changes',
  {
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .notNull()
      .references(() => changeSets.id),
    seq: integer('seq').notNull(),
    kind: text('kind', { enum: ['project', 'environment', 'flag', 'segment', 'key'] }).notNull(),
    key: text('key').notNull(),
    environmentId: uuid('environment_id').references(() => environments.id),
    /** The revision that made it visible; null where no rule set changed. */
    revision: revisionColumn('revision'),
    before: jsonb('before'),
    after: jsonb('after'),
  },
  (table) => [primaryKey({ columns: [table.changeSetId, table.seq] }), index().on(table.environmentId, table.revision)],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    actor: text('actor').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status').notNull(),
    response: jsonb('response').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.actor, table.key] })],
);

export const users = pgTable('users', {
  id: id(),
  name: text('name').notNull().unique(),
  createdAt: createdAt(),
});

/** One-time sign-in links, stored as SHA-256. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text('token_hash').primaryKey(),
  userId: uuid('user_id')
    .notNull()
    .references(() => users.id),
  expiresAt: at('expires_at').notNull(),
});

/** Server-side sessions of the admin UI; the cookie holds the secret, the table its SHA-256. */
export const sessions = pgTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  userId: uuid('user_id').references(() => users.id),
  apiTokenId: uuid('api_token_id').references(() => apiTokens.id),
  createdAt: createdAt(),
  lastSeenAt: at('last_seen_at').notNull().default(sql`now()`),
  expiresAt: at('expires_at').notNull(),
});

/** Credentials of persons and machines for the management API, stored as SHA-256. */
export const apiTokens = pgTable('api_tokens', {
  id: id(),
  name: text('name').notNull(),
  tokenHash: text('token_hash').notNull().unique(),
  createdAt: createdAt(),
  revokedAt: at('revoked_at'),
});

/** Credentials of SDKs, per environment, stored as SHA-256; the prefix is what people see. */
export const sdkKeys = pgTable(
  'sdk_keys',
  {
    id: id(),
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    kind: text('kind', { enum: ['server', 'client'] }).notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    keyHash: text('key_hash').notNull(),
    createdAt: createdAt(),
    revokedAt: at('revoked_at'),
  },
  (table) => [uniqueIndex().on(table.keyHash), index().on(table.environmentId)],
);
