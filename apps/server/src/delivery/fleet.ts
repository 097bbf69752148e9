/** The instances of one server as it shares them, and of all servers as one answer. Pure. */
import type { Fleet, FleetInstance } from '@yardarm/contract';
import type { SyncState } from '@yardarm/sync';
import type { Reader } from '../telemetry/coverage.ts';
import { KEY_KINDS, type KeyKind } from './receipt-books.ts';

/** Raise it when the shape changes: servers of both versions run side by side, and leave out what they cannot read. */
export const FLEET_FORMAT = 1;
/** Groups and instances that are named, of each kind of key: whoever holds a client key, which is public, crowds out no server. */
const MAX_NAMED = 200;
/** Of whom the first are picked again and again while others come. */
const MAX_UNSORTED = 5 * MAX_NAMED;

export interface FleetReader extends Reader {
  readonly held: SyncState | null;
  readonly state: FleetInstance['state'];
  readonly polls: boolean;
  /** Epoch milliseconds of the database's clock. */
  readonly heardAtMs: number;
}

type Group = Fleet['groups'][number];
/** While it is being counted. */
type Counted<T> = { -readonly [K in keyof T]: T[K] };

export interface ReplicaFleet {
  readonly format: typeof FLEET_FORMAT;
  readonly groups: readonly Group[];
  readonly instances: readonly FleetInstance[];
}

/** Counts one reader after the other, so that ten thousand need not be counted in one turn. */
export interface FleetMeasure {
  add(reader: FleetReader): void;
  result(): ReplicaFleet;
}

export function startMeasure(): FleetMeasure {
  const groups = new Map<string, Counted<Group>>();
  const named: Record<KeyKind, FleetReader[]> = { server: [], client: [] };
  return {
    add: (reader) => {
      const { keyKind, app, sdk, held, state, polls } = reader;
      const group = { keyKind, app: { name: app.name, version: app.version }, sdk, revision: held?.revision ?? null };
      addUp(groups, { ...group, instances: 1, polling: polls ? 1 : 0, rejected: state === 'rejected' ? 1 : 0 });
      if (named[keyKind].push(reader) > MAX_UNSORTED) named[keyKind] = firstByNeed(named[keyKind]);
    },
    result: () => ({
      format: FLEET_FORMAT,
      groups: firstOfEachKind(bySize(groups)),
      instances: KEY_KINDS.flatMap((kind) => firstByNeed(named[kind])).map(toInstance),
    }),
  };
}

export function mergeFleets(fleets: readonly ReplicaFleet[]): Pick<Fleet, 'groups' | 'instances'> {
  return {
    groups: mergeGroups(fleets.flatMap(({ groups }) => groups)),
    instances: firstOfEachKind(fleets.flatMap(({ instances }) => instances).sort(byNeed)),
  };
}

function mergeGroups(all: readonly Group[]): Group[] {
  const merged = new Map<string, Counted<Group>>();
  for (const group of all) addUp(merged, group);
  return firstOfEachKind(bySize(merged));
}

function addUp(groups: Map<string, Counted<Group>>, group: Group): void {
  const { keyKind, app, sdk, revision } = group;
  const identity = JSON.stringify([keyKind, app.name, app.version, sdk, revision]);
  const known = groups.get(identity);
  if (known === undefined) groups.set(identity, { ...group });
  else {
    known.instances += group.instances;
    known.polling += group.polling;
    known.rejected += group.rejected;
  }
}

function bySize(groups: ReadonlyMap<string, Group>): Group[] {
  return [...groups.values()].sort((a, b) => b.instances - a.instances);
}

/** Who does not run the newest revision, and then who has connected last. */
function firstByNeed(readers: readonly FleetReader[]): FleetReader[] {
  const sorted = readers.toSorted(
    (a, b) => Number(a.state === 'applied') - Number(b.state === 'applied') || b.connectedAtMs - a.connectedAtMs,
  );
  return sorted.slice(0, MAX_NAMED);
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
