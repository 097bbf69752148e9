/**
 * What the last assessment made of every flag: one statement over kept rows, whatever it took to assess them. The expiry counts as of
 * now, the rest as of `assessedAt`.
 */
import {
  type AssessedFlag,
  type Flag,
  type LifecycleReason,
  lifecycleOf,
  type Standing,
  type Verdict,
  type VerdictFactCode,
} from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import { presentSnooze } from '../flags/present-flag.ts';
import { windowsOf } from '../projects/present-project.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { toReasons } from './to-reasons.ts';

type AssessedFields = {
  readonly id: string;
  readonly key: string;
  readonly kind: Flag['kind'];
  readonly owner: string | null;
  readonly team_key: string | null;
  readonly team_name: string | null;
  readonly expires_on: string | null;
  readonly archived_at: number | null;
  readonly snoozed_until: string | null;
  readonly snooze_reason: string | null;
  readonly standing: Standing | null;
  readonly reasons: readonly LifecycleReason[] | null;
  readonly verdict: Verdict | null;
  readonly awaiting_deploy: boolean | null;
  readonly open: VerdictFactCode[] | null;
  readonly references: number | null;
  readonly last_evaluated_at: number | null;
  readonly assessed_at: number | null;
};

/** With the id, which the API does not answer. */
export type ListedFlag = AssessedFlag & { readonly id: string };

/** Flags that are not archived, in order of key. */
export async function listAssessed(
  db: Database | Tx,
  project: ProjectRow,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  nowMs: number,
): Promise<{ items: AssessedFlag[]; next: string | null }> {
  const after = cursor === undefined ? sql`true` : sql`f.key > ${cursor}`;
  const rows = await readAssessed(db, project, nowMs, sql`f.archived_at is null and ${after}`, limit + 1);
  const items = rows.slice(0, limit).map(({ id: _id, ...flag }) => flag);
  return { items, next: rows.length > limit ? (items.at(-1)?.flag ?? null) : null };
}

/** @param first what they are ordered by before their keys */
export async function readAssessed(
  db: Database | Tx,
  project: ProjectRow,
  nowMs: number,
  which: SQL,
  limit: number,
  first: SQL = sql`f.key`,
): Promise<ListedFlag[]> {
  const rows = await db.execute<AssessedFields>(sql`
    select f.id, f.key, f.kind, f.owner, t.key as team_key, t.name as team_name, f.expires_on::text, ${epochMs(sql`f.archived_at`)} as archived_at,
      f.snoozed_until::text, f.snooze_reason, h.standing, h.reasons, h.verdict, h.awaiting_deploy, h.open, h."references",
      ${epochMs(sql`h.last_evaluated_at`)} as last_evaluated_at,
      case when h.flag_id is null then null else ${epochMs(sql`p.assessed_at`)} end as assessed_at
    from flags f left join teams t on t.key = f.owner left join flag_hygiene h on h.flag_id = f.id
      left join hygiene_projects p on p.project_id = f.project_id
    where f.project_id = ${project.id} and ${which} order by ${first}, f.key limit ${limit}`);
  const today = toDay(nowMs);
  const windows = windowsOf(project);
  return rows.map((row) => {
    const state = { archivedAt: toTime(row.archived_at), expiresOn: row.expires_on, standing: row.standing };
    const lifecycle = lifecycleOf(state, today, windows);
    return {
      id: row.id,
      flag: row.key,
      kind: row.kind,
      owner: row.owner,
      ownerTeam: row.team_key === null ? null : { key: row.team_key, name: row.team_name ?? row.team_key },
      expiresOn: row.expires_on,
      lifecycle,
      reasons: toReasons(state, lifecycle, row.reasons ?? []),
      verdict: row.verdict,
      awaitingDeploy: row.awaiting_deploy ?? false,
      open: row.open ?? [],
      references: row.references,
      lastEvaluatedAt: toTime(row.last_evaluated_at),
      snooze: presentSnooze({ snoozedUntil: row.snoozed_until, snoozeReason: row.snooze_reason }, today),
      assessedAt: toTime(row.assessed_at),
    };
  });
}

function epochMs(at: SQL): SQL {
  return sql`(extract(epoch from ${at}) * 1000)::float8`;
}

function toTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
