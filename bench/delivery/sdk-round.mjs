// @ts-check
/**
 * From the admin request to the instant at which real SDKs in other processes run the change; beside each flip the floor of
 * bench/flip: one transaction in the same database, and one frame to as many sockets.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { createFloor } from '../flip/floor.mjs';
import { monotonicMs } from './clock.mjs';
import { startChild } from './fleet.mjs';
import { createCaller } from './kept-connection.mjs';
import { spawnProbedServer } from './probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, SWITCH } from './test-bed.mjs';

const WARM_UP_FLIPS = 30;
const PAUSE_MS = 20;
const PATIENCE_MS = 30_000;

/**
 * @typedef {object} SdkRound
 * @property {number[]} answered milliseconds from the request to its answer, and in the next three to the first SDK, to every one and to the last
 * @property {number[]} first
 * @property {number[]} applied
 * @property {number[]} last
 * @property {number[]} floor
 * @property {number[]} applyingCpu milliseconds of the processor in the processes of the SDKs, in each until its last one ran it
 * @property {{ server: number, sdks: number }} cpuMs of the processor for one flip, receipts and idling included
 */

/**
 * @param {{ sdks: number, flips: number, processes?: number }} options `processes`: over how many the SDKs are spread; within one they wait for
 *   each other
 * @returns {Promise<SdkRound>}
 */
export async function measureSdks({ sdks, flips, processes = 1 }) {
  const directory = await temporaryDirectory();
  const server = spawnProbedServer(directory.path);
  const children = Array.from({ length: Math.min(sdks, processes) }, () => startChild('sdks.mjs'));
  const askAll = (/** @type {string} */ question, /** @type {unknown} */ body = undefined) =>
    Promise.all(children.map((child) => child.ask(question, body)));
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target);
    const flip = createFlipper(target, createCaller());
    const count = (/** @type {number} */ index) => Math.floor((sdks + index) / children.length);
    await Promise.all(children.map((child, index) => child.ask('open', { url: target.url, key, count: count(index) })));
    await waitUntil(
      async () => (await readReceipts(target)).server.applied === sdks,
      PATIENCE_MS,
      () => `${sdks} SDKs to connect`,
    );
    const floor = await createFloor(directory.path, sdks);
    /** @type {SdkRound} */
    const report = { answered: [], first: [], applied: [], last: [], floor: [], applyingCpu: [], cpuMs: { server: 0, sdks: 0 } };
    const usedMs = async () => ({ server: await server.cpuMs(), sdks: sum(await askAll('cpuMs')) });
    let before = await usedMs();
    for (let round = -WARM_UP_FLIPS; round < flips; round += 1) {
      if (round === 0) before = await usedMs();
      const floorMs = await floor.measure();
      await sleep(PAUSE_MS);
      const applying = askAll('untilAllApplied');
      const sentMs = monotonicMs();
      const { isOn } = await flip();
      const answeredMs = monotonicMs();
      /** @type {import('./sdks.mjs').Applied[]} */
      const applied = await applying;
      const appliedMs = applied.flatMap((each) => each.appliedMs);
      await sleep(PAUSE_MS);
      if (round < 0) continue;
      report.floor.push(floorMs);
      report.applyingCpu.push(sum(applied.map(({ cpuMs }) => cpuMs)));
      report.answered.push(answeredMs - sentMs);
      for (const atMs of appliedMs) report.applied.push(atMs - sentMs);
      report.first.push(Math.min(...appliedMs) - sentMs);
      report.last.push(Math.max(...appliedMs) - sentMs);
      /** @type {boolean[]} */
      const values = (await askAll('valuesOf', SWITCH)).flat();
      if (!values.every((value) => value === isOn)) throw new Error(`An SDK says ${!isOn} after the flip to ${isOn}.`);
    }
    const after = await usedMs();
    report.cpuMs = { server: (after.server - before.server) / flips, sdks: (after.sdks - before.sdks) / flips };
    await floor.close();
    return report;
  } finally {
    await Promise.all([...children.map((child) => child.stop()), server.stop()]);
    await directory.remove();
  }
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}
