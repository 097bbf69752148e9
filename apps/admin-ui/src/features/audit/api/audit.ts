import { infiniteQueryOptions } from '@tanstack/react-query';
import type { AuditProof, Change, Checkpoint } from '@yardarm/contract';
import { callApi, toApiError } from '../../../lib/api-client.ts';
import { listAll, type PageOf } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { NO_PROOF, type Proof, withLine } from '../proof.ts';
import { readLines } from '../read-lines.ts';

/** Members left out, or empty, ask for nothing. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  /** One of `CHANGE_KINDS`. */
  readonly kind?: string | undefined;
  readonly command?: string | undefined;
  /** A day: from its begin on. */
  readonly since?: string | undefined;
}

/** The instance's own changes: people, rights, tokens, exports; newest first. */
export function instanceChangesQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: queryKeys.instanceChanges(filter),
    queryFn: ({ pageParam, signal }) => {
      const search = new URLSearchParams({ limit: '50' });
      for (const name of ['actor', 'kind', 'command'] as const) if (filter[name]) search.set(name, filter[name]);
      if (filter.since) search.set('since', new Date(`${filter.since}T00:00:00`).toISOString());
      if (pageParam !== null) search.set('cursor', pageParam);
      return callApi<PageOf<Change>>(`/changes?${search}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** Checks every chain. `onProof` gets what is known as it comes; a long history takes minutes. Without an end it has said nothing. */
export async function verifyAudit(signal: AbortSignal, onProof: (proof: Proof) => void): Promise<void> {
  const response = await fetch('/api/v1/audit/verify', { credentials: 'same-origin', signal });
  if (!response.ok || response.body === null) throw toApiError(response.status, await response.json().catch(() => undefined));
  let proof = NO_PROOF;
  for await (const line of readLines(response.body)) {
    proof = withLine(proof, JSON.parse(line) as AuditProof);
    onProof(proof);
  }
  if (proof.ok === null) throw new Error('The verification was broken off, and says nothing. Start it again.');
}

/** Where every chain stands now, to be kept somewhere else. That somebody read them is recorded. */
export function readCheckpoints(signal: AbortSignal): Promise<Checkpoint[]> {
  return listAll<Checkpoint>('/audit/checkpoints', signal);
}
