// @ts-check
/** Row 12, those without a stream: the server is killed under many pollers and started again, and each comes at its own next poll. */
import { availableParallelism } from 'node:os';
import { RULE_SET_PATH } from '../../packages/sync/dist/index.js';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { freePort } from '../delivery/free-port.mjs';
import { peakMemoryMb } from '../delivery/machine.mjs';
import { spawnProbedServer } from '../delivery/probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';

const FLAGS = 5;
const START_MS = 300_000;
/** A poll is at most 36 s after the one before. */
const BACK_MS = 180_000;
/** A server knows no more of them by name. */
const MAX_COUNTED = 10_000;

/** `comparesLatency`: without it, how long answers take is not looked at. */
export async function pollerHerd({ pollers = 50_000, comparesLatency = true } = {}) {
  const directory = await temporaryDirectory();
  const env = { PORT: String(await freePort()) };
  let server = spawnProbedServer(directory.path, env);
  const asking = startAsking(pollers);
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target, FLAGS);
    await readState(target, key);
    const floorMs = comparesLatency ? await measureFloor(target, key, pollers) : Number.NaN;
    await asking.start(target, key);

    const killedAt = Date.now();
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = spawnProbedServer(directory.path, env);
    await server.ready;
    await Promise.all([asking.forget(), server.glance()]);
    const { revision } = await createFlipper(target)();
    await asking.until('holding', BACK_MS, revision);
    const { cpuShare } = await server.glance();
    const { firstMs, tookMs, failed, mostPerSecond, cores } = await asking.report();
    await waitUntil(
      async () => (await readReceipts(target)).server.polling.applied === Math.min(pollers, MAX_COUNTED),
      BACK_MS,
      () => `receipts of ${pollers} pollers`,
    );
    const backMs = firstMs.map((at) => at - killedAt);
    const shares = `of the processor the server had ${cpuShare.toFixed(2)} cores, those who ask ${cores.toFixed(2)}`;
    const latency = {
      title: `answers meanwhile, p99 of ${tookMs.length} (at most ${mostPerSecond} in a second; ${shares}; a bare node:http server: ${floorMs.toFixed(0)} ms)`,
      value: quantile(tookMs, 0.99),
      atMost: 500,
      unit: 'ms',
    };
    return [
      { title: `95 % of ${pollers} pollers answered after the kill`, value: quantile(backMs, 0.95) / 1e3, atMost: 90, unit: 's' },
      { title: 'polls that were refused, or never answered', value: failed, atMost: 0, unit: '' },
      ...(comparesLatency ? [latency] : []),
      { title: 'memory of the server at its highest', value: peakMemoryMb(server.pid), atMost: 1_500, unit: 'MB' },
    ];
  } finally {
    await Promise.all([asking.stop(), server.stop()]);
    await directory.remove();
  }
}

/** @param {number} pollers spread over processes of their own */
function startAsking(pollers) {
  const children = Array.from({ length: availableParallelism() }, () => startChild('../faults/pollers.mjs'));
  const askAll = (/** @type {string} */ question, /** @type {unknown} */ body) =>
    Promise.all(children.map((child) => child.ask(question, body)));
  const until = (/** @type {string} */ question, /** @type {number} */ patienceMs, /** @type {unknown} */ body) =>
    waitUntil(
      async () => (await askAll(question, body)).reduce((sum, count) => sum + count, 0) === pollers,
      patienceMs,
      () => `all ${pollers} pollers: ${question}`,
    );
  return {
    until,
    /** Resolves when each has rules. @param {{ url: string }} target @param {string} key */
    async start({ url }, key) {
      const count = (/** @type {number} */ index) => Math.floor((pollers + index) / children.length);
      await Promise.all(children.map((child, index) => child.ask('start', { url, key, count: count(index) })));
      await until('ready', START_MS, undefined);
    },
    forget: () => askAll('forget', undefined),
    /** Of all of them, since `forget`. */
    async report() {
      /** @type {import('./pollers.mjs').PollersReport[]} */
      const reports = await askAll('report', undefined);
      return {
        firstMs: reports.flatMap(({ firstMs }) => firstMs),
        tookMs: reports.flatMap(({ tookMs }) => tookMs),
        failed: reports.reduce((sum, { failed }) => sum + failed, 0),
        mostPerSecond: mostPerSecond(reports.flatMap(({ answeredMs }) => answeredMs)),
        cores: reports.reduce((sum, { cpuMs, seconds }) => sum + cpuMs / 1e3 / seconds, 0),
      };
    },
    stop: () => Promise.all(children.map((child) => child.stop())),
  };
}

/**
 * How long the first answers take to as many pollers, p99, where nothing answers but Node's own server, with the same bytes: what the
 * machine and those who ask take by themselves.
 * @param {{ url: string }} target
 * @param {string} key
 * @param {number} pollers
 */
async function measureFloor(target, key, pollers) {
  const bare = startChild('endpoint-floor.mjs');
  const asking = startAsking(pollers);
  try {
    const wanted = { authorization: `Bearer ${key}`, 'accept-encoding': 'identity' };
    const answer = await fetch(target.url + RULE_SET_PATH, { headers: wanted });
    const body = Buffer.from(await answer.arrayBuffer());
    const unchanged = ['etag', 'yardarm-state', 'cache-control'].flatMap((name) => [name, answer.headers.get(name) ?? '']);
    const headers = [...unchanged, 'content-length', String(body.length)];
    await bare.ask('serve', { headers, unchanged, body: body.toString('base64') });
    await asking.start({ url: `http://127.0.0.1:${await bare.ask('port')}` }, key);
    return quantile((await asking.report()).tookMs, 0.99);
  } finally {
    await Promise.all([asking.stop(), bare.stop()]);
  }
}

/** @param {readonly number[]} atMs in any order */
function mostPerSecond(atMs) {
  const counts = new Map();
  for (const ms of atMs) counts.set(Math.floor(ms / 1e3), (counts.get(Math.floor(ms / 1e3)) ?? 0) + 1);
  return Math.max(...counts.values());
}
