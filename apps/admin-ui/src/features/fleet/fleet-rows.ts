/** The fleet as a page shows it: by app and version, and instance by instance. Pure. */
import type { Fleet, FleetInstance } from '@yardarm/contract';
import { groupBy } from '../../lib/group-by.ts';

type Group = Fleet['groups'][number];

export interface FleetApp {
  readonly key: string;
  readonly keyKind: Group['keyKind'];
  /** `checkout 1.4.2`. */
  readonly name: string;
  readonly sdks: readonly string[];
  readonly instances: number;
  readonly current: number;
  readonly polling: number;
  readonly rejected: number;
  /** Revisions that its instances run, the newest first; null: not said yet. */
  readonly revisions: readonly { readonly revision: number | null; readonly instances: number }[];
}

/** Who is behind first, then the most instances. */
export function fleetApps({ groups, revision: newest }: Pick<Fleet, 'groups' | 'revision'>): readonly FleetApp[] {
  const apps = groupBy(groups, ({ keyKind, app }) => JSON.stringify([keyKind, app.name, app.version]));
  return [...apps]
    .map(([key, of]): FleetApp => {
      const byRevision = groupBy(of, ({ revision }) => revision);
      const first = of[0] as Group;
      return {
        key,
        keyKind: first.keyKind,
        name: appName(first),
        sdks: [...new Set(of.map(({ sdk }) => sdk))].sort(),
        instances: sum(of.map(({ instances }) => instances)),
        current: sum(of.filter((one) => isCurrent(one, newest)).map(({ instances, rejected }) => instances - rejected)),
        polling: sum(of.map(({ polling }) => polling)),
        rejected: sum(of.map(({ rejected }) => rejected)),
        revisions: [...byRevision]
          .map(([revision, same]) => ({ revision, instances: sum(same.map(({ instances }) => instances)) }))
          .sort((a, b) => (b.revision ?? -1) - (a.revision ?? -1)),
      };
    })
    .sort((a, b) => Number(a.current === a.instances) - Number(b.current === b.instances) || b.instances - a.instances);
}

export interface FleetTotals {
  readonly server: number;
  readonly client: number;
  readonly current: number;
  readonly rejected: number;
  readonly polling: number;
}

export function fleetTotals(apps: readonly FleetApp[]): FleetTotals {
  const of = (kind: Group['keyKind']) => sum(apps.filter(({ keyKind }) => keyKind === kind).map(({ instances }) => instances));
  return {
    server: of('server'),
    client: of('client'),
    current: sum(apps.map(({ current }) => current)),
    rejected: sum(apps.map(({ rejected }) => rejected)),
    polling: sum(apps.map(({ polling }) => polling)),
  };
}

export interface InstanceFilter {
  readonly q: string;
  readonly state: FleetInstance['state'] | '';
}

export function filterInstances(instances: readonly FleetInstance[], { q, state }: InstanceFilter): readonly FleetInstance[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return instances.filter((one) => {
    const text = `${one.instance} ${appName(one)} ${one.app.commit ?? ''} ${one.sdk}`.toLowerCase();
    return (state === '' || one.state === state) && words.every((word) => text.includes(word));
  });
}

/** How many revisions an instance is behind; null where that says nothing: nothing said yet, or of another epoch's counting. */
export function behindBy({ held }: FleetInstance, newest: number): number | null {
  return held === null || held.revision > newest ? null : newest - held.revision;
}

export function appName({ keyKind, app }: Pick<Group, 'keyKind' | 'app'>): string {
  return [app.name ?? (keyKind === 'server' ? 'unnamed app' : 'unnamed page'), app.version].filter(Boolean).join(' ');
}

function isCurrent({ revision }: Group, newest: number): boolean {
  return revision === newest;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
