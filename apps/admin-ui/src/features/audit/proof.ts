/** What a verification of the record has found so far. Pure. */
import type { AuditFinding, AuditProof } from '@yardarm/contract';

export type Chain = Extract<AuditProof, { readonly type: 'chain' }>;

export interface Proof {
  /** Links that were looked at, of chains that are done and of the one that is being read. */
  readonly links: number;
  readonly chains: readonly Chain[];
  readonly strays: readonly AuditFinding[];
  /** Null: not at its end yet. */
  readonly ok: boolean | null;
}

export const NO_PROOF: Proof = { links: 0, chains: [], strays: [], ok: null };

export function withLine(proof: Proof, line: AuditProof): Proof {
  const done = proof.chains.reduce((sum, { links }) => sum + links, 0);
  switch (line.type) {
    case 'progress':
      return { ...proof, links: done + line.links };
    case 'chain':
      return { ...proof, links: done + line.links, chains: [...proof.chains, line] };
    case 'strays':
      return { ...proof, strays: [...proof.strays, ...line.findings] };
    case 'end':
      return { ...proof, links: line.links, ok: line.ok };
  }
}

export function findingsOf({ chains, strays }: Proof): readonly AuditFinding[] {
  return [...chains.flatMap(({ finding }) => finding ?? []), ...strays];
}
