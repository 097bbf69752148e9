/** Builds that run: connected, as SDKs say, and deployed, as somebody said; each with the reference sets that may be of its commit. */
import type { Build, Builds } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { KEY_KINDS, type KeyKind } from '../delivery/receipt-books.ts';
import type { Settling } from '../telemetry/coverage-store.ts';
import { loadMerged, type NamedEnvironment } from '../telemetry/load-coverage.ts';
import { uncovered } from './uncovered.ts';

/** As git prints it; a build that says something else says no commit. */
const COMMIT = /^[0-9a-f]{7,64}$/;

export interface RunningBuild {
  readonly environment: string;
  /** Null: deployed. */
  readonly keyKind: KeyKind | null;
  readonly app: string | null;
  readonly version: string | null;
  readonly commit: string | null;
  /** Null: deployed. */
  readonly instances: number | null;
  /** Epoch milliseconds; null: connected now. */
  readonly deployedAtMs: number | null;
}

export interface RunningBuilds {
  readonly builds: readonly RunningBuild[];
  /** False: more are connected than are told apart, a server of another version has readers, or they are not settled. */
  readonly isComplete: boolean;
  readonly settling: Settling;
}

export async function loadBuilds(db: Database | Tx, environments: readonly NamedEnvironment[]): Promise<RunningBuilds> {
  const [connected, deployed] = await Promise.all([loadConnected(db, environments), loadDeployed(db, environments)]);
  return { ...connected, builds: [...connected.builds, ...deployed] };
}

/** In all environments. */
export async function loadProjectBuilds(db: Database | Tx, projectId: string): Promise<RunningBuilds> {
  const environments = await db.execute<{ id: string; key: string }>(
    sql`select id, key from environments where project_id = ${projectId}`,
  );
  return loadBuilds(db, environments);
}

/** Those that builds say, each once. */
export function commitsOf({ builds }: Pick<RunningBuilds, 'builds'>): string[] {
  return [...new Set(builds.flatMap(({ commit }) => commit ?? []))];
}

/** What was uploaded of one commit, or of a part of it. */
export interface CommitSet {
  readonly commit: string;
  /** Folders and files that it leaves out; null: it does not say. */
  readonly rest: readonly string[] | null;
}

/** Of `commits` alone: of all that are kept, what each leaves out may be many megabytes. */
export async function loadSets(db: Database, projectId: string, commits: readonly string[]): Promise<readonly CommitSet[]> {
  return db.execute<{ commit: string; rest: string[] | null }>(sql`
    select s.commit, s.rest from reference_sets s join repositories r on r.id = s.repository_id
    where r.project_id = ${projectId} and ${isOneOf(sql`s.commit`, commits)}`);
}

/** Folders and files of the commit that are in none of `sets`, in order. Null: none of them says what it leaves out. */
export function missingOf(sets: readonly CommitSet[], commit: string): string[] | null {
  return uncovered(sets.filter((set) => isSameCommit(set.commit, commit)).map(({ rest }) => rest));
}

/** Of what is stored under a whole commit or its beginning, whichever side says less. */
export function isSameCommit(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** `isSameCommit` of any, for the database. */
export function isOneOf(commit: SQL, commits: readonly string[]): SQL {
  return sql`exists (
    select from jsonb_array_elements_text(${JSON.stringify(commits)}::text::jsonb) as one (commit)
    where starts_with(${commit}, one.commit) or starts_with(one.commit, ${commit}))`;
}

export function presentBuilds(
  { builds, isComplete }: Pick<RunningBuilds, 'builds' | 'isComplete'>,
  sets: readonly CommitSet[],
): Builds {
  const items = builds.map(
    ({ deployedAtMs, commit, ...rest }): Build => ({
      source: deployedAtMs === null ? 'connected' : 'deployed',
      ...rest,
      commit,
      deployedAt: deployedAtMs === null ? null : new Date(deployedAtMs).toISOString(),
      hasReferences: commit !== null && missingOf(sets, commit)?.length === 0,
    }),
  );
  return { items, complete: isComplete };
}

async function loadConnected(db: Database | Tx, environments: readonly NamedEnvironment[]): Promise<RunningBuilds> {
  const merged = await loadMerged(db, environments);
  const builds = environments.flatMap((environment, index) =>
    KEY_KINDS.flatMap((keyKind) =>
      (merged[index]?.[keyKind].builds ?? []).map(({ name, version, commit, instances }) => ({
        ...{ environment: environment.key, keyKind, app: name, version, instances, deployedAtMs: null },
        commit: commit !== null && COMMIT.test(commit) ? commit : null,
      })),
    ),
  );
  return {
    builds,
    // Of servers, and so the same everywhere.
    settling: merged[0] ?? { settled: true, missingSinceMs: null, killed: null },
    isComplete: merged.every(({ complete, server, client }) => complete && !server.moreBuilds && !client.moreBuilds),
  };
}

async function loadDeployed(db: Database | Tx, environments: readonly NamedEnvironment[]): Promise<RunningBuild[]> {
  const ids = `{${environments.map(({ id }) => id).join(',')}}`;
  const rows = await db.execute<{ environment: string; app: string; version: string | null; commit: string; at: number }>(sql`
    select e.key as environment, d.app, d.version, d.commit, (extract(epoch from d.deployed_at) * 1000)::float8 as at
    from deployments d join environments e on e.id = d.environment_id
    where d.environment_id = any(${ids}::uuid[]) order by e.position, d.app`);
  return rows.map(({ environment, app, version, commit, at }) => ({
    ...{ environment, keyKind: null, app, version, commit, instances: null },
    deployedAtMs: at,
  }));
}
