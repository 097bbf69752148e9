// @ts-check
/**
 * The processes that one command starts. Each leads a process group of its own, so that a signal reaches it once (from
 * here, never from the terminal as well) and so that whatever it leaves behind can be found and ended by its group.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from './steps.mjs';

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const GROUPS = process.platform !== 'win32';
/** How long a process may take to end after a signal. Longer than the server needs to drain its connections. */
const PATIENCE_MS = 20_000;
/** Long enough for PostgreSQL to write its shutdown checkpoint; what is left after it is killed. */
const SWEEP_MS = 5_000;

/**
 * @typedef {object} Ended
 * @property {number} code exit code; 128 + n after signal n; 127 where the program could not be started
 * @property {string} output what it printed, where its output was piped
 */
/**
 * @typedef {object} RunOptions
 * @property {string} cwd
 * @property {Record<string, string | undefined>} env
 * @property {'inherit' | 'pipe'} stdio pipe: nothing is shown, and `output` holds it
 */
/** @typedef {ReturnType<typeof createFamily>} Family */

/** Starts to listen for signals at once; `release` ends that. */
export function createFamily() {
  /** @type {Map<import('node:child_process').ChildProcess, { wholeGroup: boolean, ended: Promise<number> }>} */
  const living = new Map();
  /** @type {NodeJS.Signals | null} */
  let received = null;

  const sendAll = (/** @type {NodeJS.Signals} */ signal) => {
    for (const [child, { wholeGroup }] of living) send(child, signal, wholeGroup);
  };
  const endAll = (/** @type {NodeJS.Signals} */ signal) => {
    sendAll(signal);
    setTimeout(() => sendAll('SIGKILL'), PATIENCE_MS).unref();
  };
  const listeners = FORWARDED.map((signal) => {
    const listener = () => {
      received ??= signal;
      endAll(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });

  /** Throws Interrupted once a signal was received. */
  const throwIfInterrupted = () => {
    if (received !== null) throw new Interrupted(128 + constants.signals[received]);
  };

  /**
   * Starts a process. A tool gets signals as a whole group, as from a terminal; a server alone, because it ends its
   * own children in order.
   * @param {string} command
   * @param {string[]} args
   * @param {import('node:child_process').SpawnOptions} options
   * @param {{ wholeGroup: boolean }} signals
   */
  const begin = (command, args, options, signals) => {
    throwIfInterrupted();
    const child = spawn(command, args, { ...options, detached: GROUPS });
    const ended = untilEnded(child).finally(() => living.delete(child));
    living.set(child, { ...signals, ended });
    return { child, ended };
  };

  return {
    begin,
    throwIfInterrupted,
    /**
     * Runs a tool to its end.
     * @param {string} command
     * @param {string[]} args
     * @param {RunOptions} options
     * @returns {Promise<Ended>}
     */
    async run(command, args, { cwd, env, stdio }) {
      const { child, ended } = begin(command, args, { cwd, env, stdio: ['ignore', stdio, stdio] }, { wholeGroup: true });
      /** @type {Buffer[]} */
      const chunks = [];
      child.stdout?.on('data', (chunk) => chunks.push(chunk));
      child.stderr?.on('data', (chunk) => chunks.push(chunk));
      const code = await ended;
      const missing =
        code === 127 && chunks.length === 0 ? `The program '${command}' could not be started; is it on the PATH?` : '';
      return { code, output: Buffer.concat(chunks).toString() || missing };
    },
    /** 128 + n once a signal was received, else null. */
    exitCodeOfSignal: () => (received === null ? null : 128 + constants.signals[received]),
    /** Ends whoever still lives, then stops listening for signals. */
    async release() {
      endAll('SIGTERM');
      await Promise.all([...living.values()].map(({ ended }) => ended));
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
}

/**
 * Sweeps at `exit` and not at `close`: a left-over that inherited the output pipes would hold `close` back for ever.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} exit code, once nothing of the process's group is left and its output has been read
 */
async function untilEnded(child) {
  const closed = new Promise((resolve) => child.once('close', resolve));
  const code = await new Promise((/** @type {(code: number) => void} */ resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  if (child.pid === undefined) return code;
  await sweepGroup(child.pid);
  await closed;
  return code;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 * @param {boolean} wholeGroup
 */
function send(child, signal, wholeGroup) {
  if (child.pid === undefined) return;
  if (wholeGroup && GROUPS) signalGroup(child.pid, signal);
  else child.kill(signal);
}

/**
 * Ends what a process left in its group: a PostgreSQL whose server was killed, a tool's grandchild.
 * @param {number} leader
 */
async function sweepGroup(leader) {
  if (!GROUPS || !signalGroup(leader, 'SIGTERM')) return;
  const deadline = performance.now() + SWEEP_MS;
  while (performance.now() < deadline) {
    await sleep(25);
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, 'SIGKILL');
}

/**
 * @param {number} leader
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} false where nobody is left in the group
 */
function signalGroup(leader, signal) {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false;
    // EPERM: somebody is left whom this user may not signal; there is nothing more to do about them.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM') return false;
    throw error;
  }
}
