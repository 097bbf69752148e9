/** All chains, then whatever no chain speaks of: the whole proof, in one snapshot of the database. */
import type { AuditProof, Checkpoint } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { readChainCheckpoints } from './checkpoint-store.ts';
import { findStrays } from './find-strays.ts';
import { holdCheckpoints } from './hold-checkpoints.ts';
import { INSTANCE_CHAIN } from './link-hash.ts';
import { verifyChain } from './verify-chain.ts';

export interface AuditEvidence {
  /** Of `checkpointKey`. */
  readonly key: Buffer;
  /** Checkpoints that were kept elsewhere. */
  readonly shipped: readonly Checkpoint[];
}

/**
 * Calls `tell` with the progress and the proof of each chain, the strays and the end. What is committed meanwhile is neither seen
 * nor missed. What `tell` throws ends the verification and is thrown on.
 */
export async function verifyAudit(db: Database, evidence: AuditEvidence, tell: (proof: AuditProof) => void): Promise<void> {
  await db.transaction((tx) => verifySnapshot(tx, evidence, tell), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  });
}

/** As `verifyAudit`, within a transaction of the caller. */
export async function verifySnapshot(tx: Tx, { key, shipped }: AuditEvidence, tell: (proof: AuditProof) => void): Promise<void> {
  let links = 0;
  let found = 0;
  for (const { chain, project } of await listChains(tx, shipped)) {
    const checkpoints = await readChainCheckpoints(tx, chain);
    const witness = holdCheckpoints(key, [...checkpoints, ...shipped.filter((one) => one.chain === chain)]);
    const onPage = (verified: number) => tell({ type: 'progress', chain, links: verified });
    const proof = await verifyChain(tx, chain, { witness, onPage });
    links += proof.links;
    if (proof.finding !== null) found += 1;
    tell({ type: 'chain', chain, project, checkpoints: checkpoints.length, ...proof });
  }
  const findings = await findStrays(tx);
  tell({ type: 'strays', findings });
  tell({ type: 'end', ok: found + findings.length === 0, links, findings: found + findings.length });
}

/** Those of the instance and of every project, and those that only links or checkpoints still name. */
async function listChains(tx: Tx, shipped: readonly Checkpoint[]): Promise<{ chain: string; project: string | null }[]> {
  const stored = await tx.execute<{ chain: string; project: string | null }>(sql`
    select chains.chain, p.key as project
    from (
      select ${INSTANCE_CHAIN} as chain
      union select id::text from projects
      union select chain from audit_links
      union select chain from audit_checkpoints
    ) chains left join projects p on p.id::text = chains.chain
    order by p.key nulls first, chains.chain`);
  const gone = new Set(shipped.map(({ chain }) => chain));
  for (const { chain } of stored) gone.delete(chain);
  return [...stored, ...Array.from(gone, (chain) => ({ chain, project: null }))];
}
