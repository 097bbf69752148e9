/**
 * Assesses every flag of a project and keeps what came of it, so that lists of thousands need not: once a minute at most, by whichever
 * server is at it. Changes no flag. What a week came to, per owner, is kept as well.
 */
import { isTemporary, lifecycleOf, standingOf, type VerdictFactCode } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { flagHygiene, hygieneProjects } from '../db/hygiene-tables.ts';
import { mapInSlices } from '../delivery/in-slices.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { FLAG_SLICE, type KnownFlag, type KnownProject, loadFacts } from './load-facts.ts';
import { type Judgement, judge } from './verdict.ts';

/** In one statement: as text they take a few milliseconds to make. */
const ROWS_AT_ONCE = 500;
/** Columns of what the evidence made of a flag. */
const MEMBERS = ['standing', 'reasons', 'verdict', 'awaiting_deploy', 'open', '"references"', 'code_gone_since'] as const;
/** Two years. */
const KEPT_WEEKS = 104;

export interface Assessed {
  readonly flag: KnownFlag;
  readonly judgement: Judgement;
  readonly standing: ReturnType<typeof standingOf>;
  readonly lastEvaluatedAtMs: number | null;
  readonly codeGoneSinceMs: number | null;
}

/** @param goneSinceMs when it was first seen that no default branch names the flag, of an earlier assessment; null: not yet */
export function assessFlag(flag: KnownFlag, project: KnownProject, goneSinceMs: number | null, nowMs: number): Assessed {
  const judgement = judge(flag.facts);
  const { environments, createdAtMs } = flag.facts;
  const isGone = judgement.facts.find(({ code }) => code === 'default_branches')?.state === 'ok';
  const codeGoneSinceMs = isGone ? (goneSinceMs ?? project.scannedAtMs) : null;
  const isOneValue = judgement.facts.find(({ code }) => code === 'one_value')?.state === 'ok';
  const lastEvaluatedAtMs = latest(environments.map((one) => one.lastEvaluatedAtMs));
  const standing = standingOf(
    {
      isTemporary: isTemporary(flag.kind),
      createdAtMs,
      oneValueSinceMs: isOneValue ? Math.max(...environments.map(({ configuredAtMs }) => configuredAtMs)) : null,
      lastEvaluatedAtMs,
      heardAtMs: project.heardAtMs,
      codeGoneSinceMs,
      isSafe: judgement.verdict === 'safe',
    },
    project.windows,
    nowMs,
  );
  return { flag, judgement, standing, lastEvaluatedAtMs, codeGoneSinceMs };
}

/** @param nowMs the database's clock, by which the facts are dated */
export async function assessProject(db: Database, project: ProjectRow, nowMs: number): Promise<void> {
  const [known, gone] = await Promise.all([loadFacts(db, project, nowMs), loadGoneSince(db, project.id)]);
  const assessed = await mapInSlices(
    known.flags,
    (flag) => assessFlag(flag, known, gone.get(flag.id) ?? null, nowMs),
    FLAG_SLICE,
  );
  await db.transaction(async (tx) => {
    for (let from = 0; from < assessed.length; from += ROWS_AT_ONCE)
      await tx.execute(writeAssessed(assessed.slice(from, from + ROWS_AT_ONCE), nowMs));
    if (known.silentIn.length > 0) await tx.execute(noteSilence(known.silentIn, nowMs));
    if (known.heardIn.length > 0) await tx.execute(noteHeard(known.heardIn, nowMs));
    await tx.execute(writeScores(project, known, assessed, nowMs));
    await tx.execute(sql`
      delete from hygiene_scores where project_id = ${project.id} and week < ${mondayOf(nowMs)}::date - 7 * ${KEPT_WEEKS}::integer`);
    await tx
      .insert(hygieneProjects)
      .values({ projectId: project.id, assessedAt: new Date(nowMs) })
      .onConflictDoUpdate({ target: hygieneProjects.projectId, set: { assessedAt: new Date(nowMs) } });
  });
}

/** When an earlier assessment saw first that no default branch names the flag: flag id -> epoch milliseconds. */
export async function loadGoneSince(db: Database, projectId: string, only?: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.execute<{ flag_id: string; at: number }>(sql`
    select h.flag_id, (extract(epoch from h.code_gone_since) * 1000)::float8 as at
    from flag_hygiene h join flags f on f.id = h.flag_id where f.project_id = ${projectId} and ${only === undefined ? sql`true` : sql`f.key = ${only}`} and h.code_gone_since is not null`);
  return new Map(rows.map(({ flag_id, at }) => [flag_id, at]));
}

/** Facts that keep a flag from being safe. */
export function openFacts({ facts }: Judgement): VerdictFactCode[] {
  return facts.filter(({ state }) => state !== 'ok').map(({ code }) => code);
}

/** Only rows of which something is new are written, an evaluation once an hour: most flags are as they were a minute ago. */
function writeAssessed(assessed: readonly Assessed[], nowMs: number) {
  const rows = assessed.map(({ flag, judgement, standing, lastEvaluatedAtMs, codeGoneSinceMs }) => ({
    flag_id: flag.id,
    standing: standing.standing,
    reasons: standing.reasons,
    verdict: judgement.verdict,
    awaiting_deploy: judgement.awaitingDeploy,
    open: openFacts(judgement),
    references: flag.references,
    last_evaluated_at: toTime(lastEvaluatedAtMs),
    code_gone_since: toTime(codeGoneSinceMs),
    assessed_at: new Date(nowMs).toISOString(),
  }));
  const members = (prefix: '' | 'known.' | 'excluded.') => sql.raw(MEMBERS.map((member) => `${prefix}${member}`).join(', '));
  return sql`
    insert into flag_hygiene as known (flag_id, ${members('')}, last_evaluated_at, assessed_at)
    select flag_id, ${members('')}, last_evaluated_at, assessed_at
    from json_populate_recordset(null::${flagHygiene}, ${JSON.stringify(rows)}::json)
    on conflict (flag_id) do update set (${members('')}, last_evaluated_at, assessed_at) =
      row(${members('excluded.')}, excluded.last_evaluated_at, excluded.assessed_at)
    where (${members('known.')}) is distinct from (${members('excluded.')})
      or date_trunc('hour', known.last_evaluated_at) is distinct from date_trunc('hour', excluded.last_evaluated_at)`;
}

/** Of the environment itself, since whoever is silent may be gone before the next look: what it evaluated is in no count either. */
function noteSilence(environmentIds: readonly string[], nowMs: number) {
  return sql`
    insert into remote_uses (key_id, way, environment_id, used_at)
    select id, 'silent', id, ${new Date(nowMs).toISOString()}::timestamptz from unnest(${`{${environmentIds.join(',')}}`}::uuid[]) id
    on conflict (key_id, way) do update set used_at = excluded.used_at`;
}

/** The first time only: of what was before, in this instance or the one that a project was imported from, nothing is known. */
function noteHeard(environmentIds: readonly string[], nowMs: number) {
  return sql`
    insert into remote_uses (key_id, way, environment_id, used_at)
    select id, 'heard', id, ${new Date(nowMs).toISOString()}::timestamptz from unnest(${`{${environmentIds.join(',')}}`}::uuid[]) id
    on conflict (key_id, way) do nothing`;
}

/** Archived flags wait for nobody and are nobody's merit. */
function writeScores(project: ProjectRow, known: KnownProject, assessed: readonly Assessed[], nowMs: number) {
  const owners = new Map<string, { flags: number; expired: number; stale: number; ready_to_remove: number }>();
  for (const { flag, standing } of assessed) {
    if (flag.archivedAtMs !== null) continue;
    const owner = flag.owner ?? '';
    const score = owners.get(owner) ?? { flags: 0, expired: 0, stale: 0, ready_to_remove: 0 };
    owners.set(owner, score);
    score.flags++;
    const state = { archivedAt: null, expiresOn: flag.expiresOn, standing: standing.standing };
    const lifecycle = lifecycleOf(state, toDay(nowMs), known.windows);
    if (lifecycle === 'expired' || lifecycle === 'stale' || lifecycle === 'ready_to_remove') score[lifecycle]++;
  }
  const week = mondayOf(nowMs);
  const rows = [...owners].map(([owner, score]) => ({ owner, ...score }));
  return sql`
    with gone as (
      delete from hygiene_scores where project_id = ${project.id} and week = ${week}
        and owner not in (select jsonb_array_elements_text(${JSON.stringify([...owners.keys()])}::text::jsonb)))
    insert into hygiene_scores (project_id, owner, week, flags, expired, stale, ready_to_remove)
    select ${project.id}, owner, ${week}::date, flags, expired, stale, ready_to_remove
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as given (owner text, flags integer, expired integer, stale integer, ready_to_remove integer)
    on conflict (project_id, week, owner) do update set
      flags = excluded.flags, expired = excluded.expired, stale = excluded.stale, ready_to_remove = excluded.ready_to_remove`;
}

/** The first day of the week, UTC. */
export function mondayOf(nowMs: number): string {
  const day = new Date(nowMs);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return toDay(day.getTime());
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.flatMap((atMs) => atMs ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function toTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
