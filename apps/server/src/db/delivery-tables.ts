/** What servers tell each other about the readers that are connected to them. */
import { index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/**
 * Receipts as one server counts them, of the newest revision that it knows. Unlogged (see the migration): a crash of the
 * database empties it, and every server writes its rows anew within seconds. Refers to no environment, so that no write waits for one.
 */
export const replicaReceipts = pgTable(
  'replica_receipts',
  {
    environmentId: uuid('environment_id').notNull(),
    /** Made anew by each start of a server. */
    replica: uuid('replica').notNull(),
    /** See delivery/receipts.ts; of another format, when the other server is of another version. */
    receipts: jsonb('receipts').notNull(),
    /** A row that is not written again is of a server that is no more. */
    heardAt: at('heard_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.replica] })],
);

/**
 * Who is connected to one server, by name and in groups. Unlogged (see the migration): a crash of the database empties it, and every
 * server writes its rows anew within seconds. Refers to no environment, so that no write waits for one.
 */
export const replicaFleets = pgTable(
  'replica_fleets',
  {
    environmentId: uuid('environment_id').notNull(),
    /** Made anew by each start of a server. */
    replica: uuid('replica').notNull(),
    /** See delivery/fleet.ts; of another format, when the other server is of another version. */
    fleet: jsonb('fleet').notNull(),
    heardAt: at('heard_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.replica] })],
);

/** How long changes took to arrive: receipts by the steps of a histogram. All servers add to the same rows. */
export const convergence = pgTable(
  'convergence',
  {
    environmentId: uuid('environment_id').notNull(),
    keyKind: text('key_kind').notNull(),
    /** Empty: it does not say; of the first hundred names, else `other`. */
    app: text('app').notNull(),
    /** Begin of five minutes. */
    slotAt: at('slot_at').notNull(),
    /** See delivery/convergence.ts. */
    counts: integer('counts').array().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.environmentId, table.keyKind, table.app, table.slotAt] }),
    index('convergence_slot').on(table.slotAt),
  ],
);
