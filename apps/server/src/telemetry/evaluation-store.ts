/** Reads what was reported. */
import type { FlagEvaluations, Grain, LastEvaluated } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { HOUR_MS, KEPT_DAYS, plus } from './merge-counts.ts';
import { KEPT_HOURS_DAYS, KEPT_MONTHS } from './roll-up.ts';

const DAY_MS = 24 * HOUR_MS;
const MAX_APPS = 100;

type Kind = 'server' | 'client';
interface LastRow extends Record<string, unknown> {
  readonly flag: string;
  readonly environment: string;
  readonly key_kind: Kind;
  readonly rule_served_at: number | null;
  readonly default_served_at: number | null;
}

/** Of every flag of the project that was ever evaluated, or of one. */
export async function loadLastEvaluated(db: Database, projectId: string, flag?: string): Promise<LastEvaluated[]> {
  const rows = await db.execute<LastRow>(sql`
    select f.key as flag, e.key as environment, l.key_kind, ${epochMs(sql`l.rule_served_at`)} as rule_served_at,
      ${epochMs(sql`l.default_served_at`)} as default_served_at
    from telemetry_last_evaluated l join flags f on f.id = l.flag_id join environments e on e.id = l.environment_id
    where f.project_id = ${projectId} and ${flag === undefined ? sql`true` : sql`f.key = ${flag}`} order by f.key, e.position`);
  const entries = new Map<string, LastEvaluated>();
  for (const { flag: key, environment, key_kind, rule_served_at, default_served_at } of rows) {
    const id = `${environment} ${key}`;
    const entry = entries.get(id) ?? { flag: key, environment, server: NEVER, client: NEVER };
    entries.set(id, {
      ...entry,
      [key_kind]: { ruleServedAt: toTime(rule_served_at), defaultServedAt: toTime(default_served_at) },
    });
  }
  return [...entries.values()];
}

export const NEVER = { ruleServedAt: null, defaultServedAt: null } as const;

interface CountRow extends Record<string, unknown> {
  readonly at: number;
  readonly key_kind: Kind;
  readonly app: string;
  readonly app_version: string;
  readonly variant: string;
  readonly reason: string;
  readonly default_served: boolean;
  readonly n: number;
}

/** Counts of one flag in one environment since `sinceMs`, by `grain`. */
export async function loadCounts(
  db: Database,
  place: { readonly flagId: string; readonly environmentId: string },
  { grain, sinceMs, nowMs }: { readonly grain: Grain; readonly sinceMs: number; readonly nowMs: number },
): Promise<Pick<FlagEvaluations, 'items' | 'apps'>> {
  const sinceDay = new Date(sinceMs).toISOString().slice(0, 10);
  const toDay = new Date(nowMs).toISOString().slice(0, 10);
  const [fromHour, toHour] = [Math.floor(Math.max(sinceMs, nowMs - 4 * DAY_MS) / HOUR_MS), Math.floor(nowMs / HOUR_MS) + 1];
  // One look into the index for each hour, since the counts of all flags of an hour lie side by side.
  const hours = sql`
    select to_timestamp(h::float8 * 3600) as at, counted.series_id, counted.n from generate_series(${fromHour}::integer, ${toHour}::integer) h
    cross join lateral (select series_id, n from telemetry_hours where hour = h and series_id = any(select id from series) offset 0) counted`;
  const days = sql`
    select d, counted.series_id, counted.n from generate_series(${sinceDay}::timestamp at time zone 'utc', ${toDay}::timestamp at time zone 'utc', '1 day') d
    cross join lateral (
      select series_id, n from telemetry_days where day = (d at time zone 'utc')::date and series_id = any(select id from series) offset 0) counted`;
  const months = sql`
    select month::timestamp at time zone 'utc', series_id, n from telemetry_months
    where month >= ${sinceDay}::date and series_id = any(select id from series)`;
  const tables = { hour: [hours], day: [hours, days], month: [hours, days, months] }[grain];
  const rows = await db.execute<CountRow>(sql`
    with series as materialized (
      select * from telemetry_series where flag_id = ${place.flagId} and environment_id = ${place.environmentId}
    ), counted as (${sql.join(tables, sql` union all `)})
    select ${epochMs(sql`date_trunc(${grain}, at, 'utc')`)} as at, key_kind, app, app_version, variant, reason, default_served,
      least(sum(n), ${String(Number.MAX_SAFE_INTEGER)}::bigint)::float8 as n
    from counted join series on series.id = series_id group by 1, 2, 3, 4, 5, 6, 7 order by 1`);
  return { items: toItems(rows), apps: toApps(rows) };
}

/**
 * Evaluations of every flag of an environment on each of the last `days` days, today being the last: flag key -> counts, the oldest first.
 * Of flags that were not evaluated there is nothing.
 */
export async function loadTrends(
  db: Database,
  environmentId: string,
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<{ readonly since: string; readonly flags: Record<string, number[]> }> {
  const today = nowMs - (nowMs % DAY_MS);
  const sinceMs = today - (days - 1) * DAY_MS;
  const since = new Date(sinceMs).toISOString().slice(0, 10);
  // Summed by series before they are joined: of hours there are up to 48 for each.
  const rows = await db.execute<{ flag: string; day: number; n: number }>(sql`
    with series as materialized (
      select id, flag_id from telemetry_series where environment_id = ${environmentId} and seen_on >= ${since}::date
    ), counted as (
      select hour / 24 - ${Math.floor(sinceMs / DAY_MS)}::integer as day, series_id, sum(n) as n from telemetry_hours
      where hour >= ${Math.floor(sinceMs / HOUR_MS)}::integer group by 1, 2
      union all
      select day - ${since}::date, series_id, n from telemetry_days where day >= ${since}::date
    )
    select f.key as flag, counted.day, least(sum(counted.n), ${String(Number.MAX_SAFE_INTEGER)}::bigint)::float8 as n
    from counted join series on series.id = counted.series_id join flags f on f.id = series.flag_id
    where counted.day between 0 and ${days - 1}::integer group by 1, 2`);
  const counts = new Map<string, number[]>();
  for (const { flag, day, n } of rows) {
    const known = counts.get(flag) ?? Array.from({ length: days }, () => 0);
    known[day] = n;
    counts.set(flag, known);
  }
  return { since, flags: Object.fromEntries(counts) };
}

/** Begin of what is kept by `grain`. */
export function keptSince(grain: Grain, nowMs: number): number {
  const today = nowMs - (nowMs % DAY_MS);
  if (grain === 'hour') return today - KEPT_HOURS_DAYS * DAY_MS;
  if (grain === 'day') return today - KEPT_DAYS * DAY_MS;
  const month = new Date(today);
  return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() - KEPT_MONTHS, 1);
}

export async function loadNames(
  db: Database,
  { flagId, environmentId }: { readonly flagId: string; readonly environmentId: string },
): Promise<Pick<FlagEvaluations, 'defaults' | 'skipped'>> {
  const isPlace = sql`flag_id = ${flagId} and environment_id = ${environmentId}`;
  const [defaults, skipped] = await Promise.all([
    db.execute<{ key_kind: Kind; app: string; hash: string; seen_at: number }>(sql`
      select key_kind, app, hash, ${epochMs(sql`seen_at`)} as seen_at from telemetry_defaults where ${isPlace} order by key_kind, app, hash`),
    db.execute<{ key_kind: Kind; rule: string; attribute: string; seen_at: number }>(sql`
      select key_kind, rule, attribute, ${epochMs(sql`seen_at`)} as seen_at from telemetry_skips where ${isPlace}
      order by key_kind, rule, attribute`),
  ]);
  return {
    defaults: defaults.map(({ key_kind, app, hash, seen_at }) => ({
      ...{ keyKind: key_kind, app: app || null, hash },
      seenAt: new Date(seen_at).toISOString(),
    })),
    skipped: skipped.map(({ key_kind, rule, attribute, seen_at }) => ({
      ...{ keyKind: key_kind, rule, attribute },
      seenAt: new Date(seen_at).toISOString(),
    })),
  };
}

function toItems(rows: readonly CountRow[]): FlagEvaluations['items'] {
  const items = new Map<string, FlagEvaluations['items'][number]>();
  for (const { at, key_kind, variant, reason, default_served, n } of rows) {
    const id = JSON.stringify([at, key_kind, variant, reason, default_served]);
    const item = {
      ...{ at: new Date(at).toISOString(), keyKind: key_kind, variant: variant || null, reason: reason || null },
      defaultServed: default_served,
    };
    items.set(id, { ...item, n: plus(n, items.get(id)?.n ?? 0) });
  }
  return [...items.values()];
}

function toApps(rows: readonly CountRow[]): FlagEvaluations['apps'] {
  const apps = new Map<string, FlagEvaluations['apps'][number]>();
  for (const { key_kind, app, app_version, n } of rows) {
    const id = JSON.stringify([key_kind, app, app_version]);
    const named = { keyKind: key_kind, app: { name: app || null, version: app_version || null } };
    apps.set(id, { ...named, n: plus(n, apps.get(id)?.n ?? 0) });
  }
  return [...apps.values()].sort((a, b) => b.n - a.n).slice(0, MAX_APPS);
}

function epochMs(at: SQL): SQL {
  return sql`(extract(epoch from ${at}) * 1000)::float8`;
}

function toTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
