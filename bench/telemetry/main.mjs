// @ts-check
/**
 * npm run bench:telemetry -- [--readers 200] [--flips 60] [--rounds 6]
 * A flood of 20 000 reports a second with one key, from connections that wait for no answer: what it adds to the time from a flip to its
 * readers, beside the same flood at a bare server of Node that answers each request with 429, which is the machine's share of it; what
 * memory it takes; how much of the processor it takes, of the flooder and of the server; and what each report that is taken costs the
 * server. Everything runs on this machine. Each round is idle, flooded elsewhere, flooded here, and what is judged are the medians of the
 * rounds, so that what else the machine does weighs on all three alike. Exit code 1 where a bar is missed.
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
const TIMES_BAR = 1.1;
const MEMORY_BAR_MB = 64;
const MEMORY_MS = 20_000;
const CLOCK_TICK_MS = 10;

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '200' },
    flips: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '6' },
  },
});
const directory = await temporaryDirectory();
const server = spawnServer(directory.path);
const readers = startFleet(Number(values.readers));
const flooder = startChild('../telemetry/flooder.mjs');
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
  const refuserPort = await refuser.ask('refuser');
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
  /** @typedef {{ times: number[], cpuMs: number, seconds: number }} Phase of the server's processor */
  /** @param {() => Promise<number[]>} run @returns {Promise<Phase>} */
  async function measured(run) {
    const [beganCpuMs, beganMs] = [cpuMs(server.pid), monotonicMs()];
    const times = await run();
    return { times, cpuMs: cpuMs(server.pid) - beganCpuMs, seconds: (monotonicMs() - beganMs) / 1_000 };
  }
  /** @param {number} to @param {() => Promise<number[]>} run */
  async function flooded(to, run = flips) {
    await flooder.ask('start', { port: to, request: requestOf(key), connections: CONNECTIONS, perSecond: PER_SECOND });
    await sleep(2_000);
    const phase = await measured(run);
    return { ...phase, flood: await flooder.ask('stop') };
  }

  await flips();
  /** @type {{ idle: Phase[], refused: (Phase & { flood: any })[], here: (Phase & { flood: any })[] }} */
  const { idle, refused, here } = { idle: [], refused: [], here: [] };
  const resident = { before: residentBytes(server.pid), flooded: 0, all: 0 };
  const watch = setInterval(() => {
    resident.all = Math.max(resident.all, residentBytes(server.pid));
  }, 100);
  // Alone, since flips make it grow, too.
  await flooded(port, () => sleep(MEMORY_MS).then(() => []));
  resident.flooded = resident.all;
  await sleep(3_000);
  const startedMs = monotonicMs();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    idle.push(await measured(flips));
    refused.push(await flooded(refuserPort));
    here.push(await flooded(port));
    await sleep(3_000);
  }
  clearInterval(watch);
  const seconds = (monotonicMs() - startedMs) / 1_000;
  console.log(`\n${values.readers} readers, ${values.rounds} rounds in ${seconds.toFixed(0)} s. ${machineLine()}\n`);
  const timesOf = (/** @type {Phase[]} */ phases) => phases.flatMap(({ times }) => times);
  console.log(
    table([
      ['flip to the last reader, idle', timesOf(idle)],
      ['flood of a bare server', timesOf(refused)],
      ['flood of telemetry', timesOf(here)],
    ]),
  );
  const p99 = (/** @type {Phase} */ { times }) => quantile(times, 0.99);
  /** @param {readonly Phase[]} of @param {readonly Phase[]} by of the same rounds */
  const ratio = (of, by) =>
    quantile(
      of.map((phase, round) => p99(phase) / p99(/** @type {Phase} */ (by[round]))),
      0.5,
    );
  const ofRounds = (/** @type {Phase[]} */ phases) => phases.map((phase) => p99(phase).toFixed(0)).join(', ');
  console.log(
    `\np99 of each round, ms: idle ${ofRounds(idle)}; flood of a bare server ${ofRounds(refused)}; of ours ${ofRounds(here)}.`,
  );
  const share = (/** @type {Phase[]} */ phases) =>
    quantile(
      phases.map((phase) => phase.cpuMs / phase.seconds / 10),
      0.5,
    ).toFixed(0);
  const [serverIdle, serverElse, serverHere] = [share(idle), share(refused), share(here)];
  console.log(
    `Of one core, our server takes ${serverIdle} % idle, ${serverElse} % beside a flood of another, ${serverHere} % flooded.`,
  );
  for (const [title, phases] of /** @type {const} */ ([
    ['bare server', refused],
    ['our server', here],
  ])) {
    const { offered, written, opened, answers, seconds: s, cpuMs: cpu } = phases.at(-1)?.flood ?? {};
    console.log(
      `The flooder of the ${title}, last round: ${(offered / s).toFixed(0)} offered and ${(written / s).toFixed(0)} written a second, ` +
        `${(opened / s).toFixed(0)} connections a second, answers ${JSON.stringify(answers)}; ${(cpu / s / 10).toFixed(0)} % of a core.`,
    );
  }
  console.log(
    `Resident: ${toMb(resident.before)} MB before a flood without flips, ${toMb(resident.flooded)} MB at most in ${MEMORY_MS / 1_000} s of it, ${toMb(resident.all)} MB at most in all.`,
  );
  bars.check('p99 from a flip to the last reader by the idle one, median of rounds', ratio(here, idle), TIMES_BAR, 'times');
  bars.check('p99 by that of the flood of a bare server, median of rounds', ratio(here, refused), TIMES_BAR, 'times');
  bars.check('memory that the flood took', (resident.flooded - resident.before) / 1024 / 1024, MEMORY_BAR_MB, 'MB');

  // Whoever was refused made the next wait longer.
  await sleep(20_000);
  const costs = await costOfReports(target.url, key, server.pid);
  console.log(`\nA report of 100 counts takes ${costs.toFixed(2)} ms of the server's processor, from its socket to its row.`);
  process.exitCode = bars.conclude();
} finally {
  await Promise.all([readers.stop(), flooder.stop(), refuser.stop(), server.stop()]);
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
