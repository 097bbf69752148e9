// @ts-check
/** Readers spread over processes of their own, and over source addresses, since one address has 28 000 ports. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { askingOf } from './questions.mjs';

/** A process may hold 20 000 descriptors on the machine that this was written on. */
const SOCKETS_PER_PROCESS = 15_000;

/**
 * @typedef {{ pid: number, ask: import('./questions.mjs').Ask, stop: () => Promise<void> }} Child
 * @typedef {{ firstMs: number, lastMs: number, frame: string }} Received of monotonicMs
 */

/**
 * @param {string} file beside this one
 * @param {string[]} [args]
 * @returns {Child}
 */
export function startChild(file, args = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A test runner's own conditions would have it load sources that Node alone cannot read.
    execArgv: [],
  });
  const ended = once(child, 'exit');
  return {
    pid: /** @type {number} */ (child.pid),
    ask: askingOf(child),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** @param {number} sockets that all groups will have together */
export function startFleet(sockets) {
  const processes = Math.max(availableParallelism(), Math.ceil(sockets / SOCKETS_PER_PROCESS));
  const children = Array.from({ length: processes }, () => startChild('sockets.mjs'));
  let sources = 1;

  /** @param {(child: Child, index: number) => Promise<any>} ask */
  const askAll = (ask) => Promise.all(children.map(ask));
  return {
    /**
     * @param {Omit<import('./sockets.mjs').Opening, 'source'>} opening
     */
    open: (opening) =>
      askAll((child, index) => {
        const count = Math.floor((opening.count + index) / processes);
        sources += 1;
        return child.ask('open', { ...opening, count, source: `127.0.0.${sources}` });
      }),
    /**
     * Ask before the change is made; resolves when the last reader of the group received it.
     * @param {string} group
     * @param {number} revision
     * @returns {Promise<Received>}
     */
    untilAll: async (group, revision) => {
      const all = /** @type {Received[]} */ (await askAll((child) => child.ask('untilAll', { group, revision })));
      return {
        firstMs: Math.min(...all.map(({ firstMs }) => firstMs)),
        lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
        frame: all[0]?.frame ?? '',
      };
    },
    /** How many ended although nobody asked them to. @param {string} group */
    closed: async (group) => {
      const all = /** @type {number[]} */ (await askAll((child) => child.ask('closedOf', { group })));
      return all.reduce((sum, count) => sum + count, 0);
    },
    /** @param {string} group */
    close: (group) => askAll((child) => child.ask('close', { group })),
    stop: () => askAll((child) => child.stop()),
  };
}
