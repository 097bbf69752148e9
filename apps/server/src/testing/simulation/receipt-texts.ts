/** What SDKs are and what servers say of them, as lines that can be compared. */
import { type PolledReceipt, type SyncState, stateText, type View } from '@yardarm/sync';
import { mergeFleets, startMeasure } from '../../delivery/fleet.ts';
import { ownReaders } from '../../delivery/own-receipts.ts';
import { IDENTITY } from './database.ts';
import type { SimulatedSdk } from './sdk.ts';
import type { Counting } from './server.ts';
import { isAt } from './words.ts';

export function refuses(sdk: SimulatedSdk): boolean {
  return (sdk.store()?.rejected.length ?? 0) > 0;
}

/** What it comes to that somebody without a stream said, where the newest state is `head`. */
export function polledStanding({ applied, rejected }: PolledReceipt, head: SyncState) {
  if (!isAt(applied, head)) return 'pending';
  if (rejected !== undefined) return 'rejected';
  return applied.digest === head.digest ? 'applied' : 'pending';
}

export function fleetOf(all: readonly Counting[], nowMs: number): readonly string[] {
  const fleets = all.map((counting) => {
    const measure = startMeasure();
    for (const reader of ownReaders(counting, IDENTITY.environmentId, counting.served, nowMs)) measure.add(reader);
    return measure.result();
  });
  return mergeFleets(fleets).instances.map(({ instance, state, polls }) => fleetText(instance, state, polls));
}

export function fleetText(instance: string, state: string, polls: boolean): string {
  return `${instance} ${state}${polls ? ' polls' : ''}`;
}

export function pollerText(instance: string, kind: View, applied: SyncState, refused: boolean): string {
  return `${kind} ${instance} at ${stateText(applied)}${refused ? ' refused' : ''}`;
}

/** Null when both have the same, in whichever order. */
export function differences(found: readonly string[], wanted: readonly string[]): string | null {
  const [a, b] = [found, wanted].map((list) => [...list].sort().join('; '));
  return a === b ? null : `the servers say '${a}', and it is '${b}'`;
}
