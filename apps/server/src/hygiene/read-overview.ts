/** What is to be cleaned up in a project, by whom, and how it went: one page for the people who look after it. */
import { type HygieneOverview, LIFECYCLES, VERDICTS } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { windowsOf } from '../projects/present-project.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { mondayOf } from './assess-project.ts';
import { type ListedFlag, readAssessed } from './list-assessed.ts';

const MAX_LISTED = 100;
/** Half a year. */
const MAX_WEEKS = 26;

export async function readOverview(db: Database, project: ProjectRow, nowMs: number): Promise<HygieneOverview> {
  const [flags, codeDefaults, unknownKeys, scores, [assessed]] = await Promise.all([
    readAssessed(db, project, nowMs, sql`true`, 100_000),
    readCodeDefaults(db, project.id),
    readUnknownKeys(db, project.id),
    readScores(db, project.id, mondayOf(nowMs)),
    db.execute<{ at: number }>(
      sql`select (extract(epoch from assessed_at) * 1000)::float8 as at from hygiene_projects where project_id = ${project.id}`,
    ),
  ]);
  const there = flags.filter(({ lifecycle }) => lifecycle !== 'archived');
  const of = (...lifecycles: ListedFlag['lifecycle'][]) => there.filter(({ lifecycle }) => lifecycles.includes(lifecycle));
  return {
    project: project.key,
    windows: windowsOf(project),
    assessedAt: assessed === undefined ? null : new Date(assessed.at).toISOString(),
    counts: {
      lifecycle: countBy(LIFECYCLES, flags, ({ lifecycle }) => lifecycle),
      verdict: countBy(VERDICTS, there, ({ verdict }) => verdict),
      awaitingDeploy: there.filter(({ awaitingDeploy }) => awaitingDeploy).length,
      snoozed: there.filter(({ snooze }) => snooze !== null).length,
      withoutOwner: there.filter(({ owner }) => owner === null).length,
    },
    expiries: present(of('expired', 'expiring').sort((a, b) => compare(a.expiresOn ?? '', b.expiresOn ?? ''))),
    stale: present(of('stale').sort((a, b) => compare(sinceOf(a), sinceOf(b)))),
    readyToRemove: present(of('ready_to_remove').sort((a, b) => compare(a.expiresOn ?? '~', b.expiresOn ?? '~'))),
    codeDefaults,
    unknownKeys,
    scores,
  };
}

function present(flags: readonly ListedFlag[]): HygieneOverview['stale'] {
  return flags.slice(0, MAX_LISTED).map(({ id: _id, ...flag }) => flag);
}

/** The oldest first. */
function sinceOf({ reasons }: ListedFlag): string {
  return reasons.flatMap(({ since }) => since ?? []).sort()[0] ?? '~';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function countBy<Name extends string>(
  names: readonly Name[],
  flags: readonly ListedFlag[],
  nameOf: (flag: ListedFlag) => Name | null,
): Record<Name, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const flag of flags) {
    const name = nameOf(flag);
    if (name !== null) counts[name]++;
  }
  return counts;
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
