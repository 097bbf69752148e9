/** The rows in which servers tell each other their coverage, and who was heard when. */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { COVERAGE_FORMAT, identityOf, type Reader, type ReplicaCoverage } from './coverage.ts';

export const COVERAGE_EVERY_MS = 15_000;
/** After so many turns a server counts no more. */
const DEAD_TURNS = 3;
const DEAD_MS = DEAD_TURNS * COVERAGE_EVERY_MS;
/**
 * Instances of a server that ended, and those of one that begins, are connected again by then: an SDK stays away for five minutes at
 * most, be it between two polls or since it was told so. Twice that.
 */
export const SETTLED_AFTER_MS = 10 * 60_000;
/**
 * A server that fell silent and did not say that it ended may have lost no more than the database: it goes on serving whoever is connected
 * to it, of whom nobody else knows. After so long it is taken for one that was killed.
 */
const MISSED_MS = 24 * 3_600_000;
/** Of an identity as text, with its dashes: 64 bits of the name. */
const ALIKE_CHARS = 18;

/** When those of `readers` that have reported were last heard: epoch milliseconds of the database's clock, by `identityOf`. */
export async function findHeard(db: Database, readers: readonly Reader[]): Promise<ReadonlyMap<string, number>> {
  if (readers.length === 0) return new Map();
  const wanted = readers.map(({ keyId, instance }) => ({ keyId, instance }));
  const rows = await db.execute<{ key_id: string; instance: string; heard_at: number }>(sql`
    select key_id, known.instance, (extract(epoch from heard_at) * 1000)::float8 as heard_at from json_to_recordset(${JSON.stringify(wanted)}::text::json) as wanted ("keyId" uuid, instance text)
    join telemetry_instances known on key_id = "keyId" and known.instance = wanted.instance`);
  return new Map(rows.map(({ key_id, instance, heard_at }) => [identityOf({ keyId: key_id, instance }), heard_at]));
}

/**
 * Identity of one start of a server. Those of one name begin alike, by which a start finds what is left of the starts before it.
 * @param name null: it has none, and is like no other
 */
export function replicaOf(name: string | null): string {
  const id = randomUUID();
  if (name === null) return id;
  const [alike = ''] =
    createHash('sha256')
      .update(name)
      .digest('hex')
      .match(/^.{16}/) ?? [];
  return `${alike.replace(/^(.{8})(.{4})/, '$1-$2-')}${id.slice(ALIKE_CHARS)}`;
}

/**
 * What began before under the same name ended, if it has not said so, after it was last heard and before now. One that is there all
 * the same, since two servers were given one name, is there again with what it writes next.
 */
export async function takePlace(db: Database, replica: string): Promise<void> {
  await db.execute(sql`
    update telemetry_replicas set turned_at = now()
    where replica <> ${replica} and left(replica::text, ${ALIKE_CHARS}) = ${replica.slice(0, ALIKE_CHARS)} and turned_at < heard_at`);
}

/** In place of the rows that this server wrote before; those of servers that are no more go with them. */
export async function writeCoverage(
  db: Database,
  replica: string,
  rows: readonly { readonly environmentId: string; readonly coverage: ReplicaCoverage }[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      delete from telemetry_coverage where (environment_id, replica) in (
        select environment_id, replica from telemetry_coverage
        where replica = ${replica} or heard_at < clock_timestamp() - interval '5 minutes' for update skip locked)`);
    await tx.execute(sql`
      insert into telemetry_coverage (environment_id, replica, coverage, heard_at)
      select (row ->> 'environmentId')::uuid, ${replica}, row -> 'coverage', clock_timestamp()
      from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) as row`);
    // Begun before it was heard, which tells it from one that ended.
    await tx.execute(sql`
      insert into telemetry_replicas (replica, turned_at, heard_at) values (${replica}, now(), clock_timestamp())
      on conflict (replica) do update set heard_at = excluded.heard_at`);
    await tx.execute(sql`
      delete from telemetry_replicas where replica in (
        select replica from telemetry_replicas
        where heard_at < clock_timestamp() - make_interval(secs => ${MISSED_MS / 1_000}) for update skip locked)`);
  });
}

/** What it counted is over, and where its instances are now nobody knows for a while. */
export async function endCoverage(db: Database, replica: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`delete from telemetry_coverage where replica = ${replica}`);
    await tx.execute(sql`
      update telemetry_replicas set turned_at = now(), heard_at = now() where replica = ${replica}`);
  });
}

/** `settled`: all who are connected are known. */
export interface Settling {
  readonly settled: boolean;
  /** When a server was last heard that has not said that it ended, and is silent; null: none. */
  readonly missingSinceMs: number | null;
  /** The last that was killed within a day, and whose place another one took; null: none. Epoch milliseconds. */
  readonly killed: { readonly heardAtMs: number; readonly replacedAtMs: number } | null;
}

/**
 * Not settled while a server has begun or ended so lately that instances may still be on their way to it or from it, while one is missing,
 * and while no server counts.
 */
export async function readSettling(db: Database | Tx): Promise<Settling> {
  const ago = (ms: number) => sql`clock_timestamp() - make_interval(secs => ${ms / 1_000})`;
  const [row] = await db.execute<{
    settled: boolean;
    missing: number | null;
    killed_at: number | null;
    replaced_at: number | null;
  }>(sql`
    select coalesce(bool_or(is_alive) and max(turned_at) <= ${ago(SETTLED_AFTER_MS)} and bool_and(is_alive or has_ended), false) as settled,
      (extract(epoch from min(heard_at) filter (where not is_alive and not has_ended)) * 1000)::float8 as missing,
      (extract(epoch from max(turned_at) filter (where turned_at > heard_at)) * 1000)::float8 as replaced_at,
      (extract(epoch from (array_agg(heard_at order by turned_at desc) filter (where turned_at > heard_at))[1]) * 1000)::float8 as killed_at
    from (
      select *, turned_at >= heard_at as has_ended, turned_at < heard_at and heard_at > ${ago(DEAD_MS)} as is_alive
      from telemetry_replicas where heard_at > ${ago(MISSED_MS)}) replicas`);
  const { settled = false, missing = null, killed_at = null, replaced_at = null } = row ?? {};
  const killed = killed_at === null || replaced_at === null ? null : { heardAtMs: killed_at, replacedAtMs: replaced_at };
  return { settled, missingSinceMs: missing, killed };
}

/** What living servers measured in these environments; of another version's row nothing is known. */
export async function readCoverage(
  db: Database | Tx,
  environmentIds: readonly string[],
): Promise<readonly { readonly environmentId: string; readonly coverage: ReplicaCoverage | null }[]> {
  if (environmentIds.length === 0) return [];
  const rows = await db.execute<{ environment_id: string; coverage: ReplicaCoverage }>(sql`
    select environment_id, coverage from telemetry_coverage where environment_id = any(${`{${environmentIds.join(',')}}`}::uuid[])
      and heard_at > clock_timestamp() - make_interval(secs => ${DEAD_MS / 1_000})`);
  return rows.map(({ environment_id, coverage }) => ({
    environmentId: environment_id,
    coverage: coverage.format === COVERAGE_FORMAT ? coverage : null,
  }));
}
