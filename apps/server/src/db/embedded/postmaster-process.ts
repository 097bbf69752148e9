/**
 * Starts and stops one postmaster process. The child outlives us when we are killed, and leads a process group of
 * its own: Ctrl-C reaches the server alone, which then stops the database in its turn.
 */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../observability/logger.ts';
import { StartError } from '../../start-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { isAlive, readPostmasterFile } from './postmaster.ts';
import { commandAs, type RunAs } from './run-as.ts';

/** A fast shutdown writes one checkpoint; after this it becomes an immediate one, from which the next start recovers. */
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
/** A start that recovers from a crash takes longer than this, and then says so. */
const QUIET_START_MS = 3_000;
const MAX_LOG_BYTES = 4 * 1024 * 1024;

export interface LaunchOptions {
  /** The cluster directory itself; its parent must exist. PostgreSQL's own log goes beside it, to `<directory>.log`. */
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly log: Logger;
  /** Passed to the postmaster as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Ends the waiting; nothing is left running then. */
  readonly signal?: AbortSignal;
}

/** `mayPass`: something else holds the cluster or the port, so that a later try may succeed. */
export type LaunchOutcome =
  | { readonly pid: number; readonly port: number }
  | { readonly mayPass: boolean; readonly reason: string };

/** Waits until the postmaster accepts connections, has ended, or `deadlineMs` (of performance.now) has passed. */
export async function launchPostmaster(options: LaunchOptions, port: number, deadlineMs: number): Promise<LaunchOutcome> {
  const { directory, log, signal } = options;
  const logFile = `${directory}.log`;
  const { child, logStart, failure } = spawnPostmaster(options, port, logFile);
  const { pid } = child;
  if (pid === undefined) return { mayPass: false, reason: await failure };
  const noticeMs = performance.now() + QUIET_START_MS;
  let noticed = false;
  for (;;) {
    const file = readPostmasterFile(directory);
    if (file?.pid === pid && file.ready) return { pid, port };
    if (child.exitCode !== null || child.signalCode !== null) {
      const said = readFileSync(logFile).subarray(logStart).toString('utf8');
      const fatal = said.split('\n').find((line) => line.includes('FATAL')) ?? said.trim().split('\n').at(-1) ?? '';
      return { mayPass: /already exists|in use|already running/i.test(said), reason: `${fatal.trim()} (${logFile})` };
    }
    if (signal?.aborted || performance.now() > deadlineMs) {
      await stopPostmaster(pid, log);
      return { mayPass: false, reason: `it was not ready in time (${logFile})` };
    }
    if (!noticed && performance.now() > noticeMs) {
      noticed = true;
      log.info({ logFile }, 'the embedded database is still starting, probably recovering from a sudden end');
    }
    await delay(POLL_MS);
  }
}

function spawnPostmaster({ directory, binaries, runAs, settings = {} }: LaunchOptions, port: number, logFile: string) {
  const args = ['-D', directory, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'cluster_name=yardarm'];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const command = commandAs(runAs, binaries.postgres, args);
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
  const output = openSync(logFile, 'a', 0o600);
  try {
    const logStart = statSync(logFile).size;
    const child = spawn(command.file, command.args, { ...command.options, detached: true, stdio: ['ignore', output, output] });
    const failure = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
    child.unref();
    return { child, logStart, failure };
  } finally {
    closeSync(output);
  }
}

/** Asks for a fast shutdown and waits until the process has ended. */
export async function stopPostmaster(pid: number, log: Logger): Promise<void> {
  sendSignal(pid, 'SIGINT');
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadlineMs) {
      log.warn({ databasePid: pid }, 'the embedded database did not stop in time and is stopped at once');
      sendSignal(pid, 'SIGQUIT');
      return;
    }
    await delay(POLL_MS);
  }
}

/** A process that has ended already needs no signal. */
export function sendSignal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Free now; whoever takes it before the postmaster does makes the launch fail with `mayPass`. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new StartError('A free port on 127.0.0.1 could not be found.');
  return address.port;
}
