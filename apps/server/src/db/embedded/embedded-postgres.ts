/**
 * A PostgreSQL of our own: makes the cluster at the first start, adopts a living one whose server was killed,
 * waits for the remains of a dead one, restarts it when it dies under us, and stops it with the server. Who may
 * use it is decided elsewhere (server-lock.ts); two servers may find the same postmaster here.
 */

import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { StartError } from '../../start-error.ts';
import { createCluster, inspectCluster, readMajorVersion, readPassword, SUPERUSER } from './cluster-directory.ts';
import { disownPostmasterFile, isAlive, isPostmasterOf, readPostmasterFile } from './postmaster.ts';
import { findFreePort, type LaunchOptions, launchPostmaster, sendSignal, stopPostmaster } from './postmaster-process.ts';

/** Old back ends need a moment after their postmaster was killed: retrying every 100 ms never failed (2026-11-21). */
const RETRY_MS = 100;
/** Replaying a gigabyte of log, the most that PostgreSQL keeps by default, takes a slow disk minutes. */
const START_TIMEOUT_MS = 300_000;
const NOTICE_AFTER_MS = 3_000;
const WATCH_MS = 500;
const DATABASE = 'yardarm';

export interface EmbeddedOptions extends LaunchOptions {
  /** False only for clusters that nobody will miss (tests). */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  /** Contains the password: never log it. */
  readonly url: string;
  /** True when the postmaster was already running. */
  readonly adopted: boolean;
  /** Asks for a fast shutdown and waits until the postmaster has gone. */
  stop(): Promise<void>;
  /** Stops looking after the postmaster and leaves it running: it belongs to another server. */
  abandon(): void;
}

/** Throws an error whose message says in one sentence what stands in the way and what to do. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { directory, binaries, log } = options;
  const state = await inspectCluster(directory);
  if (state === 'foreign') {
    throw new StartError(
      `The folder '${directory}' holds files but no database that Yardarm finished making. Move it aside and start again; nothing in it was changed.`,
    );
  }
  if (state === 'absent') {
    log.info({ directory }, 'making the embedded database');
    await createCluster({ ...options, durable: options.durable ?? true });
  }
  const major = await readMajorVersion(directory);
  if (major !== String(Number.parseInt(binaries.version, 10))) {
    throw new StartError(
      `The database in '${directory}' was made by PostgreSQL ${major}, and this Yardarm brings PostgreSQL ${binaries.version}. Start the Yardarm version that made it, or set YARDARM_DATA_DIR to another folder.`,
    );
  }
  const password = await readPassword(directory);
  const first = await startOrAdopt(options, password);
  try {
    await ensureDatabase(first.port, password);
  } catch (error) {
    if (!first.adopted) await stopPostmaster(first.pid, log);
    throw error;
  }
  return supervise(options, password, first);
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
}

async function startOrAdopt(options: EmbeddedOptions, password: string, fixedPort?: number): Promise<Running> {
  const { directory, log, signal } = options;
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  const noticeMs = performance.now() + NOTICE_AFTER_MS;
  let obstacle = 'it did not become ready';
  let noticed = false;
  while (performance.now() < deadlineMs) {
    const found = readPostmasterFile(directory);
    if (found !== null && isAlive(found.pid) && isPostmasterOf(found.pid, directory)) {
      if (found.ready && (await answers(found.port, password))) return { ...found, adopted: true };
      obstacle = `process ${found.pid} holds it and does not answer`;
    } else {
      if (found !== null && isAlive(found.pid)) disownPostmasterFile(directory);
      const outcome = await launchPostmaster(options, fixedPort ?? (await findFreePort()), deadlineMs);
      if ('pid' in outcome) return { ...outcome, adopted: false };
      if (!outcome.mayPass) throw new StartError(`The embedded database in '${directory}' does not start: ${outcome.reason}`);
      log.debug({ reason: outcome.reason }, 'embedded database is not free yet');
      obstacle = outcome.reason;
    }
    if (!noticed && performance.now() > noticeMs) {
      noticed = true;
      log.info({ obstacle }, 'waiting for the embedded database');
    }
    await delay(RETRY_MS, undefined, { signal });
  }
  throw new StartError(
    `The embedded database in '${directory}' could not be opened within ${START_TIMEOUT_MS / 1000} s: ${obstacle}.`,
  );
}

/** Keeps the postmaster running on its port until it is stopped, and takes it along if this process just exits. */
function supervise(options: EmbeddedOptions, password: string, first: Running): EmbeddedPostgres {
  const { log } = options;
  const url = urlOf(first.port, password, DATABASE);
  let running = first;
  let ended = false;
  let restart: Promise<void> | null = null;
  const ending = new AbortController();

  const onExit = () => sendSignal(running.pid, 'SIGINT');
  const watch = setInterval(() => {
    if (ended || restart !== null || isAlive(running.pid)) return;
    log.error({ databasePid: running.pid }, 'the embedded database died and is started again');
    restart = startOrAdopt({ ...options, signal: ending.signal }, password, first.port)
      .then((next) => {
        running = next;
        log.warn({ databasePid: next.pid }, 'the embedded database is running again');
      })
      .catch((error) => {
        if (!ended) log.error({ err: error }, 'the embedded database does not start again; trying on');
      })
      .finally(() => {
        restart = null;
      });
  }, WATCH_MS);
  watch.unref();
  process.once('exit', onExit);

  const abandon = () => {
    ended = true;
    clearInterval(watch);
    process.off('exit', onExit);
  };
  const stop = async () => {
    if (ended) return;
    ended = true;
    clearInterval(watch);
    ending.abort();
    await restart;
    await stopPostmaster(running.pid, log);
    process.off('exit', onExit);
  };
  return { url, adopted: first.adopted, stop, abandon };
}

/** A wrong password cannot be waited out, so it is thrown; everything else is "not yet". */
async function answers(port: number, password: string): Promise<boolean> {
  const sql = postgres(urlOf(port, password, 'postgres'), {
    max: 1,
    connect_timeout: 5,
    backoff: false,
    onnotice: () => undefined,
  });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new StartError(`The running database on port ${port} refuses the password kept beside it.`, { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const sql = postgres(urlOf(port, password, 'postgres'), { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (row !== undefined) return;
    await sql.unsafe(`create database ${DATABASE}`).catch((error: { code?: string }) => {
      // Another server made it between the look and the command; the lock decides later which of us stays.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  } finally {
    await sql.end();
  }
}

/** Contains the password: never log it. */
export function urlOf(port: number, password: string, database = DATABASE): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}
