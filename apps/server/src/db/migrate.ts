/**
 * Brings a database to the schema of this build. Forward only, one migrator at a time: replicas that start together wait for
 * the first of them. Each step is a transaction of its own together with the note that it was done, so that whatever
 * ends the migrator ends it between two steps, and the next start goes on from there.
 */

import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import type { Logger } from '../observability/logger.ts';
import { StartError } from '../start-error.ts';
import { ADVISORY_LOCK_CLASS, MIGRATION_LOCK } from './advisory-locks.ts';
import { noticesTo } from './client.ts';
import { type Migration, readMigrations } from './migration-files.ts';

/** Longer than any step should take while another replica runs it; afterwards something is stuck. */
const MIGRATOR_WAIT_MS = 60_000;
/**
 * A statement that waits for a table makes everybody wait who comes after it. So it waits shortly, lets them pass, and
 * tries again.
 */
const LOCK_TIMEOUT_MS = 2_000;
const RETRY_AFTER_MS = 1_000;
/** Of a connection that may be lost. */
const CLOSE_SECONDS = 1;
const LOCK_NOT_AVAILABLE = '55P03';

export interface MigrateOptions {
  /** Default: those of this build. */
  readonly migrations?: readonly Migration[];
  /** How long a step tries to get its locks. */
  readonly patienceMs?: number;
}

/** Throws an error whose message is one sentence when the schema is not one that this build can bring up to date. */
export async function migrateDatabase(url: string, log: Logger, options: MigrateOptions = {}): Promise<void> {
  const { migrations = readMigrations(), patienceMs = 120_000 } = options;
  const sql = postgres(url, {
    max: 1,
    connection: { application_name: 'yardarm migration', statement_timeout: 0, lock_timeout: MIGRATOR_WAIT_MS },
    onnotice: noticesTo(log),
  });
  try {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK_CLASS}, ${MIGRATION_LOCK})`.catch((cause) => {
      throw new StartError(
        `The database schema could not be updated: another server has been updating it for more than ${MIGRATOR_WAIT_MS / 1000} s. Look for a session named 'yardarm migration' in pg_stat_activity.`,
        { cause },
      );
    });
    const done = await readDone(sql);
    for (const migration of findPending(migrations, done, log)) {
      await applyPatiently(sql, migration, migrations.indexOf(migration) + 1, { patienceMs, log });
    }
  } finally {
    await sql.end({ timeout: CLOSE_SECONDS });
  }
}

interface Done {
  readonly madeAtMs: number;
  readonly checksum: string;
}

async function readDone(sql: Sql): Promise<readonly Done[]> {
  await sql`create schema if not exists drizzle`;
  // As the tool that generates the migrations makes it: databases of the first release have it.
  await sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  await sql`create table if not exists drizzle.schema_meta (
    single boolean primary key default true check (single), version int not null, min_writer int not null)`;
  const rows = await sql<{ hash: string; created_at: string }[]>`select hash, created_at from drizzle.__drizzle_migrations`;
  return rows.map((row) => ({ madeAtMs: Number(row.created_at), checksum: row.hash }));
}

/** An older build keeps serving on a newer schema, since steps only expand; whether it may write, `min_writer` says. */
function findPending(migrations: readonly Migration[], done: readonly Done[], log: Logger): readonly Migration[] {
  const newestMs = migrations.at(-1)?.madeAtMs ?? 0;
  for (const { madeAtMs, checksum } of done) {
    const own = migrations.find((migration) => migration.madeAtMs === madeAtMs);
    if (own === undefined && madeAtMs < newestMs)
      throw new StartError(
        'The database was updated by a build of Yardarm that was never released, and cannot be brought further. Start with an empty database, or restore a backup of a released version.',
      );
    if (own !== undefined && own.checksum !== checksum)
      throw new StartError(
        `The migration '${own.tag}' is not the one that this database was updated with: its file was edited afterwards. Restore the file, or install this version of Yardarm anew.`,
      );
  }
  if (done.some(({ madeAtMs }) => madeAtMs > newestMs))
    log.warn('the database was updated by a newer Yardarm than this one: run the newest version everywhere');
  return migrations.filter((migration) => !done.some(({ madeAtMs }) => madeAtMs === migration.madeAtMs));
}

async function applyPatiently(
  sql: Sql,
  migration: Migration,
  version: number,
  { patienceMs, log }: { readonly patienceMs: number; readonly log: Logger },
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await apply(sql, migration, version);
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      if (performance.now() > deadlineMs)
        throw new StartError(
          `The database schema could not be updated: step '${migration.tag}' did not get its locks within ${patienceMs / 1000} s. Look for long transactions in pg_stat_activity, end them, and start again.`,
          { cause: error },
        );
      log.warn({ migration: migration.tag }, 'a long transaction holds what the schema update needs: trying again');
      await delay(RETRY_AFTER_MS);
    }
  }
}

async function apply(sql: Sql, migration: Migration, version: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`;
    for (const statement of migration.statements) await tx.unsafe(statement);
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${migration.checksum}, ${migration.madeAtMs})`;
    const minWriter = migration.minWriter ?? 1;
    await tx`insert into drizzle.schema_meta (version, min_writer) values (${version}, ${minWriter})
      on conflict (single) do update set version = greatest(schema_meta.version, excluded.version),
        min_writer = greatest(schema_meta.min_writer, excluded.min_writer)`;
  });
}
