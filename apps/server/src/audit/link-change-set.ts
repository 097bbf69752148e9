import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { INSTANCE_CHAIN } from './link-hash.ts';

/** Null: the instance's own chain. */
export function chainOf(projectId: string | null): string {
  return projectId ?? INSTANCE_CHAIN;
}

/**
 * Waits for whoever else writes to this chain, until the end of the transaction. Identity values are handed out before commit:
 * held until commit, this lock makes the ids of one project follow commit order, so that a reader at id 11 never meets id 10 later,
 * and gives every link one predecessor. Always the last lock to be taken.
 */
export async function lockChain(tx: Tx, chain: string): Promise<void> {
  await tx.execute(sql`select ${chainLock(chain)}`);
}

/** `lockChain` as a part of a statement. */
export function chainLock(chain: string): SQL {
  return sql`pg_advisory_xact_lock(hashtextextended(${chain}, 0))`;
}

/**
 * Id of the change set that this session inserted last: for statements that are sent behind that, before it is answered. The session is
 * the transaction's own.
 */
export const LAST_CHANGE_SET: SQL = sql`currval('change_sets_id_seq')`;

/** Appends a change set, all of whose rows other statements wrote, to its chain: a part of a statement. The caller holds the chain's lock. */
export function linkOf(chain: string, changeSetId: bigint | SQL, origin: 'recorded' | 'adopted'): SQL {
  return sql`link_change_set(${chain}, ${changeSetId}, ${origin})`;
}
