/** The instances of one server as it shares them, and of all servers as one answer. Pure. */
import type { Fleet, FleetInstance } from '@yardarm/contract';
import type { SyncState } from '@yardarm/sync';
import type { Reader } from '../telemetry/coverage.ts';
import { KEY_KINDS, type KeyKind } from './receipt-books.ts';

/** Raise it when the shape changes: servers of both versions run side by side, and leave out what they cannot read. */
export const FLEET_FORMAT = 1;
/** Groups and instances that are named, of each kind of key: whoever holds a client key, which is public, crowds out no server. */
const MAX_NAMED = 200;

export interface FleetReader extends Reader {
  readonly held: SyncState | null;
  readonly state: FleetInstance['state'];
  readonly polls: boolean;
  /** Epoch milliseconds of the database's clock. */
  readonly heardAtMs: number;
}

type Group = Fleet['groups'][number];

export interface ReplicaFleet {
  readonly format: typeof FLEET_FORMAT;
  readonly groups: readonly Group[];
  readonly instances: readonly FleetInstance[];
}

export function measureFleet(readers: readonly FleetReader[]): ReplicaFleet {
  const groups = readers.map(
    ({ keyKind, app, sdk, held, state, polls }): Group => ({
      ...{ keyKind, app: { name: app.name, version: app.version }, sdk, revision: held?.revision ?? null, instances: 1 },
      ...{ polling: polls ? 1 : 0, rejected: state === 'rejected' ? 1 : 0 },
    }),
  );
  return { format: FLEET_FORMAT, groups: mergeGroups(groups), instances: nameFirst(readers).map(toInstance) };
}

export function mergeFleets(fleets: readonly ReplicaFleet[]): Pick<Fleet, 'groups' | 'instances'> {
  return {
    groups: mergeGroups(fleets.flatMap(({ groups }) => groups)),
    instances: firstOfEachKind(fleets.flatMap(({ instances }) => instances).sort(byNeed)),
  };
}

function mergeGroups(all: readonly Group[]): Group[] {
  const merged = new Map<string, Group>();
  for (const group of all) {
    const { keyKind, app, sdk, revision } = group;
    const identity = JSON.stringify([keyKind, app.name, app.version, sdk, revision]);
    const known = merged.get(identity);
    merged.set(identity, known === undefined ? group : addUp(known, group));
  }
  return firstOfEachKind([...merged.values()].sort((a, b) => b.instances - a.instances));
}

function addUp(a: Group, b: Group): Group {
  return { ...a, instances: a.instances + b.instances, polling: a.polling + b.polling, rejected: a.rejected + b.rejected };
}

/** Who does not run the newest revision, and then who has connected last. */
function nameFirst(readers: readonly FleetReader[]): FleetReader[] {
  const sorted = readers.toSorted(
    (a, b) => Number(a.state === 'applied') - Number(b.state === 'applied') || b.connectedAtMs - a.connectedAtMs,
  );
  return firstOfEachKind(sorted);
}

function byNeed(a: FleetInstance, b: FleetInstance): number {
  return Number(a.state === 'applied') - Number(b.state === 'applied') || Date.parse(b.connectedAt) - Date.parse(a.connectedAt);
}

function toInstance({ keyKind, instance, app, sdk, held, state, polls, connectedAtMs, heardAtMs }: FleetReader): FleetInstance {
  return {
    ...{ keyKind, instance, app, sdk, state, polls },
    held: held && { epoch: held.epoch, revision: held.revision },
    connectedAt: new Date(connectedAtMs).toISOString(),
    heardAt: new Date(heardAtMs).toISOString(),
  };
}

function firstOfEachKind<T extends { readonly keyKind: KeyKind }>(sorted: readonly T[]): T[] {
  return KEY_KINDS.flatMap((kind) => sorted.filter(({ keyKind }) => keyKind === kind).slice(0, MAX_NAMED));
}
