/** Reads and writes checkpoints. Their time is a text of six digits, because the MAC is over it. */
import type { Checkpoint } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { checkpointMac } from './checkpoint.ts';
import { INSTANCE_CHAIN } from './link-hash.ts';

export interface CheckpointDependencies {
  readonly db: Database;
  /** Of `checkpointKey`. */
  readonly key: Buffer;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** How much of a chain a checkpoint may lag behind: what is cut off after the last one leaves no trace. */
export interface CheckpointLag {
  readonly links: number;
  readonly ageMs: number;
}

/** Writes a checkpoint of every chain that has got further than `lag` allows. Resolves with how many. */
export async function writeCheckpoints({ db, key, now }: CheckpointDependencies, lag: CheckpointLag): Promise<number> {
  const nowMs = now();
  const at = new Date(nowMs).toISOString().replace('Z', '000Z');
  const heads = await db.execute<{ chain: string; seq: string; hash: string }>(sql`
    select chains.chain, head.seq, head.hash
    from (select ${INSTANCE_CHAIN} as chain union all select id::text from projects) chains
    cross join lateral (
      select seq, hash from audit_links l where l.chain = chains.chain order by seq desc limit 1
    ) head
    left join lateral (
      select seq, created_at from audit_checkpoints c where c.chain = chains.chain order by seq desc limit 1
    ) newest on true
    where newest.seq is null
      or head.seq >= newest.seq + ${lag.links}
      or (head.seq > newest.seq and newest.created_at <= ${new Date(nowMs - lag.ageMs).toISOString()}::timestamptz)`);
  for (const head of heads) {
    const checkpoint = { chain: head.chain, seq: Number(head.seq), hash: head.hash, at };
    await db.execute(sql`
      insert into audit_checkpoints (chain, seq, hash, mac, created_at)
      values (${head.chain}, ${checkpoint.seq}, ${head.hash}, ${checkpointMac(key, checkpoint)}, ${at}::timestamptz)
      on conflict do nothing`);
  }
  return heads.length;
}

export interface CheckpointPage {
  readonly limit: number;
  readonly after: { readonly chain: string; readonly seq: number };
}

/** Ordered by chain, then place in it. */
export function readCheckpoints(db: Database | Tx, { limit, after }: CheckpointPage): Promise<Checkpoint[]> {
  return select(db, sql`(chain, seq) > (${after.chain}, ${after.seq})`, sql`limit ${limit}`);
}

/** The one that was written last, of any chain; undefined where there is none yet. */
export async function readNewestCheckpoint(db: Database): Promise<Checkpoint | undefined> {
  const [newest] = await db.execute<{ chain: string; seq: string }>(sql`
    select chain, seq from audit_checkpoints order by created_at desc, seq desc limit 1`);
  if (newest === undefined) return undefined;
  const [checkpoint] = await select(db, sql`chain = ${newest.chain} and seq = ${newest.seq}::bigint`, sql``);
  return checkpoint;
}

/** All of a chain: one for every hundred change sets or hour, so few that they fit in memory for decades. */
export function readChainCheckpoints(db: Database | Tx, chain: string): Promise<Checkpoint[]> {
  return select(db, sql`chain = ${chain}`, sql``);
}

async function select(db: Database | Tx, where: ReturnType<typeof sql>, limit: ReturnType<typeof sql>): Promise<Checkpoint[]> {
  const rows = await db.execute<{ chain: string; seq: string; hash: string; mac: string; at: string }>(sql`
    select chain, seq, hash, mac, coalesce(to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') as at
    from audit_checkpoints where ${where} order by chain, seq ${limit}`);
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}
