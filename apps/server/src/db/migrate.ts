/**
 * Brings a database to the schema of this build. Forward only, all pending steps in one transaction, one migrator
 * at a time: replicas that start together wait for the first of them.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import type { Logger } from '../observability/logger.ts';
import { StartError } from '../start-error.ts';
import { ADVISORY_LOCK_CLASS, MIGRATION_LOCK } from './advisory-locks.ts';

/** Longer than any step should take while another replica runs it; afterwards something is stuck. */
const LOCK_WAIT_MS = 60_000;

/** Throws an error whose message is one sentence when another migrator holds the lock for too long. */
export async function migrateDatabase(url: string, log: Logger): Promise<void> {
  const migrationsFolder = findMigrations();
  const sql = postgres(url, {
    max: 1,
    connection: { application_name: 'yardarm migration', statement_timeout: 0, lock_timeout: LOCK_WAIT_MS },
    onnotice: (notice) => log.debug({ notice: notice.message }, 'database notice'),
  });
  try {
    await sql`select pg_advisory_lock(${ADVISORY_LOCK_CLASS}, ${MIGRATION_LOCK})`.catch((cause) => {
      throw new StartError(
        `The database schema could not be updated: another server has been updating it for more than ${LOCK_WAIT_MS / 1000} s. Look for a session named 'yardarm migration' in pg_stat_activity.`,
        { cause },
      );
    });
    await migrate(drizzle(sql), { migrationsFolder });
    await warnIfNewer(sql, migrationsFolder, log);
  } finally {
    await sql.end();
  }
}

/** An older build keeps working on a newer schema (steps only expand), but the operator should know. */
async function warnIfNewer(sql: postgres.Sql, folder: string, log: Logger): Promise<void> {
  const journal: { entries: { when: number }[] } = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8'));
  const own = Math.max(...journal.entries.map((entry) => entry.when));
  const [row] = await sql<{ newest: string }[]>`select max(created_at) as newest from drizzle.__drizzle_migrations`;
  if (row !== undefined && Number(row.newest) > own) {
    log.warn('the database was updated by a newer Yardarm than this one: run the newest version everywhere');
  }
}

/** The folder is beside `apps` in the repository and in the image; from here it is the same climb in `src` and `dist`. */
function findMigrations(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations/meta/_journal.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new StartError("The folder 'migrations' was not found beside the server: the installation is incomplete.");
    folder = parent;
  }
  return join(folder, 'migrations');
}
