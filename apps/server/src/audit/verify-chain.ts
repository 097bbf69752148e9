/**
 * Recomputes one chain from the rows that it speaks of, oldest link first, and names the first place where the two disagree.
 * Reads a page at a time, so that memory does not grow with the history; the caller's transaction is one snapshot.
 */
import type { AuditFinding } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { linkHash, recordHashes } from './link-hash.ts';

export interface ChainProof {
  readonly links: number;
  /** How many of them were made of change sets older than the chain. */
  readonly adopted: number;
  /** Hash of the last link that fits; empty for none. */
  readonly head: string;
  /** Null: every link fits. */
  readonly finding: AuditFinding | null;
}

/** What is held against a chain while it is recomputed; see hold-checkpoints.ts. A finding ends the verification. */
export interface LinkWitness {
  /** Called for every link that fits, in order. */
  readonly see: (link: { readonly seq: number; readonly hash: string; readonly changeSetId: string }) => AuditFinding | null;
  readonly end: (lastSeq: number) => AuditFinding | null;
}

export interface VerifyOptions {
  readonly witness: LinkWitness;
  /** Called after every page with the links verified so far; may throw to give up. */
  readonly onPage: (links: number) => void;
}

const PAGE_LINKS = 500;

/** Hashes of a page of bodies of 256 KiB take longer than a statement may otherwise. */
const STATEMENT_TIMEOUT_MS = 120_000;

export async function verifyChain(tx: Tx, chain: string, { witness, onPage }: VerifyOptions): Promise<ChainProof> {
  await tx.execute(sql`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`);
  let last: Last = { seq: 0, hash: '', changeSetId: 0n };
  let adopted = 0;
  const proof = (finding: AuditFinding | null): ChainProof => ({ links: last.seq, adopted, head: last.hash, finding });
  for (;;) {
    const page = await readPage(tx, chain, last.seq);
    for (const [index, row] of page.entries()) {
      const misfit = check(chain, row, last, page[index + 1]);
      if (misfit !== null) return proof(misfit);
      last = row;
      if (row.origin === 'adopted') adopted += 1;
      const contradiction = witness.see({ seq: row.seq, hash: row.hash, changeSetId: String(row.changeSetId) });
      if (contradiction !== null) return proof(contradiction);
    }
    onPage(last.seq);
    if (page.length < PAGE_LINKS) return proof(witness.end(last.seq));
  }
}

interface Last {
  readonly seq: number;
  readonly hash: string;
  readonly changeSetId: bigint;
}

interface LinkRow extends Last {
  readonly origin: string;
  readonly setHash: string;
  readonly changesHash: string;
  readonly bodiesHash: string;
  /** Computed from the record; null where the change set has no row. */
  readonly record: { readonly setHash: string | null; readonly changesHash: string; readonly bodiesHash: string };
}

async function readPage(tx: Tx, chain: string, after: number): Promise<LinkRow[]> {
  const rows = await tx.execute<{ [column: string]: string | null } & { seq: string }>(sql`
    select l.seq, l.change_set_id, l.origin, l.hash, l.set_hash as link_set, l.changes_hash as link_changes, l.bodies_hash as link_bodies,
      record.*
    from (select * from audit_links where chain = ${chain} and seq > ${after} order by seq limit ${PAGE_LINKS}) l
    cross join lateral (select ${recordHashes(sql`l.change_set_id`)}) record
    order by l.seq`);
  return rows.map((row) => ({
    seq: Number(row.seq),
    hash: row.hash as string,
    changeSetId: BigInt(row.change_set_id as string),
    origin: row.origin as string,
    setHash: row.link_set as string,
    changesHash: row.link_changes as string,
    bodiesHash: row.link_bodies as string,
    record: {
      setHash: row.set_hash ?? null,
      changesHash: row.changes_hash as string,
      bodiesHash: row.bodies_hash as string,
    },
  }));
}

function check(chain: string, row: LinkRow, last: Last, next: LinkRow | undefined): AuditFinding | null {
  const expected = last.seq + 1;
  const found = (cause: AuditFinding['cause'], message: string, seq = row.seq): AuditFinding => ({
    chain,
    seq,
    changeSet: seq === row.seq ? String(row.changeSetId) : null,
    cause,
    message,
  });
  if (row.seq !== expected)
    return found('missing', `Link ${expected} is missing: after link ${last.seq} comes link ${row.seq}.`, expected);
  const which = `Change set ${row.changeSetId}, link ${row.seq}`;
  if (linkHash({ ...row, chain, previous: last.hash }) !== row.hash) {
    if (isOutOfOrder(row, last) || (next !== undefined && isOutOfOrder(next, row)))
      return found('reordered', `${which}: the links do not stand in the order in which their changes were made.`);
    return found('relinked', `${which}: the link does not fit the one before; one of the two was rewritten.`);
  }
  if (row.record.setHash === null) return found('missing', `${which}: the change set's row is gone.`);
  const parts = [
    ['its row', row.record.setHash === row.setHash],
    ['its changes', row.record.changesHash === row.changesHash],
    ['the bodies that it made', row.record.bodiesHash === row.bodiesHash],
  ] as const;
  const different = parts.filter(([, isSame]) => !isSame).map(([name]) => name);
  if (different.length === 0) return null;
  return found('changed', `${which}: ${different.join(' and ')} differ from what was recorded.`);
}

/** Ids follow commit order; only what was adopted may be older than its place. */
function isOutOfOrder(row: LinkRow, before: Last): boolean {
  return row.origin === 'recorded' && row.changeSetId < before.changeSetId;
}
