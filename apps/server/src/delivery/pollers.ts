/**
 * Instances without a stream, as far as they have said of late what they run. Bounded, in memory; whoever is not heard for
 * two and a half poll intervals is gone. Knows neither clock nor network.
 */
import { type AppInfo, compareStates, type PolledReceipt, type SyncState } from '@yardarm/sync';
import type { SdkKey } from './sdk-keys.ts';

export interface Poller {
  readonly keyId: string;
  readonly kind: SdkKey['kind'];
  /** Identity that the running copy gave itself. */
  readonly instance: string;
  readonly sdk: string;
  readonly app: AppInfo;
  readonly applied: SyncState;
  /** Whether it could not read some body of `applied`. */
  readonly hasRejected: boolean;
  /** Since when it has been polling, as far as it was heard often enough. Times are on the clock of whoever notes them. */
  readonly firstHeardAtMs: number;
  readonly heardAtMs: number;
}

export interface Pollers {
  /**
   * What an instance said; whether that is anything else than it had said before. Of more than MAX_POLLERS in one environment with one kind of
   * key, those that were not heard the longest are forgotten.
   */
  note(key: SdkKey, receipt: PolledReceipt, nowMs: number): boolean;
  /** Who is polling in an environment: with server keys, then with client keys, of each the longest unheard first. */
  list(environmentId: string, nowMs: number): readonly Poller[];
}

export const MAX_POLLERS = 10_000;
/** Two and a half times the 30 s between two polls, each of which is followed by a receipt. */
export const POLLER_EXPIRES_MS = 75_000;

export function createPollers(): Pollers {
  /** By environment and kind of key, then by identity; in order of being heard. Made-up readers with a public key push out none with a server key. */
  const rooms = new Map<string, Map<string, Poller>>();
  const roomOf = (environmentId: string, kind: SdkKey['kind']) => `${kind} ${environmentId}`;

  function dropExpired(room: Map<string, Poller>, nowMs: number): void {
    for (const [identity, { heardAtMs }] of room) {
      if (nowMs - heardAtMs <= POLLER_EXPIRES_MS && room.size <= MAX_POLLERS) break;
      room.delete(identity);
    }
  }

  return {
    note: (key, receipt, nowMs) => {
      const name = roomOf(key.environmentId, key.kind);
      const room = rooms.get(name) ?? new Map<string, Poller>();
      rooms.set(name, room);
      dropExpired(room, nowMs);
      const identity = `${key.id} ${receipt.instance}`;
      const before = room.get(identity);
      const poller = toPoller(key, receipt, before, nowMs);
      room.delete(identity);
      room.set(identity, poller);
      dropExpired(room, nowMs);
      return before === undefined || !isSame(before, poller);
    },
    list: (environmentId, nowMs) =>
      (['server', 'client'] as const).flatMap((kind) => {
        const room = rooms.get(roomOf(environmentId, kind));
        if (room === undefined) return [];
        dropExpired(room, nowMs);
        return [...room.values()];
      }),
  };
}

function toPoller(key: SdkKey, receipt: PolledReceipt, before: Poller | undefined, nowMs: number): Poller {
  const { instance, sdk, app, applied, rejected = [] } = receipt;
  const { id: keyId, kind } = key;
  const firstHeardAtMs = before?.firstHeardAtMs ?? nowMs;
  return { keyId, kind, instance, sdk, app, applied, hasRejected: rejected.length > 0, firstHeardAtMs, heardAtMs: nowMs };
}

function isSame(a: Poller, b: Poller): boolean {
  return compareStates(a.applied, b.applied) === 0 && a.applied.digest === b.applied.digest && a.hasRejected === b.hasRejected;
}
