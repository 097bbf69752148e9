/**
 * One running postmaster, as seen from its `postmaster.pid`: who it is, where it listens, whether it is ready.
 * The file is PostgreSQL's own; its lines are pid, directory, start time, port, socket folder, address, shared
 * memory, state.
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Null when no postmaster has written the file, or when it is only half written. */
export function readPostmasterFile(directory: string): PostmasterFile | null {
  const path = join(directory, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const lines = readIfPresent(path).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** A process that has ended counts as dead even while nobody has collected it, as under a container's first process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readIfPresent(`/proc/${pid}/stat`));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * False when the number now belongs to some other program, as happens after a restart of a container. A postmaster
 * works in its cluster directory; where the system does not tell (another user's process), its name has to do.
 */
export function isPostmasterOf(pid: number, directory: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory);
  } catch {
    const name = existsSync(`/proc/${pid}/comm`)
      ? readIfPresent(`/proc/${pid}/comm`)
      : spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
    return (name ?? '').includes('postgres');
  }
}

/**
 * Puts our own process id into a file whose process id was given to another program. PostgreSQL takes the id of
 * its parent for stale and goes on, yet still checks the shared memory that the file names: deleting the file
 * would lose that second protection.
 */
export function disownPostmasterFile(directory: string): void {
  const path = join(directory, 'postmaster.pid');
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [String(process.pid), ...rest].join('\n'));
}

/** The file may vanish between a look and the read. */
function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH') return '';
    throw error;
  }
}
