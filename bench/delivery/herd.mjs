// @ts-check
/**
 * npm run bench:herd -- [--sockets 10000]
 * Kills the server under that many SDK replicas (herd-clients.mjs), starts it again on the same port, and watches how
 * they come back by their own back-off, while somebody polls the rule set. Exit code 1 where a bar is missed.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { quantile } from '../flip/statistics.mjs';
import { createBars } from './bars.mjs';
import { monotonicMs } from './clock.mjs';
import { startChild } from './fleet.mjs';
import { freePort } from './free-port.mjs';
import { machineLine } from './machine.mjs';
import { spawnProbedServer } from './probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, readState } from './test-bed.mjs';

const BACK_SHARE = 0.95;
const BACK_BAR_MS = 30_000;
const PATIENCE_MS = 180_000;
const READ_MS = 200;
const READ_P99_BAR_MS = 500;
const RSS_BAR_MB = 500;

const { values } = parseArgs({ options: { sockets: { type: 'string', default: '10000' } } });
const sockets = Number(values.sockets);
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
  console.log(`${sockets} SDK replicas connected. ${machineLine()}`);

  await askAll('forget');
  const killedMs = monotonicMs();
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  server = spawnProbedServer(directory.path, env);
  await server.ready;
  const readyMs = monotonicMs();
  const reader = readSteadily(target, key);
  await waitUntil(
    async () => (await welcomed()) >= sockets,
    PATIENCE_MS,
    () => `${sockets} replicas to come back`,
  );
  const readsMs = await reader.stop();
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
  const backMs = reports.flatMap(({ welcomedMs }) => welcomedMs).map((atMs) => atMs - killedMs);
  const attempts = reports.flatMap((report) => report.attempts);
  const tooEarly = reports.reduce((sum, report) => sum + report.tooEarly, 0);
  const shareBackMs = quantile(backMs, BACK_SHARE);
  const peakMb = peakMemoryMb(server.pid);
  console.log(`\nThe server was ready ${(readyMs - killedMs).toFixed(0)} ms after its end. ${machineLine()}`);
  console.log(
    `Back after the kill: half in ${seconds(quantile(backMs, 0.5))}, 95 % in ${seconds(shareBackMs)}, all in ${seconds(Math.max(...backMs))}.`,
  );
  console.log(
    `Peak: ${Math.max(...perSecond(backMs))} let in within a second. Refusals: ${JSON.stringify(sumOf(reports.map(({ refusals }) => refusals)))} ("none": nobody listened).`,
  );
  console.log(
    `Attempts of a replica: median ${quantile(attempts, 0.5)}, p99 ${quantile(attempts, 0.99)}, at most ${Math.max(...attempts)}; ${tooEarly} before the instant that a refusal had named.`,
  );
  console.log(
    `Reads of the rule set meanwhile: ${readsMs.length}, p99 ${quantile(readsMs, 0.99).toFixed(0)} ms. Server: loop delay p99 ${loopDelayP99Ms.toFixed(0)} ms, at most ${peakMb.toFixed(0)} MB resident.`,
  );
  const lateMs = Math.max(...reports.map(({ loopDelayMaxMs }) => loopDelayMaxMs));
  console.log(`The replicas' own processes were up to ${seconds(lateMs)} late, in which they neither ask nor hear.`);
  console.log(`After a flip the receipts name all ${sockets}.`);
  console.log(`Let in by second after the kill: ${perSecond(backMs).join(' ')}`);
  const bars = createBars();
  bars.check(`95 % of ${sockets} back after the kill`, shareBackMs / 1e3, BACK_BAR_MS / 1e3, 's');
  bars.check('attempts before the instant that a refusal named', tooEarly, 0, '');
  bars.check('memory of the server at its highest', peakMb, RSS_BAR_MB, 'MB');
  bars.check('reads of the rule set meanwhile, p99', quantile(readsMs, 0.99), READ_P99_BAR_MS, 'ms');
  process.exitCode = bars.conclude();
} finally {
  await Promise.all([...children.map((child) => child.stop()), server.stop()]);
  await directory.remove();
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1e3).toFixed(1)} s`;
}

/** @param {readonly number[]} atMs @returns {number[]} how many in each second */
function perSecond(atMs) {
  const counts = Array.from({ length: Math.ceil(Math.max(...atMs) / 1e3) }, () => 0);
  for (const ms of atMs) counts[Math.floor(ms / 1e3)] = (counts[Math.floor(ms / 1e3)] ?? 0) + 1;
  return counts;
}

/** @param {readonly Record<string, number>[]} counts */
function sumOf(counts) {
  /** @type {Record<string, number>} */
  const sum = {};
  for (const each of counts) for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Of its whole life; NaN where the machine does not tell. @param {number} pid */
function peakMemoryMb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1e3;
  } catch {
    return Number.NaN;
  }
}

/**
 * @param {{ url: string }} target
 * @param {string} key
 */
function readSteadily(target, key) {
  /** @type {number[]} */
  const tookMs = [];
  let stopping = false;
  const ended = (async () => {
    while (!stopping) {
      const startedMs = monotonicMs();
      await readState(target, key);
      tookMs.push(monotonicMs() - startedMs);
      await sleep(READ_MS);
    }
  })();
  return {
    async stop() {
      stopping = true;
      await ended;
      return tookMs;
    },
  };
}
