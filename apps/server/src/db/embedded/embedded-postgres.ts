/**
 * A PostgreSQL of our own: makes the cluster at the first start, adopts a living one whose server was killed,
 * waits for the remains of a dead one, restarts it when it dies under us, and stops it with the server. Who may
 * use it is decided elsewhere (server-lock.ts); two servers may find the same postmaster here.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import type { Logger } from '../../observability/logger.ts';
import { createCluster, inspectCluster, readMajorVersion, readPassword, SUPERUSER } from './cluster-directory.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { disownPostmasterFile, isAlive, isPostgres, readPostmasterFile } from './postmaster.ts';
import { commandAs, type RunAs } from './run-as.ts';

/** Old back ends need a moment after their postmaster was killed: retrying every 100 ms never failed (2026-11-21). */
const RETRY_MS = 100;
/** Crash recovery of a large log takes its time; without any sign of life for this long something is wrong. */
const START_TIMEOUT_MS = 120_000;
/** A fast shutdown writes one checkpoint; after this the shutdown becomes an immediate one, which recovers at start. */
const STOP_TIMEOUT_MS = 30_000;
const WATCH_MS = 500;
const MAX_LOG_BYTES = 4 * 1024 * 1024;
const DATABASE = 'yardarm';

export interface EmbeddedOptions {
  /** The cluster directory itself; its parent must exist. */
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly log: Logger;
  /** Passed to the postmaster as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
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
    throw new Error(
      `The folder '${directory}' holds files but no database that Yardarm finished making. Move it aside and start again; nothing in it was changed.`,
    );
  }
  if (state === 'absent') {
    log.info({ directory }, 'making the embedded database');
    await createCluster({ ...options, durable: options.durable ?? true });
  }
  const major = await readMajorVersion(directory);
  if (major !== String(Number.parseInt(binaries.version, 10))) {
    throw new Error(
      `The database in '${directory}' was made by PostgreSQL ${major}, and this Yardarm brings PostgreSQL ${binaries.version}. Start the Yardarm version that made it, or set YARDARM_DATA_DIR to another folder.`,
    );
  }
  const password = await readPassword(directory);
  const first = await startOrAdopt(options, password);
  await ensureDatabase(first.port, password);
  return supervise(options, password, first);
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
}

async function startOrAdopt(options: EmbeddedOptions, password: string, fixedPort?: number): Promise<Running> {
  const { directory, log } = options;
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  let obstacle = 'it did not become ready';
  while (performance.now() < deadlineMs) {
    const found = readPostmasterFile(directory);
    if (found !== null && isAlive(found.pid) && isPostgres(found.pid)) {
      if (found.ready && (await answers(found.port, password))) return { ...found, adopted: true };
      obstacle = `process ${found.pid} holds it and does not answer`;
    } else {
      if (found !== null && isAlive(found.pid)) disownPostmasterFile(directory);
      const outcome = await tryStart(options, fixedPort ?? (await findFreePort()));
      if ('pid' in outcome) return { ...outcome, adopted: false };
      if (!outcome.mayPass) throw new Error(`The embedded database in '${directory}' does not start: ${outcome.reason}`);
      log.debug({ reason: outcome.reason }, 'embedded database is not free yet');
      obstacle = outcome.reason;
    }
    await delay(RETRY_MS);
  }
  throw new Error(
    `The embedded database in '${directory}' could not be opened within ${START_TIMEOUT_MS / 1000} s: ${obstacle}.`,
  );
}

type StartOutcome = { readonly pid: number; readonly port: number } | { readonly mayPass: boolean; readonly reason: string };

async function tryStart(options: EmbeddedOptions, port: number): Promise<StartOutcome> {
  const { directory, binaries, runAs, settings = {} } = options;
  const args = ['-D', directory, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'cluster_name=yardarm'];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const command = commandAs(runAs, binaries.postgres, args);
  const logFile = `${directory}.log`;
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
  const output = openSync(logFile, 'a', 0o600);
  const logStart = statSync(logFile).size;
  let child: ChildProcess;
  try {
    // A process group of its own: Ctrl-C reaches the server alone, which then stops the database in its turn.
    child = spawn(command.file, command.args, { ...command.options, detached: true, stdio: ['ignore', output, output] });
  } finally {
    closeSync(output);
  }
  const failed = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
  child.unref();
  for (;;) {
    if (child.pid === undefined) return { mayPass: false, reason: await failed };
    const file = readPostmasterFile(directory);
    if (file?.pid === child.pid && file.ready) return { pid: child.pid, port };
    if (child.exitCode !== null || child.signalCode !== null) {
      const said = readFileSync(logFile).subarray(logStart).toString('utf8');
      const fatal = said.split('\n').find((line) => line.includes('FATAL')) ?? said.trim().split('\n').at(-1) ?? '';
      return { mayPass: /already exists|in use|already running/i.test(said), reason: `${fatal.trim()} (${logFile})` };
    }
    await delay(10);
  }
}

/** Keeps the postmaster running on its port until it is stopped, and takes it along if this process just exits. */
function supervise(options: EmbeddedOptions, password: string, first: Running): EmbeddedPostgres {
  const { log } = options;
  const url = urlOf(first.port, password, DATABASE);
  let running = first;
  let ended = false;
  let restart: Promise<void> | null = null;

  const onExit = () => signal(running.pid, 'SIGINT');
  const watch = setInterval(() => {
    if (ended || restart !== null || isAlive(running.pid)) return;
    log.error({ databasePid: running.pid }, 'the embedded database died and is started again');
    restart = startOrAdopt(options, password, first.port)
      .then((next) => {
        running = next;
        log.warn({ databasePid: next.pid }, 'the embedded database is running again');
      })
      .catch((error) => log.error({ err: error }, 'the embedded database does not start again; trying on'))
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
    await restart;
    await stopPostmaster(running.pid, log);
    process.off('exit', onExit);
  };
  return { url, adopted: first.adopted, stop, abandon };
}

async function stopPostmaster(pid: number, log: Logger): Promise<void> {
  signal(pid, 'SIGINT');
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadlineMs) {
      log.warn({ databasePid: pid }, 'the embedded database did not stop in time and is stopped at once');
      signal(pid, 'SIGQUIT');
      return;
    }
    await delay(10);
  }
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A wrong password cannot be waited out, so it is thrown; everything else is "not yet". */
async function answers(port: number, password: string): Promise<boolean> {
  const sql = postgres(urlOf(port, password, 'postgres'), { max: 1, connect_timeout: 5, backoff: false });
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new Error(`The running database on port ${port} refuses the password kept beside it.`, { cause: error });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const sql = postgres(urlOf(port, password, 'postgres'), { max: 1 });
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

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A free port on 127.0.0.1 could not be found.');
  return address.port;
}
