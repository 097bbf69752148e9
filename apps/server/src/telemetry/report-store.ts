/**
 * Writes reports, each once: the number of an instance's last batch stands in the same transaction as what it counted. One writer at
 * a time, of all servers, so that bounds hold and nobody deadlocks.
 */
import { setImmediate } from 'node:timers/promises';
import { type SQL, sql } from 'drizzle-orm';
import { startWriting } from '../changes/lock-heads.ts';
import { ADVISORY_LOCK_CLASS, TELEMETRY_LOCK } from '../db/advisory-locks.ts';
import type { Database, Tx } from '../db/client.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import {
  type AcceptedReport,
  foldSeries,
  HOUR_MS,
  KEPT_DAYS,
  type KnownFlag,
  MAX_NAMES_OF_FLAG,
  MAX_TOTAL,
  type MergedReports,
  plus,
  type SeriesCounts,
  startMerge,
} from './merge-counts.ts';

/**
 * Of one environment, those of months apart, which would keep the place for a year: a hundred bytes each, and as many in the index. A
 * browser's word costs no more than it is worth.
 */
export const MAX_SERIES = { server: 500_000, client: 100_000 } as const;
/** Of these, with the names of app and version. A client key is public: who forges names must not use up what flags are counted by. */
export const MAX_NAMED_SERIES = { server: 400_000, client: 80_000 } as const;
/** Of the named ones, those that one client key made within the days that series are kept: who has one of them leaves half to the others. */
export const MAX_KEY_SERIES = MAX_NAMED_SERIES.client / 2;
const LOCK_TIMEOUT_MS = 2_000;
/** Others get their turn after so long. */
const SLICE_MS = 4;
/** Of one environment. */
const MAX_UNKNOWN_FLAGS = 100;
/** A newer moment is written after so long: `just now` begins later, and a row written each second costs the most. */
const LAST_EVERY = sql`interval '15 s'`;
const SEEN_EVERY = sql`interval '1 hour'`;

export interface WrittenReports {
  /** Reports that counted, of those given; the others had been counted before. */
  readonly accepted: number;
  /** Evaluations of flags that do not exist. */
  readonly unknown: number;
}

/** All of it or nothing. At most one report of each (key, instance). Rejects as the database does. */
export async function writeReports(db: Database, reports: readonly AcceptedReport[]): Promise<WrittenReports> {
  return db.transaction(async (tx) => {
    await startWriting(tx, LOCK_TIMEOUT_MS);
    const [clock] = await tx.execute<{ now_ms: number }>(sql`
      select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${TELEMETRY_LOCK}), extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`);
    const accepted = await acceptNew(tx, reports);
    if (accepted.length === 0) return { accepted: 0, unknown: 0 };
    const flags = await findFlags(tx, accepted);
    const merge = startMerge((environmentId, key) => flags.get(`${environmentId} ${key}`), clock?.now_ms ?? 0);
    let turnMs = performance.now();
    for (const report of accepted) {
      merge.add(report);
      if (performance.now() - turnMs < SLICE_MS) continue;
      await setImmediate();
      turnMs = performance.now();
    }
    const rows = merge.rows();
    const taken = await writeSources(tx, rows);
    await writeLost(tx, rows);
    if (rows.series.length > 0) {
      await writeCounts(tx, rows, taken);
      await writeLast(tx, rows);
    }
    await writeDefaults(tx, rows);
    await writeSkips(tx, rows);
    await writeUnknown(tx, rows);
    return { accepted: accepted.length, unknown: rows.unknown.reduce((sum, { n }) => sum + n, 0) };
  });
}

const INSTANCE = sql`"keyId" uuid, instance text, "environmentId" uuid, "keyKind" text, sdk text, app text, version text, commit text,
  seq bigint`;

/** Those whose number is above the last one of their instance, which is thereby theirs. */
async function acceptNew(tx: Tx, reports: readonly AcceptedReport[]): Promise<AcceptedReport[]> {
  const byIdentity = new Map(reports.map((accepted) => [`${accepted.key.id} ${accepted.report.instance}`, accepted]));
  const rows = [...byIdentity.values()].map(({ key, report: { instance, sdk, app, seq } }) => ({
    ...{ keyId: key.id, instance, environmentId: key.environmentId, keyKind: key.kind, sdk },
    ...{ app: app.name ?? '', version: app.version ?? '', commit: app.commit ?? '', seq },
  }));
  const taken = await tx.execute<{ key_id: string; instance: string }>(sql`
    insert into telemetry_instances as known
      (key_id, instance, environment_id, key_kind, sdk, app, app_version, app_commit, last_seq, heard_at)
    select "keyId", instance, "environmentId", "keyKind", sdk, app, version, commit, seq, clock_timestamp() from ${records(rows, INSTANCE)}
    on conflict (key_id, instance) do update set
      sdk = excluded.sdk, app = excluded.app, app_version = excluded.app_version, app_commit = excluded.app_commit,
      last_seq = excluded.last_seq, heard_at = excluded.heard_at
    where known.last_seq < excluded.last_seq
    returning key_id, instance`);
  return taken.flatMap(({ key_id, instance }) => byIdentity.get(`${key_id} ${instance}`) ?? []);
}

async function findFlags(tx: Tx, reports: readonly AcceptedReport[]): Promise<ReadonlyMap<string, KnownFlag>> {
  const wanted = new Map<string, { readonly environmentId: string; readonly key: string }>();
  for (const { key, report } of reports) {
    for (const { flag } of [...report.counts, ...(report.skipped ?? [])])
      wanted.set(`${key.environmentId} ${flag}`, { environmentId: key.environmentId, key: flag });
  }
  // Archived ones too: that a build still asks for one is what its owner has to know.
  const found = await tx.execute<{ environment_id: string; key: string; id: string; variants: string[] }>(sql`
    select e.id as environment_id, f.key, f.id, array(select jsonb_object_keys(f.variants)) as variants
    from ${records([...wanted.values()], sql`"environmentId" uuid, key text`)}
    join environments e on e.id = "environmentId" join flags f on f.project_id = e.project_id and f.key = given.key`);
  return new Map(
    found.map(({ environment_id, key, id, variants }) => [`${environment_id} ${key}`, { id, variants: new Set(variants) }]),
  );
}

/** Answers how many series each place has, by `placeOf`. */
async function writeSources(tx: Tx, { sources }: MergedReports): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.execute<{ environment_id: string; key_kind: SdkKey['kind']; series: number }>(sql`
    insert into telemetry_sources as known (environment_id, key_kind, heard_at, series, lost, dropped)
    select "environmentId", "keyKind", clock_timestamp(), 0, lost, 0
    from ${records(sources, sql`"environmentId" uuid, "keyKind" text, lost bigint`)}
    on conflict (environment_id, key_kind) do update set heard_at = excluded.heard_at, lost = ${sum(sql`known.lost`, sql`excluded.lost`)}
    returning environment_id, key_kind, series`);
  return new Map(
    rows.map(({ environment_id, key_kind, series }) => [placeOf({ environmentId: environment_id, keyKind: key_kind }), series]),
  );
}

/** When, since the sum has no date: whether a flag is used is not known for a while after. */
async function writeLost(tx: Tx, { sources }: MergedReports): Promise<void> {
  const places = new Set(sources.flatMap(({ environmentId, lost }) => (lost > 0 ? environmentId : [])));
  if (places.size === 0) return;
  await tx.execute(sql`
    insert into remote_uses as known (key_id, way, environment_id, used_at)
    select id, 'lost', id, clock_timestamp() from unnest(${`{${[...places].join(',')}}`}::uuid[]) id
    on conflict (key_id, way) do update set used_at = excluded.used_at where known.used_at < excluded.used_at - ${SEEN_EVERY}`);
}

/**
 * Makes the series that are missing, as far as there is room. What has none is counted without what reports name as they like, and
 * that has room of its own; what finds none there either is dropped, and counted as that.
 */
async function writeCounts(tx: Tx, { series }: MergedReports, taken: ReadonlyMap<string, number>): Promise<void> {
  const count = new Map(taken);
  const before = await readMade(tx, series);
  const made = new Map(before);
  const named = await placeSeries(tx, series, { count, made, limit: MAX_NAMED_SERIES });
  const folded = await placeSeries(tx, foldSeries(named.left), { count, made, limit: MAX_SERIES });
  await writeMade(tx, before, made);
  await writeHours(tx, [...named.placed, ...folded.placed]);
  const changed = new Map<string, Place & { series: number; dropped: number }>();
  for (const { environmentId, keyKind } of series) {
    const place = { environmentId, keyKind };
    const key = placeOf(place);
    if (count.get(key) !== taken.get(key)) changed.set(key, { ...place, series: count.get(key) ?? 0, dropped: 0 });
  }
  for (const one of folded.left) {
    const { environmentId, keyKind } = one;
    const key = placeOf(one);
    const noted = changed.get(key) ?? { environmentId, keyKind, series: count.get(key) ?? 0, dropped: 0 };
    changed.set(key, { ...noted, dropped: plus(noted.dropped, totalOf(one)) });
  }
  if (changed.size === 0) return;
  await tx.execute(sql`
    update telemetry_sources known set series = given.series, dropped = ${sum(sql`known.dropped`, sql`given.dropped`)}
    from ${records([...changed.values()], sql`"environmentId" uuid, "keyKind" text, dropped bigint, series integer`)}
    where environment_id = "environmentId" and key_kind = "keyKind"`);
}

/** Client key -> series that it made of late; of all client keys that name some now. */
async function readMade(tx: Tx, series: readonly SeriesCounts[]): Promise<ReadonlyMap<string, number>> {
  const keys = new Set(series.flatMap(({ keyKind, namedBy }) => (keyKind === 'client' && namedBy !== null ? [namedBy] : [])));
  if (keys.size === 0) return new Map();
  const rows = await tx.execute<{ key: string; made: number }>(sql`
    select key_id as key, sum(made)::integer as made from telemetry_key_series
    where key_id = any(${`{${[...keys].join(',')}}`}::uuid[]) and day >= (now() at time zone 'utc')::date - ${KEPT_DAYS}::integer group by 1`);
  const known = new Map(rows.map(({ key, made }) => [key, made]));
  return new Map([...keys].map((key) => [key, known.get(key) ?? 0]));
}

async function writeMade(tx: Tx, before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Promise<void> {
  const rows = [...after].map(([key, made]) => ({ key, made: made - (before.get(key) ?? 0) })).filter(({ made }) => made > 0);
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into telemetry_key_series as known (key_id, day, made)
    select key, (now() at time zone 'utc')::date, made from ${records(rows, sql`key uuid, made integer`)}
    on conflict (key_id, day) do update set made = known.made + excluded.made`);
}

interface Room {
  /** Series that there are, by place. */
  readonly count: Map<string, number>;
  /** Series that were made of late, by client key. */
  readonly made: Map<string, number>;
  readonly limit: Readonly<Record<SdkKey['kind'], number>>;
}

interface Placed {
  readonly id: number;
  readonly hours: SeriesCounts['hours'];
}

/** Those that are there or find room, and those that do not. `count` and `made` grow by what is made. */
async function placeSeries(
  tx: Tx,
  series: readonly SeriesCounts[],
  { count, made: madeBy, limit }: Room,
): Promise<{ readonly placed: readonly Placed[]; readonly left: readonly SeriesCounts[] }> {
  if (series.length === 0) return { placed: [], left: [] };
  const ids = await findSeries(tx, series);
  const missing: object[] = [];
  const left: SeriesCounts[] = [];
  series.forEach((one, index) => {
    if (ids.has(index)) return;
    const place = placeOf(one);
    const there = count.get(place) ?? 0;
    const ofKey = one.namedBy === null ? undefined : madeBy.get(one.namedBy);
    if (there >= limit[one.keyKind] || (ofKey !== undefined && ofKey >= MAX_KEY_SERIES)) {
      left.push(one);
      return;
    }
    count.set(place, there + 1);
    if (one.namedBy !== null && ofKey !== undefined) madeBy.set(one.namedBy, ofKey + 1);
    missing.push({ index, ...toRow(one) });
  });
  for (const [index, id] of await makeSeries(tx, missing)) ids.set(index, id);
  const placed = series.flatMap(({ hours }, index) => {
    const id = ids.get(index);
    return id === undefined ? [] : [{ id, hours }];
  });
  return { placed, left };
}

async function writeHours(tx: Tx, placed: readonly Placed[]): Promise<void> {
  const rows = new Map<string, { readonly hour: number; readonly id: number; readonly n: number }>();
  for (const { id, hours } of placed) {
    for (const [hour, n] of hours) {
      const key = `${hour} ${id}`;
      // Twice where an app calls itself as the others are called.
      rows.set(key, { hour, id, n: plus(n, rows.get(key)?.n ?? 0) });
    }
  }
  const inOrder = [...rows.values()].sort((a, b) => a.hour - b.hour || a.id - b.id);
  await tx.execute(sql`
    insert into telemetry_hours as known (hour, series_id, n)
    select hour, id, n from ${records(inOrder, sql`hour integer, id integer, n bigint`)}
    on conflict (hour, series_id) do update set n = ${sum(sql`known.n`, sql`excluded.n`)}`);
}

const SERIES = sql`index integer, "flagId" uuid, "environmentId" uuid, "keyKind" text, app text, "appVersion" text, variant text,
  reason text, "defaultServed" boolean, day date`;

/** Index -> id, of those that are there. Their last day is brought up to date. */
async function findSeries(tx: Tx, series: readonly SeriesCounts[]): Promise<Map<number, number>> {
  const given = records(
    series.map((one, index) => ({ index, ...toRow(one) })),
    SERIES,
  );
  const found = await tx.execute<{ index: number; id: number }>(sql`
    with found as (
      select given.index, s.id, s.seen_on, given.day from ${given} join telemetry_series s
        on s.flag_id = "flagId" and s.environment_id = "environmentId" and s.key_kind = "keyKind" and s.app = given.app
        and s.app_version = "appVersion" and s.variant = given.variant and s.reason = given.reason and s.default_served = "defaultServed"
    ), seen as (
      update telemetry_series s set seen_on = found.day from found where s.id = found.id and s.seen_on < found.day
    )
    select index, id from found`);
  return new Map(found.map(({ index, id }) => [index, id]));
}

async function makeSeries(tx: Tx, rows: readonly object[]): Promise<ReadonlyMap<number, number>> {
  if (rows.length === 0) return new Map();
  const made = await tx.execute<{ index: number; id: number }>(sql`
    with numbered as materialized (
      select nextval(pg_get_serial_sequence('telemetry_series', 'id'))::integer as id, given.* from ${records(rows, SERIES)}
    ), made as (
      insert into telemetry_series
        (id, flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on) overriding system value
      select id, "flagId", "environmentId", "keyKind", app, "appVersion", variant, reason, "defaultServed", day from numbered
    )
    select index, id from numbered`);
  return new Map(made.map(({ index, id }) => [index, id]));
}

async function writeLast(tx: Tx, { last }: MergedReports): Promise<void> {
  const members = sql`"flagId" uuid, "environmentId" uuid, "keyKind" text, "ruleServedAt" timestamptz, "defaultServedAt" timestamptz`;
  await tx.execute(sql`
    insert into telemetry_last_evaluated as known (flag_id, environment_id, key_kind, rule_served_at, default_served_at)
    select "flagId", "environmentId", "keyKind", "ruleServedAt", "defaultServedAt" from ${records(last, members)}
    on conflict (flag_id, environment_id, key_kind) do update set
      rule_served_at = greatest(known.rule_served_at, excluded.rule_served_at),
      default_served_at = greatest(known.default_served_at, excluded.default_served_at)
    where excluded.rule_served_at > coalesce(known.rule_served_at + ${LAST_EVERY}, '-infinity')
      or excluded.default_served_at > coalesce(known.default_served_at + ${LAST_EVERY}, '-infinity')`);
}

/**
 * What there is is marked as seen; of what is new each flag gets as much as there is room for. The two kinds of keys each have room of
 * their own: whoever forges names with a client key takes none of what servers say.
 */
async function writeDefaults(tx: Tx, { defaults }: MergedReports): Promise<void> {
  if (defaults.length === 0) return;
  const given = records(defaults, sql`"flagId" uuid, "environmentId" uuid, "keyKind" text, app text, hash text`);
  const isOfFlag = sql`known.flag_id = "flagId" and known.environment_id = "environmentId" and known.key_kind = "keyKind"`;
  await tx.execute(sql`
    update telemetry_defaults known set seen_at = clock_timestamp() from ${given}
    where ${isOfFlag} and known.app = given.app and known.hash = given.hash and seen_at < clock_timestamp() - ${SEEN_EVERY}`);
  await tx.execute(sql`
    insert into telemetry_defaults (flag_id, environment_id, key_kind, app, hash, seen_at)
    select "flagId", "environmentId", "keyKind", app, hash, clock_timestamp() from (
      select *, row_number() over (partition by "flagId", "environmentId", "keyKind" order by app, hash) as place from ${given}
      where not exists (select from telemetry_defaults known where ${isOfFlag} and known.app = given.app and known.hash = given.hash)) missing
    where place + (select count(*) from telemetry_defaults known where ${isOfFlag}) <= ${MAX_NAMES_OF_FLAG}::integer`);
}

async function writeSkips(tx: Tx, { skips }: MergedReports): Promise<void> {
  if (skips.length === 0) return;
  const given = records(skips, sql`"flagId" uuid, "environmentId" uuid, "keyKind" text, rule text, attribute text`);
  const isOfFlag = sql`known.flag_id = "flagId" and known.environment_id = "environmentId" and known.key_kind = "keyKind"`;
  await tx.execute(sql`
    update telemetry_skips known set seen_at = clock_timestamp() from ${given}
    where ${isOfFlag} and known.rule = given.rule and known.attribute = given.attribute and seen_at < clock_timestamp() - ${SEEN_EVERY}`);
  await tx.execute(sql`
    insert into telemetry_skips (flag_id, environment_id, key_kind, rule, attribute, seen_at)
    select "flagId", "environmentId", "keyKind", rule, attribute, clock_timestamp() from (
      select *, row_number() over (partition by "flagId", "environmentId", "keyKind" order by rule, attribute) as place from ${given}
      where not exists (
        select from telemetry_skips known where ${isOfFlag} and known.rule = given.rule and known.attribute = given.attribute)) missing
    where place + (select count(*) from telemetry_skips known where ${isOfFlag}) <= ${MAX_NAMES_OF_FLAG}::integer`);
}

/** The first so many of an environment have a row; of the others the metrics know how many there were. */
async function writeUnknown(tx: Tx, { unknown }: MergedReports): Promise<void> {
  if (unknown.length === 0) return;
  const given = records(unknown, sql`"environmentId" uuid, "keyKind" text, key text, app text, n bigint`);
  const isInPlace = sql`known.environment_id = "environmentId" and known.key_kind = "keyKind"`;
  await tx.execute(sql`
    update telemetry_unknown_flags known set
      seen_at = clock_timestamp(), app = given.app, n = ${sum(sql`known.n`, sql`given.n`)}
    from ${given} where ${isInPlace} and known.key = given.key`);
  await tx.execute(sql`
    insert into telemetry_unknown_flags (environment_id, key_kind, key, app, n, seen_at)
    select "environmentId", "keyKind", key, app, n, clock_timestamp() from (
      select *, row_number() over (partition by "environmentId", "keyKind" order by key) as place from ${given}
      where not exists (select from telemetry_unknown_flags known where ${isInPlace} and known.key = given.key)) missing
    where place + (select count(*) from telemetry_unknown_flags known where ${isInPlace}) <= ${MAX_UNKNOWN_FLAGS}::integer`);
}

/** Rows as one parameter: JSON. Its alias is `given`. */
function records(rows: readonly object[], members: SQL): SQL {
  return sql`json_to_recordset(${JSON.stringify(rows)}::text::json) as given (${members})`;
}

/** Two counts of which neither is above MAX_TOTAL, and neither is the sum. */
function sum(a: SQL, b: SQL): SQL {
  return sql`least(${a} + ${b}, ${String(MAX_TOTAL)}::bigint)`;
}

interface Place {
  readonly environmentId: string;
  readonly keyKind: SdkKey['kind'];
}

function placeOf({ environmentId, keyKind }: Place): string {
  return `${keyKind} ${environmentId}`;
}

function toRow({ hours, namedBy: _, ...series }: SeriesCounts) {
  const latestHour = Math.max(...hours.keys());
  return { ...series, day: new Date(latestHour * HOUR_MS).toISOString().slice(0, 10) };
}

function totalOf({ hours }: SeriesCounts): number {
  return [...hours.values()].reduce(plus, 0);
}
