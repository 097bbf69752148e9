/**
 * Keeps the tables of telemetry as small as they are useful: hours become days, days become months without versions and reasons, and
 * what nobody would ask for any more goes. In slices that take a fraction of a second, each a transaction: whatever ends it, nothing is
 * counted twice, and reports that come in wait for no more than one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type SQL, sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { startWriting } from '../changes/lock-heads.ts';
import { ADVISORY_LOCK_CLASS, TELEMETRY_LOCK } from '../db/advisory-locks.ts';
import type { Database, Tx } from '../db/client.ts';
import { KEPT_DAYS, MAX_TOTAL, OTHER_APP } from './merge-counts.ts';
import { MAX_SERIES } from './report-store.ts';

/** Whole days, UTC, before today. */
export const KEPT_HOURS_DAYS = 1;
export const KEPT_MONTHS = 13;
/** What an SDK sends again after a longer outage may count twice. */
const KEPT_INSTANCES: Readonly<Record<'server' | 'client', SQL>> = {
  server: sql`interval '7 days'`,
  client: sql`interval '1 day'`,
};
/** Of one environment and kind of key; of more those heard last. */
export const MAX_INSTANCES = 100_000;
const KEPT_DEFAULTS = sql`interval '35 days'`;
const KEPT_UNKNOWN = sql`interval '30 days'`;
const LOOK_EVERY_MS = 10 * 60_000;
const FIRST_LOOK_MS = 60_000;
/** Rows in one slice. */
const SLICE = 20_000;
const LOCK_TIMEOUT_MS = 2_000;

export interface RollUp {
  /** Does not wait for what is under way, which ends with its pool. */
  close(): void;
}

export function startRollUp({ db, log }: { readonly db: Database; readonly log: FastifyBaseLogger }): RollUp {
  const ending = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
  async function run(): Promise<void> {
    await pause(FIRST_LOOK_MS);
    while (!ending.signal.aborted) {
      await rollUp(db, ending.signal).catch((error: unknown) =>
        log.warn({ err: error }, 'telemetry could not be rolled up, trying on'),
      );
      await pause(LOOK_EVERY_MS);
    }
  }
  void run();
  return { close: () => ending.abort() };
}

/** Does all that is due by the database's clock. Several servers may do it at the same time. */
export async function rollUp(db: Database, signal?: AbortSignal): Promise<void> {
  for (const slice of [hoursToDays, daysToMonths, dropMonths, dropSeries, dropInstances]) {
    for (let more = true; more && !signal?.aborted; ) more = await db.transaction((tx) => alone(tx, slice));
  }
  if (!signal?.aborted) await db.transaction((tx) => alone(tx, dropRest));
}

async function alone<T>(tx: Tx, run: (tx: Tx) => Promise<T>): Promise<T> {
  await startWriting(tx, LOCK_TIMEOUT_MS);
  await tx.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${TELEMETRY_LOCK})`);
  return run(tx);
}

const TODAY = sql`(now() at time zone 'utc')::date`;

async function hoursToDays(tx: Tx): Promise<boolean> {
  const firstKept = sql`(extract(epoch from ${TODAY} - ${KEPT_HOURS_DAYS}::integer) / 3600)::integer`;
  return moved(
    tx,
    sql`
    with gone as (
      delete from telemetry_hours where (hour, series_id) in (
        select hour, series_id from telemetry_hours where hour < ${firstKept} order by hour, series_id limit ${SLICE})
      returning hour, series_id, n
    ), kept as (
      insert into telemetry_days as known (day, series_id, n)
      select (to_timestamp(hour::float8 * 3600) at time zone 'utc')::date, series_id, ${capped(sql`sum(n)`)} from gone group by 1, 2
      on conflict (day, series_id) do update set n = ${capped(sql`known.n + excluded.n`)}
    )
    select count(*)::integer as rows from gone`,
  );
}

/**
 * Into series of their own, that tell neither versions nor reasons apart: those are of use while a version is in use. Where there are
 * as many as there may be (and those of one slice), more apps are counted together: forged names would stay for a year.
 */
async function daysToMonths(tx: Tx): Promise<boolean> {
  return moved(
    tx,
    sql`
    with gone as materialized (
      delete from telemetry_days where (day, series_id) in (
        select day, series_id from telemetry_days where day < ${TODAY} - ${KEPT_DAYS}::integer order by day, series_id limit ${SLICE})
      returning day, series_id, n
    ), crowded as materialized (
      select environment_id, key_kind from telemetry_series where reason = '' group by 1, 2
      having count(*) >= case key_kind when 'server' then ${MAX_SERIES.server}::integer else ${MAX_SERIES.client}::integer end
    ), summed as materialized (
      select date_trunc('month', day)::date as month, s.flag_id, s.environment_id, s.key_kind, case
          when (s.environment_id, s.key_kind) not in (select environment_id, key_kind from crowded) or exists (
            select from telemetry_series known where known.flag_id = s.flag_id and known.environment_id = s.environment_id
              and known.key_kind = s.key_kind and known.app = s.app and known.app_version = '' and known.variant = s.variant
              and known.reason = '' and known.default_served = s.default_served)
          then s.app else ${OTHER_APP} end as app, s.variant, s.default_served, ${capped(sql`sum(gone.n)`)} as n
      from gone join telemetry_series s on s.id = gone.series_id group by 1, 2, 3, 4, 5, 6, 7
    ), series as (
      insert into telemetry_series as known (flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on)
      select flag_id, environment_id, key_kind, app, '', variant, '', default_served, max(month) from summed group by 1, 2, 3, 4, 6, 8
      on conflict on constraint telemetry_series_told_apart do update set seen_on = greatest(known.seen_on, excluded.seen_on)
      returning *
    ), kept as (
      insert into telemetry_months as known (month, series_id, n)
      select summed.month, series.id, summed.n from summed join series using (flag_id, environment_id, key_kind, app, variant, default_served)
      on conflict (month, series_id) do update set n = ${capped(sql`known.n + excluded.n`)}
    )
    select count(*)::integer as rows from gone`,
  );
}

async function dropMonths(tx: Tx): Promise<boolean> {
  return moved(
    tx,
    sql`
    with gone as (
      delete from telemetry_months where (month, series_id) in (
        select month, series_id from telemetry_months
        where month < date_trunc('month', ${TODAY}) - make_interval(months => ${KEPT_MONTHS}::integer) limit ${SLICE})
      returning 1
    )
    select count(*)::integer as rows from gone`,
  );
}

/** Those of which no count is left, by their last day. */
async function dropSeries(tx: Tx): Promise<boolean> {
  return moved(
    tx,
    sql`
    with gone as (
      delete from telemetry_series where id in (
        select id from telemetry_series where case
          when reason = '' then seen_on < date_trunc('month', ${TODAY}) - make_interval(months => ${KEPT_MONTHS}::integer)
          else seen_on < ${TODAY} - ${KEPT_DAYS}::integer end limit ${SLICE})
      returning 1
    )
    select count(*)::integer as rows from gone`,
  );
}

async function dropInstances(tx: Tx): Promise<boolean> {
  return moved(
    tx,
    sql`
    with gone as (
      delete from telemetry_instances where (key_id, instance) in (
        select key_id, instance from (
          select key_id, instance, key_kind, heard_at,
            row_number() over (partition by environment_id, key_kind order by heard_at desc) as place
          from telemetry_instances) ranked
        where place > ${MAX_INSTANCES}::integer
          or heard_at < now() - case key_kind when 'server' then ${KEPT_INSTANCES.server} else ${KEPT_INSTANCES.client} end
        limit ${SLICE})
      returning 1
    )
    select count(*)::integer as rows from gone`,
  );
}

async function dropRest(tx: Tx): Promise<void> {
  await tx.execute(sql`delete from telemetry_defaults where seen_at < now() - ${KEPT_DEFAULTS}`);
  await tx.execute(sql`delete from telemetry_skips where seen_at < now() - ${KEPT_DEFAULTS}`);
  await tx.execute(sql`delete from telemetry_key_series where day < ${TODAY} - ${KEPT_DAYS}::integer`);
  await tx.execute(sql`delete from telemetry_unknown_flags where seen_at < now() - ${KEPT_UNKNOWN}`);
  await tx.execute(sql`
    update telemetry_sources known set series = coalesce(counted.series, 0)
    from telemetry_sources source left join (
      select environment_id, key_kind, count(*)::integer as series from telemetry_series where reason <> '' group by 1, 2) counted
      on counted.environment_id = source.environment_id and counted.key_kind = source.key_kind
    where known.environment_id = source.environment_id and known.key_kind = source.key_kind
      and known.series <> coalesce(counted.series, 0)`);
}

/** Whether there may be more of it. */
async function moved(tx: Tx, statement: SQL): Promise<boolean> {
  const [row] = await tx.execute<{ rows: number }>(statement);
  return row?.rows === SLICE;
}

function capped(total: SQL): SQL {
  return sql`least(${total}, ${String(MAX_TOTAL)}::bigint)::bigint`;
}
