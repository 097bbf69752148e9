/** Of the instances that are connected to one server, which report telemetry and which do not. Pure. */
import type { KeyKind } from '../delivery/receipt-books.ts';

/** Raise it when the shape changes: servers of both versions run side by side, and leave out what they cannot read. */
export const COVERAGE_FORMAT = 2;
/** An SDK reports after a minute at most; whoever has not by now does not. */
export const SILENT_AFTER_MS = 90_000;
/** Apps and silent instances that are named, of each kind of key. */
export const MAX_NAMED = 100;
/** Builds that are told apart, of each kind of key. */
const MAX_BUILDS = 200;

/** An instance that is connected, by a stream or as one that polls. */
export interface Reader {
  readonly keyId: string;
  readonly keyKind: KeyKind;
  readonly environmentId: string;
  readonly instance: string;
  readonly sdk: string;
  readonly app: { readonly name: string | null; readonly version: string | null; readonly commit: string | null };
  /** Epoch milliseconds of the database's clock. */
  readonly connectedAtMs: number;
}

export interface AppCoverage {
  readonly name: string | null;
  readonly version: string | null;
  readonly reporting: number;
  readonly silent: number;
}

/** What runs: whoever reports or not, and has been connected for however long. */
export interface ConnectedBuild {
  readonly name: string | null;
  readonly version: string | null;
  readonly commit: string | null;
  readonly instances: number;
}

export interface KindCoverage {
  readonly reporting: number;
  readonly silent: number;
  /** Connected so shortly that they need not have reported yet. */
  readonly awaited: number;
  readonly apps: readonly AppCoverage[];
  readonly silentInstances: readonly Pick<Reader, 'instance' | 'sdk' | 'app' | 'connectedAtMs'>[];
  readonly builds: readonly ConnectedBuild[];
  /** There are builds that `builds` has no room for. */
  readonly moreBuilds: boolean;
}

export interface ReplicaCoverage extends Readonly<Record<KeyKind, KindCoverage>> {
  readonly format: typeof COVERAGE_FORMAT;
}

export function identityOf({ keyId, instance }: Pick<Reader, 'keyId' | 'instance'>): string {
  return `${keyId} ${instance}`;
}

/** @param hasReported whether the instance has ever sent a report */
export function measureCoverage(
  readers: readonly Reader[],
  hasReported: (reader: Reader) => boolean,
  nowMs: number,
): ReplicaCoverage {
  const of = (kind: KeyKind): KindCoverage => {
    const apps = new Map<string, { name: string | null; version: string | null; reporting: number; silent: number }>();
    const silentInstances: Reader[] = [];
    const builds: ConnectedBuild[] = [];
    let awaited = 0;
    for (const reader of readers) {
      if (reader.keyKind !== kind) continue;
      builds.push({ ...reader.app, instances: 1 });
      const reports = hasReported(reader);
      if (!reports && nowMs - reader.connectedAtMs < SILENT_AFTER_MS) {
        awaited++;
        continue;
      }
      const { name, version } = reader.app;
      const id = JSON.stringify([name, version]);
      const app = apps.get(id) ?? { name, version, reporting: 0, silent: 0 };
      apps.set(id, app);
      if (reports) app.reporting++;
      else app.silent++;
      if (!reports) silentInstances.push(reader);
    }
    const all = [...apps.values()];
    return {
      reporting: sum(all.map(({ reporting }) => reporting)),
      silent: silentInstances.length,
      awaited,
      apps: all.sort((a, b) => b.silent - a.silent || b.reporting - a.reporting).slice(0, MAX_NAMED),
      silentInstances: silentInstances
        .slice(0, MAX_NAMED)
        .map(({ instance, sdk, app, connectedAtMs }) => ({ instance, sdk, app, connectedAtMs })),
      ...mergeBuilds(builds),
    };
  };
  return { format: COVERAGE_FORMAT, server: of('server'), client: of('client') };
}

/** One answer of what all servers measured. */
export function mergeCoverage(kinds: readonly KindCoverage[]): KindCoverage {
  const apps = new Map<string, AppCoverage>();
  for (const app of kinds.flatMap((kind) => kind.apps)) {
    const id = JSON.stringify([app.name, app.version]);
    const before = apps.get(id);
    apps.set(id, {
      ...app,
      reporting: app.reporting + (before?.reporting ?? 0),
      silent: app.silent + (before?.silent ?? 0),
    });
  }
  return {
    reporting: sum(kinds.map(({ reporting }) => reporting)),
    silent: sum(kinds.map(({ silent }) => silent)),
    awaited: sum(kinds.map(({ awaited }) => awaited)),
    apps: [...apps.values()].sort((a, b) => b.silent - a.silent || b.reporting - a.reporting).slice(0, MAX_NAMED),
    silentInstances: kinds.flatMap(({ silentInstances }) => silentInstances).slice(0, MAX_NAMED),
    ...mergeBuilds(
      kinds.flatMap(({ builds }) => builds),
      kinds.some(({ moreBuilds }) => moreBuilds),
    ),
  };
}

function mergeBuilds(all: readonly ConnectedBuild[], more = false): Pick<KindCoverage, 'builds' | 'moreBuilds'> {
  const merged = new Map<string, ConnectedBuild>();
  for (const { name, version, commit, instances } of all) {
    const id = JSON.stringify([name, version, commit]);
    merged.set(id, { name, version, commit, instances: instances + (merged.get(id)?.instances ?? 0) });
  }
  const builds = [...merged.values()].sort((a, b) => b.instances - a.instances);
  return { builds: builds.slice(0, MAX_BUILDS), moreBuilds: more || builds.length > MAX_BUILDS };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
