/**
 * As whom PostgreSQL runs. It refuses to run as root, so root starts it as an unprivileged user; where that user
 * cannot reach the files (a clone under a 0700 folder), as itself inside a user namespace in which it is not root.
 * The owner of the data directory remembers the choice, so that a later start makes the same one.
 */

import { type SpawnOptions, spawnSync } from 'node:child_process';

export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'namespace' };

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface RunAsFacts {
  /** Undefined on systems without user ids. */
  readonly ownUid: number | undefined;
  /** Owner of an existing cluster directory; null before the first start. */
  readonly clusterOwner: Owner | null;
  /** May this user enter the folder that holds the cluster directory? */
  readonly reachesFolder: (user: Owner) => boolean;
  /** May this user run the programs? */
  readonly reachesBinaries: (user: Owner) => boolean;
  readonly canUseNamespace: () => boolean;
}

export type RunAsDecision =
  | { readonly runAs: RunAs; readonly copyBinaries: boolean }
  | { readonly problem: 'foreign-owner' | 'unreachable' | 'namespace-denied' };

/** `nobody` on every Linux: initdb needs an id that the user database knows. */
export const UNPRIVILEGED: Owner = { uid: 65_534, gid: 65_534 };

export function decideRunAs(facts: RunAsFacts): RunAsDecision {
  const { ownUid, clusterOwner } = facts;
  if (ownUid !== 0) {
    if (clusterOwner !== null && ownUid !== undefined && clusterOwner.uid !== ownUid) return { problem: 'foreign-owner' };
    return { runAs: { kind: 'self' }, copyBinaries: false };
  }
  if (clusterOwner?.uid === 0) {
    return facts.canUseNamespace() ? { runAs: { kind: 'namespace' }, copyBinaries: false } : { problem: 'namespace-denied' };
  }
  const user = clusterOwner ?? UNPRIVILEGED;
  const runAs: RunAs = { kind: 'user', uid: user.uid, gid: user.gid };
  const folderReached = facts.reachesFolder(user);
  if (folderReached && facts.reachesBinaries(user)) return { runAs, copyBinaries: false };
  if (clusterOwner === null && facts.canUseNamespace()) return { runAs: { kind: 'namespace' }, copyBinaries: false };
  return folderReached ? { runAs, copyBinaries: true } : { problem: 'unreachable' };
}

/** The command line and spawn options that run `file` as decided. Neither forks: the child is the program itself. */
export function commandAs(
  runAs: RunAs,
  file: string,
  args: readonly string[],
): { file: string; args: string[]; options: SpawnOptions } {
  // The working directory of the server may be out of the other user's reach.
  const options: SpawnOptions = { cwd: '/' };
  switch (runAs.kind) {
    case 'self':
      return { file, args: [...args], options };
    case 'user':
      return { file, args: [...args], options: { ...options, uid: runAs.uid, gid: runAs.gid } };
    case 'namespace':
      return { file: 'unshare', args: [...NAMESPACE_ARGS, file, ...args], options };
  }
}

const NAMESPACE_ARGS = ['--user', `--map-user=${UNPRIVILEGED.uid}`, `--map-group=${UNPRIVILEGED.gid}`];

export function canUseNamespace(): boolean {
  return spawnSync('unshare', [...NAMESPACE_ARGS, 'true'], { cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Asked of the kernel by trying, since modes alone do not tell (access lists, mount options). */
export function canEnter(user: Owner, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}

export function canRun(user: Owner, program: string): boolean {
  return spawnSync(program, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}
