/**
 * Reads everything that is known about the flags of a project, or about one of them, in a handful of statements whatever their number.
 * What it makes is what verdict.ts and the lifecycle judge; it judges nothing.
 */
import type { HygieneWindows } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { mapInSlices, type Slice } from '../delivery/in-slices.ts';
import { windowsOf } from '../projects/present-project.ts';
import { type EnvironmentRow, listEnvironments, type ProjectRow } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { loadMerged } from '../telemetry/load-coverage.ts';
import { commitsOf, isOneOf, isSameCommit, loadBuilds, type RunningBuilds } from './load-builds.ts';
import { uncovered } from './uncovered.ts';
import type { BuildFacts, EnvironmentFacts, VerdictFacts } from './verdict.ts';

/** Everything about one flag. Times are epoch milliseconds. */
export interface KnownFlag {
  readonly id: string;
  readonly key: string;
  readonly kind: 'release' | 'experiment' | 'operational' | 'permission';
  readonly owner: string | null;
  readonly expiresOn: string | null;
  readonly archivedAtMs: number | null;
  readonly snoozedUntil: string | null;
  readonly facts: VerdictFacts;
  /** By the heads of default branches; null: none is known. */
  readonly references: number | null;
}

export interface KnownProject {
  readonly windows: HygieneWindows;
  /** The last report of any instance; null: none ever. */
  readonly heardAtMs: number | null;
  /** The newest upload among the heads of default branches, since which all are as they are; null: none is known. */
  readonly scannedAtMs: number | null;
  /** Environments with an instance that has been connected for long and has not reported. */
  readonly silentIn: readonly string[];
  /** Environments of which reports are known. */
  readonly heardIn: readonly string[];
  readonly flags: readonly KnownFlag[];
}

/** Others get their turn in between: with 5 000 flags it would be a second. */
export const FLAG_SLICE: Slice = { count: 1, ms: 4 };

/** @param only the key of the one flag to read */
export async function loadFacts(db: Database, project: ProjectRow, nowMs: number, only?: string): Promise<KnownProject> {
  const environments = await listEnvironments(db, project.id);
  const wanted = sql`f.project_id = ${project.id} and ${only === undefined ? sql`true` : sql`f.key = ${only}`}`;
  const running = await loadBuilds(db, environments);
  const [flags, served, evaluated, dependants, code, surroundings] = await Promise.all([
    readFlags(db, wanted),
    readServed(db, wanted),
    readEvaluated(db, wanted),
    readDependants(db, project.id),
    readCode(db, project.id, commitsOf(running), only),
    readSurroundings(db, environments, nowMs),
  ]);
  const windows = windowsOf(project);
  const builds = matchBuilds(running, code.sets);
  const toKnown = (flag: FlagFields): KnownFlag => {
    const createdAtMs = flag.created_at;
    const branches = code.heads.map(({ repository, set }) => ({
      repository,
      head:
        set === null
          ? null
          : {
              ...{ branch: set.branch, commit: set.commit, uploadedAtMs: set.uploadedAtMs, isWhole: set.isWhole },
              references: code.counts.get(`${set.id} ${flag.key}`) ?? 0,
            },
    }));
    const places = served.get(flag.id) ?? [];
    const facts: VerdictFacts = {
      ...{ nowMs, notEvaluatedDays: windows.notEvaluatedDays, createdAtMs, isArchived: flag.archived_at !== null },
      branches,
      builds: builds.map(({ build, sets }): BuildFacts => ({ ...build, names: isNamed(flag.key, createdAtMs, sets) })),
      ...{ missingServerAtMs: running.settling.missingSinceMs, killedServer: running.settling.killed },
      ...{ areBuildsComplete: running.isComplete, isSettled: running.settling.settled },
      environments: environments.map(({ id }, index): EnvironmentFacts => {
        const place = places.find(({ environment_id }) => environment_id === id);
        return {
          ...(surroundings[index] as Surroundings),
          lastEvaluatedAtMs: evaluated.get(`${flag.id} ${id}`) ?? null,
          value: place === undefined ? null : singleValue(place.variants, flag.variants),
          configuredAtMs: place?.updated_at ?? createdAtMs,
        };
      }),
      dependants: dependants.get(flag.key) ?? [],
    };
    return {
      ...{ id: flag.id, key: flag.key, kind: flag.kind, owner: flag.owner, expiresOn: flag.expires_on },
      ...{ archivedAtMs: flag.archived_at, snoozedUntil: flag.snoozed_until, facts },
      references: branches.some(({ head }) => head !== null)
        ? branches.reduce((sum, { head }) => sum + (head?.references ?? 0), 0)
        : null,
    };
  };
  const known = await mapInSlices(flags, toKnown, FLAG_SLICE);
  const scans = code.heads.flatMap(({ set }) => set?.uploadedAtMs ?? []);
  return {
    windows,
    heardAtMs: latest(surroundings.map(({ heardAtMs }) => heardAtMs)),
    silentIn: environments.filter((_, index) => surroundings[index]?.isSilent).map(({ id }) => id),
    heardIn: environments.filter((_, index) => surroundings[index]?.heardAtMs != null).map(({ id }) => id),
    scannedAtMs: scans.length === 0 ? null : Math.max(...scans),
    flags: known,
  };
}

interface FlagFields extends Record<string, unknown> {
  readonly id: string;
  readonly key: string;
  readonly kind: KnownFlag['kind'];
  readonly owner: string | null;
  readonly expires_on: string | null;
  readonly snoozed_until: string | null;
  readonly variants: Readonly<Record<string, unknown>>;
  readonly created_at: number;
  readonly archived_at: number | null;
}

async function readFlags(db: Database, wanted: SQL): Promise<readonly FlagFields[]> {
  return db.execute<FlagFields>(sql`
    select f.id, f.key, f.kind, f.owner, f.expires_on::text, f.snoozed_until::text, f.variants, ${epochMs(sql`f.created_at`)} as created_at,
      ${epochMs(sql`f.archived_at`)} as archived_at
    from flags f where ${wanted} order by f.key`);
}

interface ServedFields extends Record<string, unknown> {
  readonly flag_id: string;
  readonly environment_id: string;
  /** Of what some context may get; null: the code default. */
  readonly variants: readonly (string | null)[];
  readonly updated_at: number;
}

/** What each environment can serve at all, taken together by the database: the rules of 5 000 flags are megabytes. */
async function readServed(db: Database, wanted: SQL): Promise<ReadonlyMap<string, readonly ServedFields[]>> {
  const weights = (from: SQL) => sql`
    select weight -> 0 from ${from} as splits (weights), jsonb_array_elements(weights) as weight where (weight ->> 1)::integer > 0`;
  const rows = await db.execute<ServedFields>(sql`
    select c.flag_id, c.environment_id, ${epochMs(sql`c.updated_at`)} as updated_at, case
      when not c."on" then jsonb_build_array(c.off_variant)
      when c.fallthrough ? 'variant' and (c.prerequisites, c.targets, c.rules) = ('[]'::jsonb, '[]'::jsonb, '[]'::jsonb)
        then jsonb_build_array(c.fallthrough -> 'variant')
      else (
        select jsonb_agg(distinct variant) from (
          select to_jsonb(c.off_variant) where c.prerequisites <> '[]'::jsonb
          union all select 'null'::jsonb where c.fallthrough is null
          union all select jsonb_path_query(c.fallthrough, '$.variant')
          union all ${weights(sql`jsonb_path_query(c.fallthrough, '$.split.weights')`)}
          union all select jsonb_path_query(c.targets, '$[*].variant')
          union all select jsonb_path_query(c.rules, '$[*].serve.variant')
          union all ${weights(sql`jsonb_path_query(c.rules, '$[*].serve.split.weights')`)}) as served (variant)) end as variants
    from flag_environments c join flags f on f.id = c.flag_id where ${wanted}`);
  const byFlag = new Map<string, ServedFields[]>();
  for (const row of rows) {
    const known = byFlag.get(row.flag_id);
    if (known === undefined) byFlag.set(row.flag_id, [row]);
    else known.push(row);
  }
  return byFlag;
}

/** The one value as text; null: several. Two variants of one value are one value. */
function singleValue(names: readonly (string | null)[], variants: FlagFields['variants']): string | null {
  const values = new Set(names.map((name) => (name === null ? 'its code default' : canonicalJson(variants[name] ?? null))));
  const [value] = values;
  return values.size === 1 && value !== undefined ? value : null;
}

async function readEvaluated(db: Database, wanted: SQL): Promise<ReadonlyMap<string, number>> {
  const rows = await db.execute<{ flag_id: string; environment_id: string; at: number }>(sql`
    select l.flag_id, l.environment_id, ${epochMs(sql`max(greatest(l.rule_served_at, l.default_served_at))`)} as at
    from telemetry_last_evaluated l join flags f on f.id = l.flag_id where ${wanted} group by 1, 2`);
  return new Map(rows.map(({ flag_id, environment_id, at }) => [`${flag_id} ${environment_id}`, at]));
}

/** By the key of the flag that they have as a prerequisite. */
async function readDependants(db: Database, projectId: string): Promise<ReadonlyMap<string, VerdictFacts['dependants']>> {
  const rows = await db.execute<{ needed: string; flag: string; environment: string }>(sql`
    select p ->> 'flag' as needed, f.key as flag, e.key as environment
    from flag_environments c join flags f on f.id = c.flag_id join environments e on e.id = c.environment_id,
      jsonb_array_elements(c.prerequisites) p
    where f.project_id = ${projectId} and f.archived_at is null and c.prerequisites <> '[]'::jsonb order by f.key, e.position`);
  const byKey = new Map<string, { flag: string; environment: string }[]>();
  for (const { needed, flag, environment } of rows) {
    const known = byKey.get(needed);
    if (known === undefined) byKey.set(needed, [{ flag, environment }]);
    else known.push({ flag, environment });
  }
  return byKey;
}

interface KnownSet {
  readonly id: number;
  readonly branch: string;
  readonly commit: string;
  readonly uploadedAtMs: number;
  readonly isWhole: boolean;
  readonly rest: readonly string[] | null;
}

export interface Code {
  readonly heads: readonly { readonly repository: string; readonly set: KnownSet | null }[];
  readonly sets: readonly (Omit<KnownSet, 'branch'> & { readonly keys: ReadonlySet<string> })[];
  /** Id of a head's set and key of a flag -> places that name it. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Of commits that are no head of a default branch and do not run nothing is read: of 500 of them, what each names is some 100 MB. */
export async function readCode(db: Database, projectId: string, running: readonly string[], only?: string): Promise<Code> {
  const isFlag = only === undefined ? sql`true` : sql`c.flag_key = ${only}`;
  const keys = only === undefined ? sql`s.keys` : sql`case when ${only} = any(s.keys) then array[${only}] else '{}' end`;
  const isDefault = sql`h.repository_id = r.id and h.branch = r.default_branch`;
  const [sets, heads, counts] = await Promise.all([
    db.execute<{ id: number; commit: string; at: number; left: number; rest: string[] | null; keys: string[] }>(sql`
      select s.id, s.commit, ${epochMs(sql`s.uploaded_at`)} as at, s."left", s.rest, ${keys} as keys
      from reference_sets s join repositories r on r.id = s.repository_id where r.project_id = ${projectId}
        and (exists (select from branch_heads h where h.set_id = s.id and ${isDefault}) or ${isOneOf(sql`s.commit`, running)})`),
    db.execute<{ repository: string; branch: string; set_id: number | null }>(sql`
      select r.name as repository, h.branch, h.set_id from repositories r left join branch_heads h on ${isDefault}
      where r.project_id = ${projectId} order by r.name`),
    db.execute<{ set_id: number; flag_key: string; count: number }>(sql`
      select c.set_id, c.flag_key, c.count from repositories r join branch_heads h on ${isDefault}
      join code_references c on c.set_id = h.set_id where r.project_id = ${projectId} and ${isFlag}`),
  ]);
  const known = sets.map(({ id, commit, at, left, rest, keys: named }) => ({
    ...{ id, commit, uploadedAtMs: at, isWhole: left === 0, rest },
    keys: new Set(named),
  }));
  return {
    sets: known,
    heads: heads.map(({ repository, branch, set_id }) => {
      const set = known.find(({ id }) => id === set_id);
      return { repository, set: set === undefined ? null : { ...set, branch } };
    }),
    counts: new Map(counts.map(({ set_id, flag_key, count }) => [`${set_id} ${flag_key}`, count])),
  };
}

type MatchedBuild = { readonly build: Omit<BuildFacts, 'names'>; readonly sets: Code['sets'] };

function matchBuilds({ builds }: RunningBuilds, sets: Code['sets']): MatchedBuild[] {
  return builds.map(({ environment, app, version, commit, deployedAtMs }) => {
    const own = commit === null ? [] : sets.filter((set) => isSameCommit(set.commit, commit));
    const missing = uncovered(own.map(({ rest }) => rest));
    return { build: { environment, app, version, commit, deployedAtMs, missing }, sets: own };
  });
}

/** What no set says, or one says that is older than the flag, is not known. */
function isNamed(key: string, createdAtMs: number, sets: Code['sets']): boolean | null {
  if (sets.some(({ keys }) => keys.has(key))) return true;
  const isKnown = sets.length > 0 && sets.every(({ uploadedAtMs, isWhole }) => isWhole && uploadedAtMs >= createdAtMs);
  return isKnown ? false : null;
}

/** An instance that reports for the first time after a quarter of an hour has had trouble; one that never does reports nothing. */
const SILENT_FOR_LONG_MS = 15 * 60_000;

type Surroundings = Omit<EnvironmentFacts, 'lastEvaluatedAtMs' | 'value' | 'configuredAtMs'> & {
  readonly heardAtMs: number | null;
  readonly isSilent: boolean;
};

/** In the order of `environments`. */
async function readSurroundings(db: Database, environments: readonly EnvironmentRow[], nowMs: number): Promise<Surroundings[]> {
  const ids = sql`any(${`{${environments.map(({ id }) => id).join(',')}}`}::uuid[])`;
  const [merged, uses] = await Promise.all([
    loadMerged(db, environments),
    db.execute<{
      id: string;
      keys_used_at: number | null;
      remote_used_at: number | null;
      silent_seen_at: number | null;
      lost_at: number | null;
      heard_since: number | null;
      heard_at: number | null;
    }>(sql`
      select e.id,
        (select ${epochMs(sql`max(last_used_at)`)} from sdk_keys k where k.environment_id = e.id) as keys_used_at,
        (select ${epochMs(sql`max(used_at)`)} from remote_uses u where u.environment_id = e.id and way in ('ofrep', 'flagd')) as remote_used_at,
        (select ${epochMs(sql`max(used_at)`)} from remote_uses u where u.environment_id = e.id and way = 'silent') as silent_seen_at,
        (select ${epochMs(sql`max(used_at)`)} from remote_uses u where u.environment_id = e.id and way = 'lost') as lost_at,
        (select ${epochMs(sql`min(used_at)`)} from remote_uses u where u.environment_id = e.id and way = 'heard') as heard_since,
        (select ${epochMs(sql`max(heard_at)`)} from telemetry_sources s where s.environment_id = e.id) as heard_at
      from environments e where e.id = ${ids}`),
  ]);
  return environments.map(({ id, key }, index) => {
    const { server, client, complete } = merged[index] as (typeof merged)[number];
    const use = uses.find((one) => one.id === id);
    return {
      environment: key,
      reporting: server.reporting + client.reporting,
      silent: server.silent + client.silent,
      awaited: server.awaited + client.awaited,
      isComplete: complete,
      keysUsedAtMs: use?.keys_used_at ?? null,
      remoteUsedAtMs: use?.remote_used_at ?? null,
      silentSeenAtMs: use?.silent_seen_at ?? null,
      lostAtMs: use?.lost_at ?? null,
      heardSinceMs: use?.heard_since ?? null,
      heardAtMs: use?.heard_at ?? null,
      isSilent: [...server.silentInstances, ...client.silentInstances].some(
        ({ connectedAtMs }) => nowMs - connectedAtMs > SILENT_FOR_LONG_MS,
      ),
    };
  });
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.flatMap((atMs) => atMs ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function epochMs(at: SQL): SQL {
  return sql`(extract(epoch from ${at}) * 1000)::float8`;
}
