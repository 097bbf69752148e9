// @ts-check
/**
 * Runs the product as a person does (`node scripts/run.mjs start`), on free ports and a data directory of its own: for
 * the end-to-end tests, the benches and the screenshots.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Full rights over the management API of a launched server, which listens on loopback only. */
export const API_TOKEN = 'launched-by-a-test-0123456789abcdef';
/** A first start on a busy machine, builds included. */
const START_MS = 180_000;
const POLL_MS = 25;

/**
 * @typedef {object} Launched
 * @property {string} adminUrl
 * @property {string} signInUrl works once
 * @property {string} shopUrl
 * @property {number} pid of the launcher
 * @property {() => string} output everything printed so far
 * @property {() => boolean} hasEnded
 * @property {(signal?: NodeJS.Signals) => Promise<number | null>} stop signals the launcher's process group, as a terminal
 *   does for Ctrl-C; resolves with its exit code, null where a signal ended it
 */

/**
 * @param {{ dataDirectory: string, port?: number, env?: Record<string, string> }} options port 0: any free one
 * @returns {Promise<Launched>}
 */
export async function launchYardarm({ dataDirectory, port = 0, env = {} }) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'start'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      SHOP_PORT: '0',
      YARDARM_DATA_DIR: dataDirectory,
      YARDARM_BOOTSTRAP_TOKEN: API_TOKEN,
      ...env,
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => /** @type {number | null} */ (code));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });

  /** @param {string} title */
  const address = (title) => new RegExp(`^ *${title} +(http\\S+)`, 'm').exec(output)?.[1];
  await waitUntil(
    () => output.includes('Stop with Ctrl-C') || hasEnded(),
    START_MS,
    () => `npm start:\n${output}`,
  );
  const [adminUrl, signInUrl, shopUrl] = ['Admin UI', 'Sign in', 'Demo shop'].map(address);
  if (adminUrl === undefined || signInUrl === undefined || shopUrl === undefined) throw new Error(`npm start:\n${output}`);

  const pid = /** @type {number} */ (child.pid);
  return {
    ...{ adminUrl, signInUrl, shopUrl, pid, hasEnded },
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (!hasEnded()) process.kill(-pid, signal);
      return ended;
    },
  };
}

/** In a path with a space, which must do no harm. */
export async function temporaryDirectory() {
  const folder = await mkdtemp(path.join(tmpdir(), 'yardarm run '));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * @param {() => boolean | Promise<boolean>} holds
 * @param {number} patienceMs
 * @param {() => string} describe what was waited for, in the error after `patienceMs`
 */
export async function waitUntil(holds, patienceMs, describe) {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain for ${describe()}`);
    await sleep(POLL_MS);
  }
}
