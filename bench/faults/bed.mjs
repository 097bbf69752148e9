// @ts-check
/** What the rows of the fault table run on: real servers, a project with a switch, real SDKs in this process. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { freePort } from '../delivery/free-port.mjs';
import { spawnProbedServer } from '../delivery/probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, readState, SWITCH } from '../delivery/test-bed.mjs';
import { startSharedPostgres } from './shared-postgres.mjs';

const PATIENCE_MS = 60_000;
const RETRY_MS = 100;

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {number} value
 * @property {number} atMost
 * @property {string} unit
 *
 * @typedef {object} Bed
 * @property {{ url: string }} target
 * @property {number} port
 * @property {string} key a server key
 * @property {string} directory the server's own
 * @property {() => Promise<{ revision: number, isOn: boolean }>} flip
 * @property {import('../delivery/probed-server.mjs').ProbedServer} server
 *
 * @typedef {object} Fleet
 * @property {Bed[]} beds one for each server; all on one database, with one flip
 * @property {(index: number) => Promise<void>} restart ends that server as an operator does, and starts it again
 * @property {(index: number, health?: string) => Promise<void>} revive starts one that was killed, and waits for that path to say so
 * @property {import('./shared-postgres.mjs').SharedPostgres} postgres
 */

/**
 * @template T
 * @param {(bed: Bed) => Promise<T>} use
 * @param {Record<string, string>} [env] more settings
 * @returns {Promise<T>}
 */
export async function withServer(use, env = {}) {
  const directory = await temporaryDirectory();
  const server = spawnProbedServer(directory.path, env);
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target);
    await readState(target, key);
    const port = Number(new URL(target.url).port);
    return await use({ target, port, key, directory: directory.path, flip: createFlipper(target), server });
  } finally {
    await server.stop();
    await directory.remove();
  }
}

/**
 * Servers with folders of their own on one PostgreSQL.
 * @template T
 * @param {number} count
 * @param {(fleet: Fleet) => Promise<T>} use
 * @param {(index: number, databaseUrl: string) => Promise<Record<string, string>>} [envOf] settings of one server, at each of its starts
 * @returns {Promise<T>}
 */
export async function withServers(count, use, envOf = async () => ({})) {
  const directory = await temporaryDirectory();
  const postgres = await startSharedPostgres(directory.path);
  /** @type {Bed[]} */
  const beds = [];
  const folderOf = (/** @type {number} */ index) => path.join(directory.path, `server-${index}`);
  const start = async (/** @type {number} */ index, /** @type {string} */ port) => {
    const folder = folderOf(index);
    await mkdir(folder, { recursive: true });
    // Every server of one installation has the same secret.
    const secret = path.join(directory.path, 'secret');
    const own = await envOf(index, postgres.url);
    return spawnProbedServer(folder, { PORT: port, DATABASE_URL: postgres.url, YARDARM_SECRET_FILE: secret, ...own });
  };
  try {
    for (let index = 0; index < count; index += 1) {
      const port = await freePort();
      const server = await start(index, String(port));
      beds.push({
        server,
        port,
        directory: folderOf(index),
        target: { url: '' },
        key: '',
        flip: () => Promise.reject(new Error('no project yet')),
      });
      const target = { url: await server.ready };
      const first = beds[0];
      const made = index === 0 || first === undefined ? { key: await makeTestBed(target), flip: createFlipper(target) } : first;
      beds[index] = { server, port, directory: folderOf(index), target, key: made.key, flip: made.flip };
      await readState(target, made.key);
    }
    const revive = async (/** @type {number} */ index, health = '/health/ready') => {
      const bed = /** @type {Bed} */ (beds[index]);
      bed.server = await start(index, String(bed.port));
      await waitUntil(
        async () => (await fetch(`${bed.target.url}${health}`).catch(() => null))?.ok === true,
        PATIENCE_MS,
        () => `${health} of server ${index}:\n${bed.server.output()}`,
      );
    };
    const restart = async (/** @type {number} */ index) => {
      await beds[index]?.server.stop();
      await revive(index);
    };
    return await use({ beds, restart, revive, postgres });
  } finally {
    await Promise.all(beds.map(({ server }) => server.stop()));
    await postgres.stop();
    await directory.remove();
  }
}

/**
 * @typedef {object} Sdk
 * @property {(flag?: string) => Promise<{ value: boolean, reason: string, version: number }>} ask what the switch, or another one, says, and
 *   the revision of its body
 * @property {() => number} asked how often
 * @property {{ name: string, atMs: number }[]} events of OpenFeature, of performance.now
 * @property {(isOn: boolean, patienceMs?: number) => Promise<number>} until the switch says so; the instant of performance.now
 * @property {() => Promise<void>} ready
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} url
 * @param {string} key
 * @param {typeof YardarmProvider} [Provider] of an older release
 * @returns {Sdk}
 */
export function startSdk(url, key, Provider = YardarmProvider) {
  const provider = new Provider({ url, key, app: { name: 'faults', version: '1' } });
  /** @type {Sdk['events']} */
  const events = [];
  for (const name of ['READY', 'STALE', 'ERROR', 'CONFIGURATION_CHANGED']) {
    const event = /** @type {any} */ (`PROVIDER_${name}`);
    provider.events.addHandler(event, () => void events.push({ name, atMs: performance.now() }));
  }
  const ready = provider.initialize();
  ready.catch(() => undefined);
  let asked = 0;
  const ask = async (flag = SWITCH) => {
    asked += 1;
    const { value, reason = '', flagMetadata } = await provider.resolveBooleanEvaluation(flag, false, {});
    return { value, reason, version: Number(flagMetadata?.version ?? 0) };
  };
  return {
    ask,
    asked: () => asked,
    events,
    ready: () => ready,
    async until(isOn, patienceMs = PATIENCE_MS) {
      await waitUntil(
        async () => (await ask()).value === isOn,
        patienceMs,
        () => `an SDK to say ${isOn}`,
      );
      return performance.now();
    },
    close: () => provider.onClose(),
  };
}

/**
 * Until that many connected instances run the newest revision, and no other is connected.
 * @param {{ url: string }} target
 * @param {number} applied
 * @param {number} [patienceMs]
 */
export async function untilApplied(target, applied, patienceMs = PATIENCE_MS) {
  let seen = '';
  await waitUntil(
    async () => {
      const { server } = await readReceipts(target);
      seen = JSON.stringify(server);
      return server.applied === applied && server.connected === applied;
    },
    patienceMs,
    () => `${applied} receipts at ${target.url}; it says ${seen}`,
  );
}

/**
 * Again and again until it succeeds.
 * @template T
 * @param {() => Promise<T>} work
 * @param {number} [patienceMs]
 * @returns {Promise<T>}
 */
export async function patiently(work, patienceMs = PATIENCE_MS) {
  for (const untilMs = performance.now() + patienceMs; ; await sleep(RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
  }
}
