// @ts-check
/** The built server as a process of its own with its embedded database: started, killed without warning, started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/launch.mjs';

export const TOKEN = 'crash-rig-0123456789abcdef';
const START_MS = 60_000;
const POLL_MS = 10;

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {import('node:child_process').ChildProcess} child
 * @property {Promise<string>} ready its address, once it says that it is ready to take changes; rejects when it ends before
 * @property {Promise<void>} ended
 * @property {() => string} output everything printed so far
 * @property {() => Promise<void>} stop as an operator does
 */

/**
 * @param {string} dataDirectory
 * @param {Record<string, string>} env more settings
 * @param {string} checkout of the server; default: this one
 * @param {readonly string[]} nodeArgs arguments of Node itself
 * @returns {ServerProcess}
 */
export function spawnServer(dataDirectory, env = {}, checkout = root, nodeArgs = []) {
  const child = spawn(process.execPath, [...nodeArgs, 'apps/server/dist/main.js'], {
    cwd: checkout,
    env: { PATH: process.env.PATH, PORT: '0', YARDARM_DATA_DIR: dataDirectory, YARDARM_BOOTSTRAP_TOKEN: TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  const ended = once(child, 'exit').then(() => undefined);
  const ready = waitForReady(child, () => output);
  // Whoever kills a server while it starts does not wait for it.
  ready.catch(() => undefined);
  return {
    pid: /** @type {number} */ (child.pid),
    child,
    ready,
    ended,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} output
 * @returns {Promise<string>}
 */
async function waitForReady(child, output) {
  const signal = AbortSignal.timeout(START_MS);
  const message = await Promise.race([
    once(child, 'message', { signal }).then(([value]) => /** @type {{ type: string, url: string }} */ (value)),
    once(child, 'exit', { signal }).then(() => null),
  ]);
  if (message === null) throw new Error(`The server ended while it started:\n${output()}`);
  while (!signal.aborted) {
    const answer = await fetch(`${message.url}/health/ready`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return message.url;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server ended:\n${output()}`);
    await sleep(POLL_MS);
  }
  throw new Error(`The server was not ready after ${START_MS} ms:\n${output()}`);
}
