/**
 * The files of the embedded cluster. A cluster is made in a sibling directory and renamed into place, so the real
 * name holds either a finished cluster or nothing: a first start that was killed half-way leaves only a sibling,
 * which the next start removes. Nothing else is ever deleted.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../make-folders.ts';
import { StartError } from '../../start-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { isAlive } from './postmaster.ts';
import { commandAs, type Owner, type RunAs } from './run-as.ts';

export const SUPERUSER = 'yardarm';

const PASSWORD_FILE = 'yardarm.password';
const STAGING_MARK = '.initialising-';

export interface NewCluster {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  /** False leaves the files to the operating system's cache: only for clusters that nobody will miss. */
  readonly durable: boolean;
}

/** 'foreign': something is there that this module did not finish, and will not touch. */
export async function inspectCluster(directory: string): Promise<'absent' | 'finished' | 'foreign'> {
  if (!existsSync(directory) || (await readdir(directory)).length === 0) return 'absent';
  const parts = ['PG_VERSION', 'global/pg_control', PASSWORD_FILE];
  return parts.every((part) => existsSync(join(directory, part))) ? 'finished' : 'foreign';
}

export async function ownerOf(path: string): Promise<Owner | null> {
  return existsSync(path) ? await stat(path) : null;
}

export async function readPassword(directory: string): Promise<string> {
  return (await readFile(join(directory, PASSWORD_FILE), 'utf8')).trim();
}

/** The major version that made the cluster, '18'. */
export async function readMajorVersion(directory: string): Promise<string> {
  return (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
}

/**
 * Makes a cluster with one superuser and a random password. Two servers may do this at once: the first rename
 * wins and the other's work is discarded. Throws with the output of initdb when that fails.
 */
export async function createCluster({ directory, binaries, runAs, durable }: NewCluster): Promise<void> {
  await removeAbandoned(directory);
  const staging = `${directory}${STAGING_MARK}${process.pid}`;
  const cluster = join(staging, 'cluster');
  const passwordFile = join(staging, 'password');
  await makeFolders(cluster, 0o700);
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  for (const path of [staging, cluster]) await chmod(path, 0o700);
  if (runAs.kind === 'user') for (const path of [staging, cluster, passwordFile]) await chown(path, runAs.uid, runAs.gid);

  const settings = ['-D', cluster, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  // One encoding and byte order everywhere: the locale of the machine must not decide how keys sort.
  settings.push('-E', 'UTF8', '--no-locale', '--no-instructions', ...(durable ? [] : ['--no-sync']));
  try {
    await runInitdb(commandAs(runAs, binaries.initdb, settings));
    await rename(passwordFile, join(cluster, PASSWORD_FILE));
    await rename(cluster, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function runInitdb(command: ReturnType<typeof commandAs>): Promise<void> {
  const child = spawn(command.file, command.args, { ...command.options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  child.stdout?.on('data', (chunk) => output.push(String(chunk)));
  child.stderr?.on('data', (chunk) => output.push(String(chunk)));
  const [code] = await once(child, 'close');
  if (code === 0) return;
  const reason = /could not look up effective user ID (\d+)/.exec(output.join(''));
  if (reason !== null) {
    throw new StartError(
      `The embedded database cannot be made by user id ${reason[1]}, which has no entry in /etc/passwd. Run the server as a user that has one, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  throw new StartError(
    `The embedded database could not be made; initdb said: ${output.join('').trim().split('\n').slice(-4).join(' | ')}`,
  );
}

/**
 * Removes what killed first starts left. A sibling whose maker still runs is left alone; an initdb that outlived its
 * maker may be writing yet, hence the retries, and gives up when its files are gone.
 */
async function removeAbandoned(directory: string): Promise<void> {
  const folder = dirname(directory);
  const prefix = `${basename(directory)}${STAGING_MARK}`;
  for (const name of await readdir(folder)) {
    const maker = Number(name.slice(prefix.length));
    if (!name.startsWith(prefix) || (maker !== process.pid && isAlive(maker))) continue;
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 10 });
  }
}
