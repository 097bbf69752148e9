/**
 * Opens the database that the settings name: DATABASE_URL, else a PostgreSQL of our own from the programs that the
 * packages carry, else the same from the machine's programs. Every obstacle becomes one sentence with a remedy.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Logger } from '../observability/logger.ts';
import { StartError } from '../start-error.ts';
import { createPool, type Pool } from './client.ts';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { findEmbeddedBinaries, findSystemBinaries, type PostgresBinaries } from './embedded/postgres-binaries.ts';
import { prepareEmbedded } from './embedded/prepare-embedded.ts';
import { holdServerLock } from './server-lock.ts';

/** Covers a database that starts together with the server, as in a compose file without health conditions. */
const REMOTE_PATIENCE_MS = 30_000;
const REMOTE_RETRY_MS = 500;
const MAX_CONNECTIONS = 10;
/** Nothing is under way any more when pools are closed, unless the database hangs; then the server still has to end. */
export const POOL_CLOSE_SECONDS = 1;

export interface OpenDatabase extends Pool {
  /**
   * Resolves when the database answers: the pool may be used before, and rejects then. Rejects after `patienceMs`, at once
   * where waiting does not help, and when the start is broken off.
   */
  answers(patienceMs?: number): Promise<void>;
  /** Contains credentials: never log it. */
  readonly url: string;
  /** For people; without credentials. */
  readonly description: string;
  /** Ends the connections; stops the database if it is our own, and waits for that. Idempotent. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  readonly config: Pick<Config, 'databaseUrl' | 'dataDirectory'>;
  readonly log: Logger;
  /** PATH, for the programs of the machine. */
  readonly searchPath: string;
  /** Called when another server took the embedded database over: this one must stop. */
  readonly onLost: (sentence: string) => void;
  /** Ends the waiting for a database that is not there yet. */
  readonly signal: AbortSignal;
}

export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const { config, log } = options;
  return config.databaseUrl === null ? openEmbedded(options) : openRemote(config.databaseUrl, log, options.signal);
}

async function openEmbedded({ config, log, searchPath, onLost, signal }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const { dataDirectory } = config;
  const prepared = await prepareEmbedded(dataDirectory, await findBinaries(searchPath));
  const server = await startEmbeddedPostgres({ ...prepared, log, signal });
  const lock = await holdServerLock({ url: server.url, dataDirectory, log, onLost }).catch((error) => {
    // Whoever holds it needs the database; it is theirs to stop.
    server.abandon();
    throw error;
  });
  const pool = poolOf(server.url, log);
  const { version, origin } = prepared.binaries;
  const description = `${origin === 'embedded' ? 'embedded' : "the machine's"} PostgreSQL ${version} in ${prepared.directory}`;
  const note = 'for one machine and one server; set DATABASE_URL to use a PostgreSQL of your own';
  log.info({ directory: prepared.directory, version, adopted: server.adopted, note }, 'embedded database is open');
  const close = once(async () => {
    await pool.sql.end({ timeout: POOL_CLOSE_SECONDS });
    await lock.release();
    await server.stop();
  });
  return { ...pool, url: server.url, description, close, answers: async () => undefined };
}

async function findBinaries(searchPath: string): Promise<PostgresBinaries> {
  const embedded = await findEmbeddedBinaries();
  if ('binaries' in embedded) return embedded.binaries;
  const system = findSystemBinaries(searchPath);
  if ('binaries' in system) return system.binaries;
  throw new StartError(
    `There is no database: DATABASE_URL is not set, ${embedded.problem}, and ${system.problem}. Set DATABASE_URL to a PostgreSQL, for example postgres://user:password@host:5432/yardarm, or install PostgreSQL on this machine.`,
  );
}

function openRemote(url: string, log: Logger, signal: AbortSignal): OpenDatabase {
  const { host, pathname } = new URL(url);
  const place = `${host}${pathname}`;
  const answers = async (patienceMs = REMOTE_PATIENCE_MS) => {
    const version = await firstAnswer({ url, place, patienceMs, log, signal });
    log.info({ host, version }, 'database is open');
  };
  const pool = poolOf(url, log);
  return {
    ...pool,
    url,
    description: `PostgreSQL at ${place}`,
    answers,
    close: once(() => pool.sql.end({ timeout: POOL_CLOSE_SECONDS })),
  };
}

interface FirstAnswer {
  readonly url: string;
  readonly place: string;
  readonly patienceMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Waits for a database that is not up yet; what waiting cannot mend is refused at once. */
async function firstAnswer({ url, place, patienceMs, log, signal }: FirstAnswer): Promise<string> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const probe = createPool({ url, applicationName: 'yardarm start', maxConnections: 1, log });
    try {
      const [row] = await probe.sql<{ version: string }[]>`select current_setting('server_version') as version`;
      return row?.version ?? 'unknown';
    } catch (cause) {
      const { code = '', message } = cause as { code?: string; message: string };
      const remedy = PERMANENT[code];
      if (remedy !== undefined) throw new StartError(`The database ${place} cannot be used (${message}). ${remedy}`, { cause });
      if (performance.now() > deadlineMs) {
        throw new StartError(
          `The database ${place} did not answer within ${patienceMs / 1000} s (${code || message}). Start it, or correct DATABASE_URL.`,
          { cause },
        );
      }
      log.debug({ code }, 'the database does not answer yet');
      await delay(REMOTE_RETRY_MS, undefined, { signal });
    } finally {
      await probe.sql.end({ timeout: 1 });
    }
  }
}

/** By SQLSTATE. */
const PERMANENT: Readonly<Record<string, string>> = {
  '28P01': 'Correct the user and password in DATABASE_URL.',
  '28000': 'Correct the user in DATABASE_URL, or let it in by pg_hba.conf.',
  '3D000': 'Create the database, or correct its name in DATABASE_URL.',
  // What a pooler answers to session settings.
  '08P01': 'Point DATABASE_URL at PostgreSQL itself, or see "Behind a pooler" in docs/operations.md.',
};

function poolOf(url: string, log: Logger): Pool {
  return createPool({ url, applicationName: 'yardarm', maxConnections: MAX_CONNECTIONS, log });
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= action();
    return done;
  };
}
