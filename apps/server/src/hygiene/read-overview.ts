/** What is to be cleaned up in a project, by whom, and how it went: one page for the people who look after it. */
import { addDays, type HygieneOverview, LIFECYCLES, lifecycleOf, type Standing, VERDICTS, type Verdict } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import { windowsOf } from '../projects/present-project.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { mondayOf } from './assess-project.ts';
import { readAssessed } from './list-assessed.ts';

const MAX_LISTED = 100;
/** Half a year. */
const MAX_WEEKS = 26;

export async function readOverview(db: Database, project: ProjectRow, nowMs: number): Promise<HygieneOverview> {
  const today = toDay(nowMs);
  const windows = windowsOf(project);
  const [lists, counted, codeDefaults, unknownKeys, scores, [assessed]] = await Promise.all([
    readLists(db, project, nowMs),
    countFlags(db, project.id, today),
    readCodeDefaults(db, project.id),
    readUnknownKeys(db, project.id),
    readScores(db, project.id, mondayOf(nowMs)),
    db.execute<{ at: number }>(
      sql`select (extract(epoch from assessed_at) * 1000)::float8 as at from hygiene_projects where project_id = ${project.id}`,
    ),
  ]);
  const groups = counted.map((group) => {
    // Only whether it is archived matters here, not since when.
    const archivedAt = group.archived ? project.createdAt.toISOString() : null;
    return {
      ...group,
      lifecycle: lifecycleOf({ archivedAt, expiresOn: group.expires_on, standing: group.standing }, today, windows),
    };
  });
  const there = groups.filter(({ archived }) => !archived);
  return {
    project: project.key,
    windows,
    assessedAt: assessed === undefined ? null : new Date(assessed.at).toISOString(),
    counts: {
      lifecycle: countBy(LIFECYCLES, (name) => count(groups.filter(({ lifecycle }) => lifecycle === name))),
      verdict: countBy(VERDICTS, (name) => count(there.filter(({ verdict }) => verdict === name))),
      awaitingDeploy: count(there.filter(({ awaiting_deploy }) => awaiting_deploy === true)),
      snoozed: count(there.filter(({ snoozed }) => snoozed)),
      withoutOwner: count(there.filter(({ unowned }) => unowned)),
    },
    ...lists,
    codeDefaults,
    unknownKeys,
    scores,
  };
}

type CountedFlags = {
  readonly archived: boolean;
  readonly expires_on: string | null;
  readonly standing: Standing | null;
  readonly verdict: Verdict | null;
  readonly awaiting_deploy: boolean | null;
  readonly snoozed: boolean;
  readonly unowned: boolean;
  readonly n: number;
};

/** Flags that are alike in all that is counted, so that the database counts and not this process. */
async function countFlags(db: Database, projectId: string, today: string): Promise<readonly CountedFlags[]> {
  return db.execute<CountedFlags>(sql`
    select f.archived_at is not null as archived, f.expires_on::text, h.standing, h.verdict, h.awaiting_deploy,
      coalesce(f.snoozed_until >= ${today}, false) as snoozed, f.owner is null as unowned, count(*)::integer as n
    from flags f left join flag_hygiene h on h.flag_id = f.id where f.project_id = ${projectId} group by 1, 2, 3, 4, 5, 6, 7`);
}

/** The most urgent of each; the same conditions as of the filter of the list of flags. */
async function readLists(
  db: Database,
  project: ProjectRow,
  nowMs: number,
): Promise<Pick<HygieneOverview, 'expiries' | 'stale' | 'readyToRemove'>> {
  const today = toDay(nowMs);
  const until = addDays(today, project.expiringDays);
  const isThere = sql`f.archived_at is null`;
  const isReady = sql`h.standing is not distinct from 'ready_to_remove'`;
  const isExpired = sql`coalesce(f.expires_on < ${today}, false)`;
  const isStale = sql`h.standing is not distinct from 'stale'`;
  const list = (which: SQL, order: SQL) => readAssessed(db, project, nowMs, sql`${isThere} and ${which}`, MAX_LISTED, order);
  const lists = await Promise.all([
    list(sql`not (${isReady}) and f.expires_on <= ${until} and (${isExpired} or h.standing is null)`, sql`f.expires_on`),
    list(sql`${isStale} and not ${isExpired}`, sql`(select min(r ->> 'since') from jsonb_array_elements(h.reasons) r)`),
    list(isReady, sql`f.expires_on`),
  ]);
  const [expiries, stale, readyToRemove] = lists.map((flags) => flags.map(({ id: _id, ...flag }) => flag));
  return { expiries: expiries ?? [], stale: stale ?? [], readyToRemove: readyToRemove ?? [] };
}

function count(groups: readonly CountedFlags[]): number {
  return groups.reduce((total, { n }) => total + n, 0);
}

function countBy<Name extends string>(names: readonly Name[], countOf: (name: Name) => number): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, countOf(name)])) as Record<Name, number>;
}

async function readCodeDefaults(db: Database, projectId: string): Promise<HygieneOverview['codeDefaults']> {
  const rows = await db.execute<{
    flag: string;
    environment: string;
    defaults: { app: string | null; hash: string; at: number }[];
  }>(sql`
    select f.key as flag, e.key as environment,
      json_agg(json_build_object('app', nullif(d.app, ''), 'hash', d.hash, 'at', (extract(epoch from d.seen_at) * 1000)::float8)
        order by d.seen_at desc) as defaults
    from telemetry_defaults d join flags f on f.id = d.flag_id join environments e on e.id = d.environment_id
    where f.project_id = ${projectId} and f.archived_at is null group by f.key, e.key, e.position
    having count(distinct d.hash) > 1 order by f.key, e.position limit ${MAX_LISTED}`);
  return rows.map(({ defaults, ...place }) => ({
    ...place,
    defaults: defaults.map(({ app, hash, at }) => ({ app, hash, seenAt: new Date(at).toISOString() })),
  }));
}

async function readUnknownKeys(db: Database, projectId: string): Promise<HygieneOverview['unknownKeys']> {
  const isUnknown = sql`not exists (select from flags f where f.project_id = ${projectId} and f.key = given.key)`;
  const rows = await db.execute<{
    key: string;
    environment: string | null;
    app: string | null;
    n: number;
    at: number;
    source: 'evaluated' | 'code';
  }>(sql`
    select key, environment, app, n, (extract(epoch from at) * 1000)::float8 as at, source from (
      select u.key, e.key as environment, nullif(u.app, '') as app, u.n::float8 as n, u.seen_at as at, 'evaluated' as source
      from telemetry_unknown_flags u join environments e on e.id = u.environment_id where e.project_id = ${projectId}
      union all
      select c.flag_key, null, r.name, c.count::float8, s.uploaded_at, 'code'
      from repositories r join branch_heads h on h.repository_id = r.id and h.branch = r.default_branch
      join reference_sets s on s.id = h.set_id join code_references c on c.set_id = s.id where r.project_id = ${projectId}) given
    where ${isUnknown} order by at desc, key limit ${MAX_LISTED}`);
  return rows.map(({ at, ...row }) => ({ ...row, seenAt: new Date(at).toISOString() }));
}

async function readScores(db: Database, projectId: string, week: string): Promise<HygieneOverview['scores']> {
  const rows = await db.execute<{
    owner: string;
    team_key: string | null;
    team_name: string | null;
    week: string;
    flags: number;
    expired: number;
    stale: number;
    ready_to_remove: number;
  }>(sql`
    select s.owner, t.key as team_key, t.name as team_name, s.week::text, s.flags, s.expired, s.stale, s.ready_to_remove
    from hygiene_scores s left join teams t on t.key = s.owner
    where s.project_id = ${projectId} and s.week > ${week}::date - 7 * ${MAX_WEEKS}::integer order by s.owner, s.week`);
  const owners = new Map<string, HygieneOverview['scores'][number]>();
  for (const { owner, team_key, team_name, week: monday, flags, expired, stale, ready_to_remove } of rows) {
    const score = flags === 0 ? 100 : Math.round((100 * (flags - expired - stale - ready_to_remove)) / flags);
    const known = owners.get(owner) ?? {
      owner: owner === '' ? null : owner,
      ownerTeam: team_key === null ? null : { key: team_key, name: team_name ?? team_key },
      weeks: [],
    };
    owners.set(owner, known);
    known.weeks.push({ week: monday, flags, expired, stale, readyToRemove: ready_to_remove, score });
  }
  const lastOf = ({ weeks }: HygieneOverview['scores'][number]) => weeks.at(-1)?.score ?? 100;
  return [...owners.values()].sort((a, b) => lastOf(a) - lastOf(b));
}
