/**
 * One server per embedded database. The lock is PostgreSQL's own (a session's advisory lock), so it is freed by the
 * death of its holder and by nothing else; the holder's name is its session's application name.
 */

import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import type { Logger } from '../observability/logger.ts';
import { StartError } from '../start-error.ts';
import { ADVISORY_LOCK_CLASS, SERVER_LOCK } from './advisory-locks.ts';
import { noticesTo, secondsBeforeRetry } from './client.ts';
import { isAlive } from './embedded/postmaster.ts';

/** The back end of a server that was killed notices the closed socket within milliseconds; a busy machine needs longer. */
const RELEASE_PATIENCE_MS = 5_000;
const RETRY_MS = 50;

export interface ServerLock {
  release(): Promise<void>;
}

export interface ServerLockOptions {
  readonly url: string;
  readonly dataDirectory: string;
  readonly log: Logger;
  /** Called once when the lock was lost to another server, with a sentence: this one must stop. */
  readonly onLost: (sentence: string) => void;
}

/** Throws an error whose message names the other server. */
export async function holdServerLock({ url, dataDirectory, log, onLost }: ServerLockOptions): Promise<ServerLock> {
  let released = false;
  let regaining = false;
  const sql = postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    backoff: secondsBeforeRetry,
    connection: {
      application_name: `yardarm server, process ${process.pid} on ${hostname()}`.slice(0, 63),
      statement_timeout: 15_000,
    },
    onnotice: noticesTo(log),
    onclose: () => {
      if (!released && !regaining) void regain();
    },
  });

  // The database restarted under us, and with its sessions the lock went.
  const regain = async () => {
    regaining = true;
    while (!released) {
      try {
        const holder = await acquire(sql);
        regaining = false;
        if (holder !== null) onLost(refusal(holder, dataDirectory));
        return;
      } catch (error) {
        log.debug({ err: error }, 'the lock of the data directory is not back yet');
        await delay(RETRY_MS * 4);
      }
    }
  };

  const release = async () => {
    released = true;
    await sql.end({ timeout: 1 });
  };

  const holder = await acquire(sql).catch(async (error) => {
    await release();
    throw error;
  });
  if (holder !== null) {
    await release();
    throw new StartError(refusal(holder, dataDirectory));
  }
  return { release };
}

/** Null once the lock is ours, else the name of the living holder. */
async function acquire(sql: Sql): Promise<string | null> {
  const deadlineMs = performance.now() + RELEASE_PATIENCE_MS;
  for (;;) {
    const [row] = await sql<{ held: boolean }[]>`
      select pg_try_advisory_lock(${ADVISORY_LOCK_CLASS}, ${SERVER_LOCK}) as held`;
    if (row?.held) return null;
    const [holder] = await sql<{ name: string }[]>`
      select application_name as name from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and classid::bigint = ${ADVISORY_LOCK_CLASS} and objid::bigint = ${SERVER_LOCK}
        and granted and pg_locks.database = (select oid from pg_database where datname = current_database())`;
    const [, pid, host] = /process (\d+) on (.*)$/.exec(holder?.name ?? '') ?? [];
    const isKnownAlive = pid !== undefined && hostname().startsWith(host ?? '') && isAlive(Number(pid));
    if (isKnownAlive || performance.now() > deadlineMs) return holder?.name ?? 'a server that gave no name';
    await delay(RETRY_MS);
  }
}

function refusal(holder: string, dataDirectory: string): string {
  return `The data directory '${dataDirectory}' is in use by another server (${holder}). Stop that one, or set YARDARM_DATA_DIR to another folder.`;
}
