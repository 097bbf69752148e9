/** What servers tell each other about the readers that are connected to them. */
import { jsonb, pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
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
