/**
 * The record of changes. All of it but the reviews is append-only, which triggers enforce; `audit_links` chains it by hashes,
 * one chain per project and one for the instance, so that a record that was rewritten all the same shows.
 */
import { ACTOR_KINDS, CHANGE_KINDS } from '@yardarm/contract';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { at, createdAt, id, revisionColumn } from './columns.ts';
import { environments, projects } from './schema.ts';

/** One command, committed. Append-only: a trigger refuses update and delete. */
export const changeSets = pgTable(
  'change_sets',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    projectId: uuid('project_id').references(() => projects.id),
    command: text('command').notNull(),
    actorKind: text('actor_kind', { enum: ACTOR_KINDS }).notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
    requestId: text('request_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.projectId, table.id),
    index().on(table.projectId, table.actor, table.id),
    index().on(table.projectId, table.command, table.id),
    index().on(table.requestId),
  ],
);

/** One mutation of one entity inside a change set. Append-only as well. */
export const changes = pgTable(
  'changes',
  {
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .notNull()
      .references(() => changeSets.id),
    seq: integer('seq').notNull(),
    kind: text('kind', { enum: CHANGE_KINDS }).notNull(),
    key: text('key').notNull(),
    environmentId: uuid('environment_id').references(() => environments.id),
    /** The revision that made it visible; null where no rule set changed. */
    revision: revisionColumn('revision'),
    before: jsonb('before'),
    after: jsonb('after'),
  },
  (table) => [
    primaryKey({ columns: [table.changeSetId, table.seq] }),
    index().on(table.environmentId, table.revision),
    index().on(table.environmentId, table.changeSetId),
    index().on(table.kind, table.key, table.changeSetId),
  ],
);

/** Which change set made a revision of an environment, and with it the bodies of that revision. Append-only. */
export const environmentRevisions = pgTable(
  'environment_revisions',
  {
    environmentId: uuid('environment_id')
      .notNull()
      .references(() => environments.id),
    revision: revisionColumn('revision').notNull(),
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .notNull()
      .references(() => changeSets.id),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.revision] }), index().on(table.changeSetId)],
);

/** A change set's place in its chain. Append-only. What each hash is of: audit/link-hash.ts. */
export const auditLinks = pgTable(
  'audit_links',
  {
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .primaryKey()
      .references(() => changeSets.id),
    /** Project id, or `instance`. */
    chain: text('chain').notNull(),
    /** 1, 2, 3, … within the chain, without gaps. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** `adopted`: the change set is older than the chain, which proves it from the adoption on only. */
    origin: text('origin', { enum: ['recorded', 'adopted'] })
      .notNull()
      .default('recorded'),
    /** SHA-256 in hex, as every hash here: of the change set's own row. */
    setHash: text('set_hash').notNull(),
    changesHash: text('changes_hash').notNull(),
    /** Of the revisions that it made and their bodies. */
    bodiesHash: text('bodies_hash').notNull(),
    /** Of all of the above and the previous link's hash. */
    hash: text('hash').notNull(),
  },
  (table) => [unique().on(table.chain, table.seq)],
);

/** A chain's hash at a moment, authenticated with the server's secret: proof against whoever rewrites a whole chain. Append-only. */
export const auditCheckpoints = pgTable(
  'audit_checkpoints',
  {
    chain: text('chain').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    hash: text('hash').notNull(),
    mac: text('mac').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.chain, table.seq] })],
);

/** A change that somebody should look at afterwards: a kill without a reason, break glass. */
export const reviews = pgTable(
  'reviews',
  {
    id: id(),
    /** Null: a change of the instance itself. */
    projectId: uuid('project_id').references(() => projects.id),
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .notNull()
      .references(() => changeSets.id),
    cause: text('cause', { enum: ['no_reason', 'break_glass'] }).notNull(),
    openedAt: at('opened_at').notNull(),
    closedAt: at('closed_at'),
    closedBy: text('closed_by'),
    note: text('note'),
  },
  (table) => [unique().on(table.changeSetId, table.cause), index().on(table.projectId, table.openedAt)],
);
