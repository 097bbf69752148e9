// @ts-check
/**
 * npm run bench:telemetry -- [--readers 200] [--flips 200] [--rounds 3] [--shared] [--profile DIRECTORY]
 * A flood of 20 000 reports a second with one key, from connections that wait for no answer: what it adds to the time from a flip to its
 * readers, what memory it takes, how much of the processor it takes, and what each report that is taken costs the server.
 *
 * In production the flooder has a machine of its own. Here it has a core of its own: server, database and readers are on the other one,
 * in all phases alike. Each round is idle, a flood of a bare server of Node that answers each request with 429 and is on the server's core,
 * a flood of ours, and idle again. What is judged is the flood of ours by the idle ones of the same rounds. What two idle ones differ by
 * is what this machine cannot tell: 60 flips a phase differed by 1.4 times, 600 by 1.1. The flood of ours is measured when the first connections that
 * were held have come back. With `--shared` the same on all cores, where the flooder takes time from everybody, and beside a
 * process that takes connections and reads nothing, which is the least that a server can do: reported, and judged only where nothing can
 * be pinned. Exit code 1 where a bar is missed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root, temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';
import { monotonicMs } from '../delivery/clock.mjs';
import { startChild, startFleet } from '../delivery/fleet.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { createFlipper, makeTestBed, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { canPin, pin } from './pin.mjs';
import { costOfReports, cpuMs, requestOf, residentBytes } from './reports.mjs';

const PER_SECOND = 20_000;
const CONNECTIONS = 512;
const FLIP_EVERY_MS = 100;
const TIMES_BAR = 1.1;
const MEMORY_BAR_MB = 64;
const MEMORY_MS = 60_000;
/** Half a minute until the first that were held come back, and some. */
const SETTLED_MS = 35_000;
const CORES = { server: '0', flooder: '1', all: '0-1' };

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '200' },
    flips: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    shared: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const directory = await temporaryDirectory();
const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const server = spawnServer(directory.path, {}, root, profiling);
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
  const sinkPort = await refuser.ask('sink');
  let revision = before;

  /** From the request of a flip to its last reader. @returns {Promise<number[]>} */
  async function flips(count = Number(values.flips)) {
    /** @type {number[]} */
    const times = [];
    for (let round = 0; round < count; round += 1) {
      revision += 1;
      const all = readers.untilAll('all', revision);
      const startedMs = monotonicMs();
      await flip();
      times.push((await all).lastMs - startedMs);
      await sleep(FLIP_EVERY_MS);
    }
    return times;
  }
  /** @typedef {{ times: number[], cpuMs: number, seconds: number, flood?: any }} Phase of the server's processor */
  /** @returns {Promise<Phase>} */
  async function measured() {
    const [beganCpuMs, beganMs] = [cpuMs(server.pid), monotonicMs()];
    const times = await flips();
    return { times, cpuMs: cpuMs(server.pid) - beganCpuMs, seconds: (monotonicMs() - beganMs) / 1_000 };
  }
  /** @param {number} to */
  const flood = (to) =>
    flooder.ask('start', { port: to, request: requestOf(key), connections: CONNECTIONS, perSecond: PER_SECOND });
  const calm = async () => {
    const result = await flooder.ask('stop');
    await sleep(3_000);
    return result;
  };
  /** @param {number} to @param {number} settleMs @returns {Promise<Phase>} */
  const flooded = async (to, settleMs) => {
    await flood(to);
    await sleep(settleMs);
    await flooder.ask('count');
    const phase = await measured();
    return { ...phase, flood: await calm() };
  };
  /** @type {Readonly<Record<string, () => Promise<Phase>>>} */
  const phases = {
    idle: measured,
    'bare server flooded': () => flooded(refuserPort, 2_000),
    'sink flooded': () => flooded(sinkPort, SETTLED_MS),
    'ours flooded': () => flooded(port, SETTLED_MS),
    'idle again': measured,
  };

  /** @param {string} title @param {readonly string[]} names of phases, in their order */
  async function rounds(title, names) {
    /** @type {Map<string, Phase[]>} */
    const all = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round += 1)
      for (const name of names) all.get(name)?.push(await /** @type {() => Promise<Phase>} */ (phases[name])());
    print(title, all);
    return all;
  }

  // Before this process is on one core.
  const machine = machineLine();
  const pinned = canPin();
  if (pinned) {
    for (const pid of [process.pid, server.pid]) pin(pid, CORES.server);
    pin(flooder.pid, CORES.flooder);
  }
  console.log(`\n${values.readers} readers, ${values.rounds} rounds of ${values.flips} flips. ${machine}`);
  await flips();
  await memory();
  if (pinned)
    judge(await rounds('The flooder on a core of its own', ['idle', 'bare server flooded', 'ours flooded', 'idle again']));
  else console.log('This machine has one core, or no taskset: the flooder shares its cores with whom it floods.');
  if (pinned) for (const pid of [process.pid, server.pid, flooder.pid]) pin(pid, CORES.all);
  if (values.shared || !pinned) {
    const shared = await rounds('The flooder on the cores of all', ['idle', 'sink flooded', 'ours flooded', 'idle again']);
    if (!pinned) judge(shared);
  }

  /** First idle with flips for as long, since flips make it grow, too. */
  async function memory() {
    const most = { idle: 0, quiet: 0, flips: 0 };
    /** @param {keyof typeof most} phase @param {boolean} withFlips */
    const watch = async (phase, withFlips) => {
      const timer = setInterval(() => {
        most[phase] = Math.max(most[phase], residentBytes(server.pid));
      }, 100);
      const endMs = monotonicMs() + MEMORY_MS;
      while (monotonicMs() < endMs) await (withFlips ? flips(10) : sleep(1_000));
      clearInterval(timer);
    };
    await watch('idle', true);
    await flood(port);
    await watch('quiet', false);
    await watch('flips', true);
    await calm();
    const mb = (/** @type {number} */ bytes) => (bytes / 1024 / 1024).toFixed(0);
    console.log(
      `Resident at most, MB, in ${MEMORY_MS / 1_000} s each: idle with flips ${mb(most.idle)}, flooded without ${mb(most.quiet)}, flooded with flips ${mb(most.flips)}.`,
    );
    const tookMb = (Math.max(most.quiet, most.flips) - most.idle) / 1024 / 1024;
    bars.check('memory that the flood took', tookMb, MEMORY_BAR_MB, 'MB');
  }

  // Whoever was refused made the next wait longer.
  await sleep(20_000);
  const costs = await costOfReports(target.url, key, server.pid);
  console.log(`\nA report of 100 counts takes ${costs.toFixed(2)} ms of the server's processor, from its socket to its row.`);
  process.exitCode = bars.conclude();
} finally {
  await Promise.all([readers.stop(), flooder.stop(), refuser.stop(), server.stop()]);
  await directory.remove();
}

/** @param {string} title @param {ReadonlyMap<string, readonly { times: number[], cpuMs: number, seconds: number, flood?: any }[]>} all */
function print(title, all) {
  const columns = ['n', 'median', 'p90', 'p99', 'max', 'core'];
  console.log(`\n${title}; ms from a flip to the last reader, and the share of one core that our server takes:`);
  console.log(['phase'.padEnd(20), ...columns.map((column) => column.padStart(8))].join(''));
  for (const [name, phases] of all) {
    const times = phases.flatMap((phase) => phase.times);
    const shares = phases.map(({ cpuMs: ms, seconds }) => ms / seconds / 10);
    const figures = [quantile(times, 0.5), quantile(times, 0.9), quantile(times, 0.99), Math.max(...times)];
    const cells = [String(times.length), ...figures.map((ms) => ms.toFixed(1)), `${quantile(shares, 0.5).toFixed(0)} %`];
    console.log([name.padEnd(20), ...cells.map((cell) => cell.padStart(8))].join(''));
  }
  for (const [name, phases] of all) {
    const flooded = phases.at(-1)?.flood;
    if (flooded === undefined) continue;
    const { offered, written, opened, answers, seconds: s, cpuMs: ms } = flooded;
    console.log(
      `${name}, last round, a second: ${(offered / s).toFixed(0)} offered, ${(written / s).toFixed(0)} written, ` +
        `${(opened / s).toFixed(0)} connections, answers ${JSON.stringify(answers)} in ${s.toFixed(0)} s; the flooder takes ${(ms / s / 10).toFixed(0)} % of a core.`,
    );
  }
}

/** @param {ReadonlyMap<string, readonly { times: number[] }[]>} all */
function judge(all) {
  /** @param {readonly string[]} names of all rounds together */
  const p99 = (...names) =>
    quantile(
      names.flatMap((name) => (all.get(name) ?? []).flatMap(({ times }) => times)),
      0.99,
    );
  console.log(`p99 of the second idle by the first: ${(p99('idle again') / p99('idle')).toFixed(2)}.`);
  const times = p99('ours flooded') / p99('idle', 'idle again');
  bars.check('p99 from a flip to the last reader, flooded by idle, of all rounds', times, TIMES_BAR, 'times');
}
