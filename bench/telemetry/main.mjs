// @ts-check
/**
 * npm run bench:telemetry -- [--readers 200] [--flips 60] [--rounds 3]
 * A flood of 20 000 reports a second with one key, half of them from connections that wait for no answer: what it adds to the time from
 * a flip to its readers, beside the same flood at other processes, which is the machine's share of it: one that only reads, and a bare
 * server of Node that answers each request with 429; what memory it takes; and what each report that is taken costs the server's processor.
 * Everything runs on this machine, in turns. Exit code 1 where a bar is missed.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';
import { monotonicMs } from '../delivery/clock.mjs';
import { startChild, startFleet } from '../delivery/fleet.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { createFlipper, makeTestBed, readState } from '../delivery/test-bed.mjs';
import { quantile, table } from '../flip/statistics.mjs';

const PER_SECOND = 20_000;
const CONNECTIONS = 512;
const COUNTS = 20;
const FLIP_EVERY_MS = 100;
/** Of what the same flood does to the machine when another process reads it. */
const TIMES_BAR = 1.1;
const MEMORY_BAR_MB = 64;
const CLOCK_TICK_MS = 10;

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '200' },
    flips: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
  },
});
const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
const readers = startFleet(Number(values.readers));
const flooder = startChild('../telemetry/flooder.mjs');
const sink = startChild('../telemetry/flooder.mjs');
const refuser = startChild('../telemetry/flooder.mjs');
const bars = createBars();
try {
  const target = { url: await server.ready };
  const port = Number(new URL(target.url).port);
  const key = await makeTestBed(target, 200);
  const flip = createFlipper(target);
  const { revision: before } = await flip();
  const have = await readState(target, key);
  const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
  await readers.open({ group: 'all', url, count: Number(values.readers), key, have });
  const [sinkPort, refuserPort] = [await sink.ask('sink'), await refuser.ask('refuser')];
  let revision = before;

  /** From the request of a flip to its last reader. @returns {Promise<number[]>} */
  async function flips() {
    /** @type {number[]} */
    const times = [];
    for (let round = 0; round < Number(values.flips); round += 1) {
      revision += 1;
      const all = readers.untilAll('all', revision);
      const startedMs = monotonicMs();
      await flip();
      times.push((await all).lastMs - startedMs);
      await sleep(FLIP_EVERY_MS);
    }
    return times;
  }
  /** @param {number} to @param {() => Promise<number[]>} run */
  async function flooded(to, run) {
    await flooder.ask('start', { port: to, request: requestOf(key), connections: CONNECTIONS, perSecond: PER_SECOND });
    await sleep(2_000);
    const times = await run();
    return { times, result: await flooder.ask('stop') };
  }

  await flips();
  /** @type {{ idle: number[], read: number[], refused: number[], here: number[] }} */
  const { idle, read, refused, here } = { idle: [], read: [], refused: [], here: [] };
  /** Most of the server's resident bytes, by whether it was flooded by then. Flips alone make it grow, too. */
  const most = { before: residentBytes(server.pid), flooded: 0 };
  let isFlooded = false;
  const watch = setInterval(() => {
    const phase = isFlooded ? 'flooded' : 'before';
    most[phase] = Math.max(most[phase], residentBytes(server.pid));
  }, 100);
  /** @type {any} */
  let result;
  const startedMs = monotonicMs();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    idle.push(...(await flips()));
    read.push(...(await flooded(sinkPort, flips)).times);
    refused.push(...(await flooded(refuserPort, flips)).times);
    isFlooded = true;
    const flood = await flooded(port, flips);
    here.push(...flood.times);
    result = flood.result;
    await sleep(3_000);
  }
  clearInterval(watch);
  const seconds = (monotonicMs() - startedMs) / 1_000;
  console.log(`\n${values.readers} readers, ${values.rounds} rounds in ${seconds.toFixed(0)} s. ${machineLine()}\n`);
  console.log(
    table([
      ['flip to the last reader, idle', idle],
      ['flood of one that only reads', read],
      ['flood of one that answers 429', refused],
      ['flood of telemetry', here],
    ]),
  );
  const p99 = (/** @type {number[]} */ all) => quantile(all, 0.99);
  console.log(
    `\np99: idle ${p99(idle).toFixed(1)}, flood of a reader ${p99(read).toFixed(1)}, of a server that refuses ${p99(refused).toFixed(1)}, ours ${p99(here).toFixed(1)} ms.`,
  );
  console.log(`Last flood: ${JSON.stringify(result)}.`);
  console.log(`Resident: ${toMb(most.before)} MB at most before the first flood, ${toMb(most.flooded)} MB at most after.`);
  bars.check('p99 from a flip to the last reader, by that of the flood of a reader', p99(here) / p99(read), TIMES_BAR, 'times');
  bars.check('p99 by that of the flood of a server that refuses', p99(here) / p99(refused), TIMES_BAR, 'times');
  bars.check('p99 by the idle one', p99(here) / p99(idle), TIMES_BAR, 'times');
  bars.check('memory that the flood took', (most.flooded - most.before) / 1024 / 1024, MEMORY_BAR_MB, 'MB');

  // Whoever was refused made the next wait longer.
  await sleep(20_000);
  const costs = await costOfReports(target.url, key, server.pid);
  console.log(`\nA report of 100 counts takes ${costs.toFixed(2)} ms of the server's processor, from its socket to its row.`);
  process.exitCode = bars.conclude();
} finally {
  await Promise.all([readers.stop(), flooder.stop(), sink.stop(), refuser.stop(), server.stop()]);
  await directory.remove();
}

/** @param {string} instance @param {number} counts @param {number} [seq] */
function reportOf(instance, counts, seq = 1) {
  const nowMs = Date.now();
  const app = { name: 'bench', version: '1' };
  return JSON.stringify({
    ...{ instance, sdk: 'bench/1', app, seq, from: nowMs - 60_000, to: nowMs, sentAt: nowMs, lost: 0 },
    counts: Array.from({ length: counts }, (_, index) => ({
      ...{ flag: `flag-${index}`, variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'a1b2c3d4', n: 7 },
    })),
  });
}

/** @param {string} key */
function requestOf(key) {
  const body = reportOf('flood', COUNTS);
  const head = [
    'POST /sync/v1/telemetry HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
  ];
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** At 50 a second, as 3 000 instances would send. @param {string} url @param {string} key @param {number} pid */
async function costOfReports(url, key, pid) {
  const reports = 500;
  const beforeMs = cpuMs(pid);
  const startedMs = monotonicMs();
  /** @type {Promise<unknown>[]} */
  const answers = [];
  for (let index = 0; index < reports; index += 1) {
    await sleep(Math.max(0, startedMs + index * 20 - monotonicMs()));
    const init = { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
    answers.push(
      fetch(`${url}/sync/v1/telemetry`, { ...init, body: reportOf(`cost ${index}`, 100) }).then(async (answer) => {
        if (answer.status !== 204) throw new Error(`Answered ${answer.status}: ${await answer.text()}`);
      }),
    );
  }
  await Promise.all(answers);
  const busyMs = cpuMs(pid) - beforeMs;
  const idleFromMs = cpuMs(pid);
  await sleep(10_000);
  return (busyMs - (cpuMs(pid) - idleFromMs)) / reports;
}

/** @param {number} pid */
function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Of user and system together. @param {number} pid */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** @param {number} bytes */
function toMb(bytes) {
  return (bytes / 1024 / 1024).toFixed(0);
}
