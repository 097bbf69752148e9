// @ts-check
/** Row 12, those without a stream: the server is killed under many pollers and started again, and each comes at its own next poll. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { RULE_SET_PATH } from '../../packages/sync/dist/index.js';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { freePort } from '../delivery/free-port.mjs';
import { spawnProbedServer } from '../delivery/probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';

const FLAGS = 5;
const START_MS = 120_000;
const FLOOR_MS = 2_000;
/** A poll is at most 36 s after the one before. */
const BACK_MS = 180_000;
/** A server knows no more of them by name. */
const MAX_COUNTED = 10_000;

export async function pollerHerd({ pollers = 50_000 } = {}) {
  const directory = await temporaryDirectory();
  const env = { PORT: String(await freePort()) };
  let server = spawnProbedServer(directory.path, env);
  const children = Array.from({ length: availableParallelism() }, () => startChild('../faults/pollers.mjs'));
  const askAll = (/** @type {string} */ question, /** @type {unknown} */ body) =>
    Promise.all(children.map((child) => child.ask(question, body)));
  const until = (/** @type {string} */ question, /** @type {number} */ patienceMs, /** @type {unknown} */ body) =>
    waitUntil(
      async () => (await askAll(question, body)).reduce((sum, count) => sum + count, 0) === pollers,
      patienceMs,
      () => `all ${pollers} pollers: ${question}`,
    );
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target, FLAGS);
    await readState(target, key);
    const most = await measureFloor(target, key);
    const count = (/** @type {number} */ index) => Math.floor((pollers + index) / children.length);
    await Promise.all(children.map((child, index) => child.ask('start', { url: target.url, key, count: count(index) })));
    await until('ready', START_MS, undefined);

    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = spawnProbedServer(directory.path, env);
    await server.ready;
    await Promise.all([askAll('forget', undefined), server.glance()]);
    const readyAt = Date.now();
    const { revision } = await createFlipper(target)();
    await until('holding', BACK_MS, revision);
    /** @type {import('./pollers.mjs').PollersReport[]} */
    const reports = await askAll('report', undefined);
    const backMs = reports.flatMap(({ firstMs }) => firstMs).map((at) => at - readyAt);
    const { cpuShare } = await server.glance();
    const tookMs = reports.flatMap((report) => report.tookMs);
    const askingShare = reports.reduce((sum, { cpuMs, seconds }) => sum + cpuMs / 1e3 / seconds, 0);
    const perSecond = tookMs.length / Math.max(...reports.map(({ seconds }) => seconds));
    const shares = `of the processor the server had ${cpuShare.toFixed(2)} cores, those who ask ${askingShare.toFixed(2)}`;
    const rates = `${perSecond.toFixed(0)} polls/s; at most ${most.ours.toFixed(0)} 304s/s, a bare node:http server ${most.bare.toFixed(0)}`;
    await waitUntil(
      async () => (await readReceipts(target)).server.polling.applied === Math.min(pollers, MAX_COUNTED),
      BACK_MS,
      () => `receipts of ${pollers} pollers`,
    );
    return [
      {
        title: `95 % of ${pollers} pollers answered after the return`,
        value: quantile(backMs, 0.95) / 1e3,
        atMost: 90,
        unit: 's',
      },
      {
        title: `answers meanwhile, p99 of ${tookMs.length} (${rates}; ${shares})`,
        value: quantile(tookMs, 0.99),
        atMost: 500,
        unit: 'ms',
      },
      { title: 'memory of the server at its highest', value: peakMemoryMb(server.pid), atMost: 1_500, unit: 'MB' },
    ];
  } finally {
    await Promise.all([...children.map((child) => child.stop()), server.stop()]);
    await directory.remove();
  }
}

/**
 * How many polls a second that change nothing are answered as fast as somebody asks: here, and by Node's own server with the same headers.
 * @param {{ url: string }} target
 * @param {string} key
 */
async function measureFloor(target, key) {
  const [load, floor] = [startChild('endpoint-load.mjs'), startChild('endpoint-floor.mjs')];
  try {
    const authorization = `Bearer ${key}`;
    const answer = await fetch(target.url + RULE_SET_PATH, { headers: { authorization } });
    await answer.body?.cancel();
    const etag = answer.headers.get('etag') ?? '';
    const unchanged = ['etag', 'yardarm-state', 'cache-control', 'vary'].flatMap((name) => [
      name,
      answer.headers.get(name) ?? '',
    ]);
    await floor.ask('serve', { headers: [], unchanged, body: '' });
    const lines = [
      `GET ${RULE_SET_PATH} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${authorization}`,
      `If-None-Match: ${etag}`,
    ];
    const run = (/** @type {number} */ port) =>
      load.ask('run', { host: '127.0.0.1', port, request: `${lines.join('\r\n')}\r\n\r\n`, connections: 32, ms: FLOOR_MS });
    return { ours: await run(Number(new URL(target.url).port)), bare: await run(await floor.ask('port')) };
  } finally {
    await Promise.all([load.stop(), floor.stop()]);
  }
}

/** Of its whole life; 0 where the machine does not tell. @param {number} pid */
function peakMemoryMb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1e3;
  } catch {
    return 0;
  }
}
