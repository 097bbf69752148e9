/**
 * How far the newest revision has got, counted from what connected instances said. In memory: a count of
 * connections that outlived them would be a lie. Pure.
 */
import type { Receipts } from '@yardarm/contract';
import type { SyncState } from '@yardarm/sync';

export type ReceiptCounts = Receipts['server'];

/** What is known of one connected instance. Times are on the database's clock. */
export interface InstanceFacts {
  readonly keyId: string;
  /** Identity that the running copy gave itself; the same on a reconnect. */
  readonly instance: string;
  readonly connectedAtMs: number;
  readonly applied: SyncState | null;
  /** Arrival of the first receipt that named `applied`. */
  readonly appliedAtMs: number | null;
  /** The newest revision of which it refused a body. */
  readonly rejectedRevision: number | null;
}

/**
 * Counts of the revision that `state` names, committed at `committedAtMs`. Instances are in order of connecting:
 * of two with one identity the later counts, the earlier being a link that has not noticed that it is dead.
 */
export function countReceipts(instances: Iterable<InstanceFacts>, state: SyncState, committedAtMs: number): ReceiptCounts {
  const byIdentity = new Map<string, InstanceFacts>();
  for (const facts of instances) byIdentity.set(`${facts.keyId} ${facts.instance}`, facts);
  let applied = 0;
  let rejected = 0;
  let slowestMs: number | null = null;
  for (const facts of byIdentity.values()) {
    if (facts.rejectedRevision === state.revision) {
      rejected++;
      continue;
    }
    if (!runs(facts.applied, state)) continue;
    applied++;
    // Whoever connected after the commit says nothing about how fast the change travelled.
    if (facts.appliedAtMs === null || facts.connectedAtMs > committedAtMs) continue;
    slowestMs = Math.max(slowestMs ?? 0, facts.appliedAtMs - committedAtMs);
  }
  const connected = byIdentity.size;
  return { connected, applied, pending: connected - applied - rejected, rejected, slowestMs };
}

function runs(applied: SyncState | null, state: SyncState): boolean {
  return applied?.epoch === state.epoch && applied.revision === state.revision && applied.digest === state.digest;
}
