/** Of the instances that are connected to one server, which report telemetry and which do not. */
import { inSlices, NODE_TURNS, type Turns } from '../delivery/in-slices.ts';
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
  /** Epoch milliseconds of the database's clock; of whoever does not report as if its connections had been one. */
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
  /** Those connected the longest. */
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

/**
 * In slices, since a server has tens of thousands of readers.
 * @param isHeard whether the instance was heard of late
 */
export async function measureCoverage(
  readers: readonly Reader[],
  isHeard: (reader: Reader) => boolean,
  nowMs: number,
  turns: Turns = NODE_TURNS,
): Promise<ReplicaCoverage> {
  const tallies = { server: startTally(), client: startTally() };
  await inSlices(
    readers,
    (reader) => {
      const { name, version } = reader.app;
      const tally = tallies[reader.keyKind];
      countBuild(tally.builds, { ...reader.app, instances: 1 });
      const reports = isHeard(reader);
      if (!reports && nowMs - reader.connectedAtMs < SILENT_AFTER_MS) {
        tally.awaited++;
        return;
      }
      const id = JSON.stringify([name, version]);
      const app = tally.apps.get(id) ?? { name, version, reporting: 0, silent: 0 };
      tally.apps.set(id, app);
      tally[reports ? 'reporting' : 'silent']++;
      app[reports ? 'reporting' : 'silent']++;
      if (reports) return;
      tally.silentInstances.push(reader);
      if (tally.silentInstances.length === 2 * MAX_NAMED) tally.silentInstances = longestFirst(tally.silentInstances);
    },
    turns,
  );
  return { format: COVERAGE_FORMAT, server: toKind(tallies.server), client: toKind(tallies.client) };
}

interface Tally {
  readonly apps: Map<string, { name: string | null; version: string | null; reporting: number; silent: number }>;
  /** Those connected the longest, and some more. */
  silentInstances: Reader[];
  readonly builds: Map<string, ConnectedBuild>;
  reporting: number;
  silent: number;
  awaited: number;
}

function startTally(): Tally {
  return { apps: new Map(), silentInstances: [], builds: new Map(), reporting: 0, silent: 0, awaited: 0 };
}

function toKind({ apps, silentInstances, builds, reporting, silent, awaited }: Tally): KindCoverage {
  return {
    ...{ reporting, silent, awaited },
    apps: [...apps.values()].sort((a, b) => b.silent - a.silent || b.reporting - a.reporting).slice(0, MAX_NAMED),
    silentInstances: longestFirst(silentInstances).map(({ instance, sdk, app, connectedAtMs }) => ({
      instance,
      sdk,
      app,
      connectedAtMs,
    })),
    ...presentBuilds(builds),
  };
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
    silentInstances: longestFirst(kinds.flatMap(({ silentInstances }) => silentInstances)),
    ...mergeBuilds(
      kinds.flatMap(({ builds }) => builds),
      kinds.some(({ moreBuilds }) => moreBuilds),
    ),
  };
}

/** By these it is decided whether somebody is silent for long. */
function longestFirst<T extends Pick<Reader, 'connectedAtMs'>>(instances: readonly T[]): T[] {
  return [...instances].sort((a, b) => a.connectedAtMs - b.connectedAtMs).slice(0, MAX_NAMED);
}

function mergeBuilds(all: readonly ConnectedBuild[], more: boolean): Pick<KindCoverage, 'builds' | 'moreBuilds'> {
  const merged = new Map<string, ConnectedBuild>();
  for (const build of all) countBuild(merged, build);
  return presentBuilds(merged, more);
}

function countBuild(builds: Map<string, ConnectedBuild>, { name, version, commit, instances }: ConnectedBuild): void {
  const id = JSON.stringify([name, version, commit]);
  builds.set(id, { name, version, commit, instances: instances + (builds.get(id)?.instances ?? 0) });
}

function presentBuilds(merged: ReadonlyMap<string, ConnectedBuild>, more = false): Pick<KindCoverage, 'builds' | 'moreBuilds'> {
  const builds = [...merged.values()].sort((a, b) => b.instances - a.instances);
  return { builds: builds.slice(0, MAX_BUILDS), moreBuilds: more || builds.length > MAX_BUILDS };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
