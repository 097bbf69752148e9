// @ts-check
/** Processes on cores of their own, so that a flood takes from who is flooded only what it makes him do. By util-linux's `taskset`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Whether this machine has two cores and can tell processes apart by them. */
export function canPin() {
  return availableParallelism() >= 2 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0;
}

/**
 * All threads of a process and of those that it started; what they start later follows them.
 * @param {number} pid
 * @param {string} cores as taskset takes them: `0`, `0-1`
 */
export function pin(pid, cores) {
  for (const one of [pid, ...descendantsOf(pid)]) execFileSync('taskset', ['-acp', cores, String(one)], { stdio: 'ignore' });
}

/** @param {number} pid @returns {number[]} */
function descendantsOf(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
