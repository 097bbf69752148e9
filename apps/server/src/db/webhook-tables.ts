/** Webhooks and their outbox: a delivery is written in the transaction of the change that it tells of. */
import { bigint, boolean, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { changeSets } from './audit-tables.ts';
import { at, createdAt, id } from './columns.ts';
import { projects } from './schema.ts';

export const webhooks = pgTable(
  'webhooks',
  {
    id: id(),
    projectId: uuid('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    url: text('url').notNull(),
    format: text('format', { enum: ['generic', 'slack'] }).notNull(),
    /** Key of the signature, encrypted with the server's secret. */
    secret: text('secret').notNull(),
    /** Commands it is told of, for example `flag.kill`; empty: all. */
    commands: jsonb('commands').$type<string[]>().notNull().default([]),
    /** Keys of environments it is told of; empty: all. */
    environments: jsonb('environments').$type<string[]>().notNull().default([]),
    /** Owners whose digests it is told of; empty: all. */
    owners: jsonb('owners').$type<string[]>().notNull().default([]),
    enabled: boolean('enabled').notNull().default(true),
    failures: integer('failures').notNull().default(0),
    /** The breaker: nothing is sent before. */
    pausedUntil: at('paused_until'),
    version: integer('version').notNull().default(1),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.projectId)],
);

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    webhookId: uuid('webhook_id')
      .notNull()
      .references(() => webhooks.id),
    changeSetId: bigint('change_set_id', { mode: 'bigint' })
      .notNull()
      .references(() => changeSets.id),
    attempts: integer('attempts').notNull().default(0),
    /** Null: delivered or given up. */
    dueAt: at('due_at'),
    deliveredAt: at('delivered_at'),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.dueAt), index().on(table.webhookId, table.id)],
);
