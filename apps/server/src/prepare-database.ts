import { setTimeout as delay } from 'node:timers/promises';
import { adoptRecords } from './audit/adopt-records.ts';
import { type Bootstrapped, bootstrap } from './bootstrap.ts';
import type { Config } from './config.ts';
import { migrateDatabase } from './db/migrate.ts';
import type { OpenDatabase } from './db/open-database.ts';
import type { Logger } from './observability/logger.ts';
import { StartError } from './start-error.ts';

const RETRY_MS = 1_000;

export interface PrepareOptions {
  readonly database: OpenDatabase;
  /** Of PostgreSQL itself: updating the schema needs a session. */
  readonly sessionUrl: string;
  readonly config: Config;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Waits for the database and brings it to what this build needs. Throws a StartError where that cannot be. */
export async function prepareDatabase({ database, sessionUrl, config, log, now, signal }: PrepareOptions): Promise<Bootstrapped> {
  await database.answers();
  signal.throwIfAborted();
  await migrateDatabase(sessionUrl, log);
  signal.throwIfAborted();
  const { db } = database;
  const adopted = await adoptRecords(db);
  if (adopted > 0) log.info({ adopted }, 'the history has hash chains from here on; what is older was adopted as it stood');
  return bootstrap({ db, log, now, config });
}

/**
 * The same for a server that serves SDKs meanwhile: it goes on trying, since ending would end that. What a person has to mend is in the
 * log, once. Rejects when it is broken off, and with what `isFatal` says so of.
 */
export async function prepareDatabasePatiently(
  options: PrepareOptions,
  isFatal: (error: StartError) => boolean,
): Promise<Bootstrapped> {
  let told = '';
  for (;;) {
    try {
      return await prepareDatabase(options);
    } catch (error) {
      if (options.signal.aborted || (error instanceof StartError && isFatal(error))) throw error;
      const { message } = error as Error;
      if (message !== told)
        options.log.error({ err: error }, 'the database cannot be used; SDKs are served from what was kept, trying on');
      told = message;
    }
    await delay(RETRY_MS, undefined, { signal: options.signal });
  }
}
