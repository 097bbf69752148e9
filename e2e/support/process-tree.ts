/** Which processes descend from one that a test started, and which of them still run. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Ended, but not yet waited for by its parent. */
  readonly zombie: boolean;
  readonly command: string;
}

/** The process itself and everything below it, the oldest first. */
export function processTree(pid: number): readonly ProcessFacts[] {
  const all = listProcesses();
  const found = all.filter((each) => each.pid === pid);
  for (const parent of found) found.push(...all.filter((each) => each.parent === parent.pid));
  return found;
}

/** The server below a launcher. */
export function serverPid(launcherPid: number): number {
  const server = processTree(launcherPid).find(({ command }) => command.includes('apps/server/dist/main.js'));
  if (server === undefined) throw new Error('The server does not run.');
  return server.pid;
}

/** Those of `pids` that still run, with their commands, so that a failing test names them. */
export function stillRunning(pids: readonly number[]): readonly string[] {
  return listProcesses()
    .filter((each) => pids.includes(each.pid) && !each.zombie)
    .map(({ pid, command }) => `${pid} ${command}`);
}

function listProcesses(): readonly ProcessFacts[] {
  return existsSync('/proc/self/stat') ? fromProc() : fromPs();
}

function fromProc(): readonly ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name in parentheses may hold spaces and parentheses itself.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent: Number(parent), zombie: state === 'Z', command }];
      } catch {
        // Ended between the listing and the reading.
        return [];
      }
    });
}

function fromPs(): readonly ProcessFacts[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,state=,command='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), zombie: state?.startsWith('Z') === true, command: command ?? '' }];
  });
}
