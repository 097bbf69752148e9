/** All chains, then whatever no chain speaks of: the whole proof, in one snapshot of the database. */
import type { AuditFinding } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { findStrays } from './find-strays.ts';
import { INSTANCE_CHAIN } from './link-hash.ts';
import { type ChainProof, type LinkWitness, verifyChain } from './verify-chain.ts';

export type AuditProof =
  | ({
      readonly type: 'chain';
      readonly chain: string /** Key; null for the instance. */;
      readonly project: string | null;
    } & ChainProof)
  | { readonly type: 'strays'; readonly findings: readonly AuditFinding[] };

/** Yields chain by chain. `tx` reads one snapshot: what is committed meanwhile is neither seen nor missed. */
export async function* verifyAudit(
  tx: Tx,
  witnessesOf: (chain: string) => readonly LinkWitness[] = () => [],
): AsyncGenerator<AuditProof> {
  for (const { chain, project } of await listChains(tx))
    yield { type: 'chain', chain, project, ...(await verifyChain(tx, chain, witnessesOf(chain))) };
  yield { type: 'strays', findings: await findStrays(tx) };
}

/** Those of the instance and of every project, and those that only links or checkpoints still name. */
async function listChains(tx: Tx) {
  return tx.execute<{ chain: string; project: string | null }>(sql`
    select chains.chain, p.key as project
    from (
      select ${INSTANCE_CHAIN} as chain
      union select id::text from projects
      union select chain from audit_links
      union select chain from audit_checkpoints
    ) chains left join projects p on p.id::text = chains.chain
    order by p.key nulls first, chains.chain`);
}
