// @ts-check
/**
 * Kills a server under many SDK replicas (herd-clients.mjs), starts it again on the same port, and watches how they come back by their
 * own back-off, while somebody polls the rule set.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { monotonicMs } from './clock.mjs';
import { startChild } from './fleet.mjs';
import { freePort } from './free-port.mjs';
import { peakMemoryMb } from './machine.mjs';
import { spawnProbedServer } from './probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, readState } from './test-bed.mjs';

const PATIENCE_MS = 180_000;
const READ_MS = 200;

/**
 * @typedef {object} Herd what became of it; instants in ms after the kill
 * @property {number} sockets
 * @property {number} handshakesPerSecond
 * @property {number} readyMs when the server said that it was ready again
 * @property {number[]} backMs when each replica was welcomed
 * @property {{ askedMs: number, openedMs: number }[]} letIn when each that was let in had asked, and when it heard that it was
 * @property {number[]} attempts of each replica
 * @property {Record<string, number>} refusals by HTTP status; `none`: nobody listened
 * @property {number} tooEarly attempts before the instant that a refusal had named
 * @property {number} waitedMs of all replicas before all attempts, without what refusals had named
 * @property {number} backOffMs what the back-off makes of that on average
 * @property {number} lateMs how late the replicas' own processes were at most
 * @property {number[]} readsMs how long reads of the rule set took
 * @property {number} failedReads
 * @property {number} loopDelayP99Ms of the server
 * @property {number} peakMb of the server
 */

/**
 * @param {{ sockets: number, handshakesPerSecond: number }} options the rate holds for the server that they come back to
 * @returns {Promise<Herd>} once receipts name every replica after a flip
 */
export async function runHerd({ sockets, handshakesPerSecond }) {
  const directory = await temporaryDirectory();
  const env = { PORT: String(await freePort()) };
  let server = spawnProbedServer(directory.path, env);
  const children = Array.from({ length: availableParallelism() }, () => startChild('herd-clients.mjs'));
  const askAll = (/** @type {string} */ question) => Promise.all(children.map((child) => child.ask(question)));
  const welcomed = async () => (await askAll('welcomed')).reduce((sum, count) => sum + count, 0);
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target);
    await readState(target, key);
    const count = (/** @type {number} */ index) => Math.floor((sockets + index) / children.length);
    await Promise.all(children.map((child, index) => child.ask('open', { url: target.url, key, count: count(index) })));

    await askAll('forget');
    const killedMs = monotonicMs();
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = spawnProbedServer(directory.path, { ...env, YARDARM_HANDSHAKES_PER_SECOND: String(handshakesPerSecond) });
    await server.ready;
    const readyMs = monotonicMs() - killedMs;
    const reader = readSteadily(target, key);
    await waitUntil(
      async () => (await welcomed()) >= sockets,
      PATIENCE_MS,
      () => `${sockets} replicas to come back`,
    );
    const reads = await reader.stop();
    const { loopDelayP99Ms } = await server.glance();
    const { revision } = await createFlipper(target)();
    await waitUntil(
      async () => {
        const receipts = await readReceipts(target);
        return receipts.revision === revision && receipts.server.applied === sockets;
      },
      PATIENCE_MS,
      () => `${sockets} receipts of revision ${revision}`,
    );

    /** @type {import('./herd-clients.mjs').HerdReport[]} */
    const reports = await askAll('report');
    const sumOf = (/** @type {(report: import('./herd-clients.mjs').HerdReport) => number} */ one) =>
      reports.reduce((sum, report) => sum + one(report), 0);
    return {
      ...{ sockets, handshakesPerSecond, readyMs, loopDelayP99Ms },
      backMs: reports.flatMap(({ welcomedMs }) => welcomedMs).map((atMs) => atMs - killedMs),
      letIn: reports
        .flatMap(({ letIn }) => letIn)
        .map((one) => ({ askedMs: one.askedMs - killedMs, openedMs: one.openedMs - killedMs })),
      attempts: reports.flatMap(({ attempts }) => attempts),
      refusals: sumByName(reports.map(({ refusals }) => refusals)),
      tooEarly: sumOf((report) => report.tooEarly),
      waitedMs: sumOf((report) => report.waitedMs),
      backOffMs: sumOf((report) => report.backOffMs),
      lateMs: Math.max(...reports.map(({ loopDelayMaxMs }) => loopDelayMaxMs)),
      readsMs: reads.tookMs,
      failedReads: reads.failed,
      peakMb: peakMemoryMb(server.pid),
    };
  } finally {
    await Promise.all([...children.map((child) => child.stop()), server.stop()]);
    await directory.remove();
  }
}

/** @param {readonly Record<string, number>[]} counts */
function sumByName(counts) {
  /** @type {Record<string, number>} */
  const sum = {};
  for (const each of counts) for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/**
 * @param {{ url: string }} target
 * @param {string} key
 */
function readSteadily(target, key) {
  /** @type {number[]} */
  const tookMs = [];
  let failed = 0;
  let stopping = false;
  const ended = (async () => {
    while (!stopping) {
      const startedMs = monotonicMs();
      await readState(target, key).then(
        () => tookMs.push(monotonicMs() - startedMs),
        () => {
          failed += 1;
        },
      );
      await sleep(READ_MS);
    }
  })();
  return {
    async stop() {
      stopping = true;
      await ended;
      return { tookMs, failed };
    },
  };
}
