/**
 * Tables of projects and what they hold; people and credentials are in identity-tables.ts, the record of changes in
 * audit-tables.ts. Project-level halves (`flags`, `segments`) and environment-level halves (`flag_environments`,
 * `segment_environments`) are the editable state; `rule_objects` is what SDKs are served from, and
 * `change_sets`/`changes` are the append-only record of how both came about. All are written in one
 * transaction by changes/record-change.ts.
 */

import {
  ATTRIBUTE_TYPES,
  DEFAULT_WINDOWS,
  ENVIRONMENT_COLORS,
  type FlagConfigurationInput,
  type ServeInput,
} from '@yardarm/contract';
import type { Condition, FlagValue, Unit } from '@yardarm/evaluator';
import { sql } from 'drizzle-orm';
import { boolean, date, index, integer, jsonb, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { at, createdAt, id, revisionColumn } from './columns.ts';

/** One row: which instance this database holds, kept by its backups. What a server keeps on disk of another one is not used. */
export const instance = pgTable('instance', {
  single: boolean('single').primaryKey().default(true),
  id: uuid('id').notNull().defaultRandom(),
});

export const projects = pgTable('projects', {
  id: id(),
  key: text('key').notNull().unique(),
  name: text('name').notNull(),
  /** Given to a temporary flag that names no expiry of its own. */
  defaultExpiryDays: integer('default_expiry_days').notNull().default(90),
  /** Windows of hygiene. */
  expiringDays: integer('expiring_days').notNull().default(DEFAULT_WINDOWS.expiringDays),
  notEvaluatedDays: integer('not_evaluated_days').notNull().default(DEFAULT_WINDOWS.notEvaluatedDays),
  oneValueDays: integer('one_value_days').notNull().default(DEFAULT_WINDOWS.oneValueDays),
  codeGoneDays: integer('code_gone_days').notNull().default(DEFAULT_WINDOWS.codeGoneDays),
  version: integer('version').notNull().default(1),
  createdAt: createdAt(),
});

/** What a project says about the contexts that its applications pass. */
export const contextAttributes = pgTable(
  'context_attributes',
  {
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    /** Dotted path into the context. */
    name: text('name').notNull(),
    type: text('type', { enum: ATTRIBUTE_TYPES }).notNull(),
    /** Values compared with it leave the server hashed, or not at all. */
    sensitive: boolean('sensitive').notNull().default(false),
    description: text('description').notNull().default(''),
    version: integer('version').notNull().default(1),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.name] })],
);

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
    color: text('color', { enum: ENVIRONMENT_COLORS }).notNull().default('gray'),
    /** Changes need a reason and the permission to release; a kill needs neither. */
    protected: boolean('protected').notNull().default(false),
    version: integer('version').notNull().default(1),
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
  committedAt: at('committed_at').notNull().defaultNow(),
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
    links: jsonb('links').$type<{ title: string; url: string }[]>().notNull().default([]),
    /** What lists are searched in. Stored, since to lower the case of 5 000 descriptions takes longer than all else in a page. */
    search: text('search').generatedAlwaysAs(
      sql`lower(key || E'\\n' || description || E'\\n' || coalesce(owner, '') || E'\\n' || translate(tags::text, '[]"', ''))`,
    ),
    /** Used by every split that names none. Made once, kept by copies. */
    salt: text('salt').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: createdAt(),
    /** Archived: in no rule set. The row stays, so that its key is never used again. */
    archivedAt: at('archived_at'),
    /** The last day on which nobody is told of it, and why; both or neither. */
    snoozedUntil: date('snoozed_until', { mode: 'string' }),
    snoozeReason: text('snooze_reason'),
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
    updatedAt: at('updated_at').notNull().defaultNow(),
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
    /** Origins from which browsers may use a client key; empty: any. */
    allowedOrigins: jsonb('allowed_origins').$type<string[]>().notNull().default([]),
    createdAt: createdAt(),
    /** End of a key that another one replaces; null: none is set. */
    expiresAt: at('expires_at'),
    lastUsedAt: at('last_used_at'),
    revokedAt: at('revoked_at'),
  },
  (table) => [uniqueIndex().on(table.keyHash), index().on(table.environmentId)],
);
