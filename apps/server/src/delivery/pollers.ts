/**
 * Instances without a stream, as far as they have said of late what they run. Bounded, in memory; whoever is not heard for
 * two and a half poll intervals is gone. Knows neither clock nor network.
 */
import type { AppInfo, PolledReceipt, SyncState } from '@yardarm/sync';
import type { SdkKey } from './sdk-keys.ts';

export interface Poller {
  readonly keyId: string;
  readonly kind: SdkKey['kind'];
  /** Identity that the running copy gave itself. */
  readonly instance: string;
  readonly sdk: string;
  readonly app: AppInfo;
  readonly applied: SyncState;
  /** Arrival of the first receipt that named `applied`. Times are on the clock of whoever notes them. */
  readonly appliedAtMs: number;
  /** The newest revision of which it refused a body. */
  readonly rejectedRevision: number | null;
  readonly heardAtMs: number;
}

export interface Pollers {
  /** What an instance said. Of more than MAX_POLLERS in one environment with one kind of key, those that were not heard the longest are forgotten. */
  note(key: SdkKey, receipt: PolledReceipt, nowMs: number): void;
  /** An instance whose stream works is no poller. */
  forget(key: SdkKey, instance: string): void;
  /** Who is polling in an environment: with server keys, then with client keys, of each the longest unheard first. */
  list(environmentId: string, nowMs: number): readonly Poller[];
}

export const MAX_POLLERS = 10_000;
/** Two and a half times the 30 s between two polls. */
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
      const identity = identityOf(key, receipt.instance);
      const before = room.get(identity);
      room.delete(identity);
      room.set(identity, toPoller(key, receipt, before, nowMs));
      dropExpired(room, nowMs);
    },
    forget: (key, instance) => {
      rooms.get(roomOf(key.environmentId, key.kind))?.delete(identityOf(key, instance));
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
  const { instance, sdk, app, applied, rejected } = receipt;
  const { epoch, revision, digest } = applied;
  const isSame = before?.applied.epoch === epoch && before.applied.revision === revision && before.applied.digest === digest;
  return {
    keyId: key.id,
    kind: key.kind,
    instance,
    sdk,
    app,
    applied,
    appliedAtMs: isSame ? before.appliedAtMs : nowMs,
    rejectedRevision: rejected === undefined || rejected.length === 0 ? null : revision,
    heardAtMs: nowMs,
  };
}

function identityOf(key: SdkKey, instance: string): string {
  return `${key.id} ${instance}`;
}
