/**
 * Everything to know before the embedded database can start: which programs, which folder, as whom. Turns each
 * obstacle into one sentence with a remedy.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../start-error.ts';
import { ownerOf } from './cluster-directory.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { canEnter, canRun, canUseNamespace, decideRunAs, type RunAs } from './run-as.ts';

export interface Prepared {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
}

/**
 * @param dataDirectory absolute; it exists.
 * @param namespaces whether user namespaces may be used; the system decides unless a test does.
 */
export async function prepareEmbedded(
  dataDirectory: string,
  binaries: PostgresBinaries,
  namespaces: () => boolean = canUseNamespace,
): Promise<Prepared> {
  const directory = join(dataDirectory, 'postgres');
  const decision = decideRunAs({
    ownUid: process.getuid?.(),
    clusterOwner: await ownerOf(directory),
    reachesFolder: (user) => canEnter(user, dataDirectory),
    reachesBinaries: (user) => canRun(user, binaries.postgres),
    canUseNamespace: namespaces,
  });
  if ('runAs' in decision) {
    return {
      directory,
      runAs: decision.runAs,
      binaries: decision.copyBinaries ? await copyBinaries(dataDirectory, binaries) : binaries,
    };
  }
  switch (decision.problem) {
    case 'foreign-owner':
      throw new StartError(
        `The database in '${directory}' belongs to another user (id ${(await stat(directory)).uid}). Run the server as that user, or set YARDARM_DATA_DIR to a folder of your own.`,
      );
    case 'namespace-denied':
      throw new StartError(
        `The database in '${directory}' belongs to root, as which PostgreSQL refuses to run, and this system denies user namespaces. Run the server as an ordinary user who owns that folder, or set DATABASE_URL to a PostgreSQL of your own.`,
      );
    case 'unreachable':
      throw new StartError(
        `PostgreSQL refuses to run as root, and an unprivileged user cannot enter '${dataDirectory}'. Set YARDARM_DATA_DIR to a folder that every user may enter (for example /var/lib/yardarm), or run the server as an ordinary user.`,
      );
  }
}

/** Beside the data, which the other user reaches; 60 MB, once per version. The rename makes a half copy impossible. */
async function copyBinaries(dataDirectory: string, binaries: PostgresBinaries): Promise<PostgresBinaries> {
  const root = join(dataDirectory, `postgres-programs-${binaries.version}`);
  if (!existsSync(root)) {
    const staging = `${root}.${process.pid}`;
    await rm(staging, { recursive: true, force: true });
    await cp(binaries.root, staging, { recursive: true, verbatimSymlinks: true });
    // A clone made under a strict umask would hand its modes on.
    spawnSync('chmod', ['-R', 'a+rX', staging]);
    await rename(staging, root);
  }
  return { ...binaries, root, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') };
}
