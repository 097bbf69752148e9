/** The rows in which servers tell each other their receipts. */
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { replicaReceipts } from '../db/delivery-tables.ts';
import { toDatabaseError } from '../http/sqlstate.ts';
import { RECEIPTS_FORMAT, type ReplicaReceipts } from './receipts.ts';

export interface WrittenRow {
  readonly environmentId: string;
  readonly receipts: ReplicaReceipts;
}

export interface ReadRow {
  readonly environmentId: string;
  /** Null: of a server of another version, which this build cannot read. */
  readonly receipts: ReplicaReceipts | null;
  /** Since it was written, by the database's clock. */
  readonly ageMs: number;
}

export interface ReceiptStore {
  /** Puts the rows of this server in place of its older ones, and drops rows of others that are older than `dropMs`. Rejects with the first failure; what other rows say is written. */
  write(rows: readonly WrittenRow[], dropMs: number): Promise<void>;
  /** Rows of other servers. */
  readOthers(environmentIds: readonly string[]): Promise<readonly ReadRow[]>;
  /** Drops the rows of this server. */
  forget(): Promise<void>;
}

/** @param replica identity of this server, made anew by each start */
export function createReceiptStore(db: Database, replica: string): ReceiptStore {
  const write: ReceiptStore['write'] = async (rows, dropMs) => {
    try {
      await db.execute(sql`
        with dropped as (
          delete from replica_receipts where (environment_id, replica) in (
            select environment_id, replica from replica_receipts
            where heard_at < clock_timestamp() - make_interval(secs => ${dropMs / 1_000}) and replica <> ${replica}
            for update skip locked))
        insert into replica_receipts (environment_id, replica, receipts, heard_at)
        select (row ->> 'environmentId')::uuid, ${replica}, row -> 'receipts', clock_timestamp()
        from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) as row
        on conflict (environment_id, replica) do update set receipts = excluded.receipts, heard_at = excluded.heard_at`);
    } catch (error) {
      if (rows.length < 2 || toDatabaseError(error)?.code !== 'validation_failed') throw error;
      // What one environment's readers say must not cost the receipts of the others.
      const failures: unknown[] = [];
      for (const row of rows) await write([row], dropMs).catch((failure: unknown) => failures.push(failure));
      throw failures[0] ?? error;
    }
  };
  return {
    write,
    readOthers: async (environmentIds) => {
      if (environmentIds.length === 0) return [];
      const rows = await db.execute<{ environment_id: string; receipts: ReplicaReceipts; age_ms: number }>(sql`
        select environment_id, receipts, (extract(epoch from clock_timestamp() - heard_at) * 1000)::float8 as age_ms
        from replica_receipts where environment_id in ${environmentIds} and replica <> ${replica}`);
      return rows.map(({ environment_id, receipts, age_ms }) => ({
        environmentId: environment_id,
        receipts: receipts.format === RECEIPTS_FORMAT ? receipts : null,
        ageMs: age_ms,
      }));
    },
    forget: async () => {
      await db.delete(replicaReceipts).where(sql`replica = ${replica}`);
    },
  };
}
