// @ts-check
/**
 * From the admin request to the instant at which real SDKs in another process run the change; beside each flip the floor of
 * bench/flip: one transaction in the same database, and one frame to as many sockets.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { createFloor } from '../flip/floor.mjs';
import { monotonicMs } from './clock.mjs';
import { startChild } from './fleet.mjs';
import { spawnProbedServer } from './probed-server.mjs';
import { createFlipper, makeTestBed, readReceipts, SWITCH } from './test-bed.mjs';

const WARM_UP_FLIPS = 30;
const PAUSE_MS = 20;
const PATIENCE_MS = 30_000;

/**
 * @typedef {object} SdkRound
 * @property {number[]} answered milliseconds from the request to its answer, and in the next two to every SDK and to the last
 * @property {number[]} applied
 * @property {number[]} last
 * @property {number[]} floor
 * @property {number[]} applyingCpu milliseconds of the processor in the process of the SDKs until the last one ran it
 * @property {{ server: number, sdks: number }} cpuMs of the processor for one flip, receipts and idling included, by process
 */

/**
 * @param {{ sdks: number, flips: number }} options
 * @returns {Promise<SdkRound>}
 */
export async function measureSdks({ sdks, flips }) {
  const directory = await temporaryDirectory();
  const server = spawnProbedServer(directory.path);
  const child = startChild('sdks.mjs');
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target);
    const flip = createFlipper(target);
    await child.ask('open', { url: target.url, key, count: sdks });
    await waitUntil(
      async () => (await readReceipts(target)).server.applied === sdks,
      PATIENCE_MS,
      () => `${sdks} SDKs to connect`,
    );
    const floor = await createFloor(directory.path, sdks);
    /** @type {SdkRound} */
    const report = { answered: [], applied: [], last: [], floor: [], applyingCpu: [], cpuMs: { server: 0, sdks: 0 } };
    const usedMs = async () => ({ server: await server.cpuMs(), sdks: /** @type {number} */ (await child.ask('cpuMs')) });
    let before = await usedMs();
    for (let round = -WARM_UP_FLIPS; round < flips; round += 1) {
      if (round === 0) before = await usedMs();
      const floorMs = await floor.measure();
      await sleep(PAUSE_MS);
      const applying = child.ask('untilAllApplied');
      const sentMs = monotonicMs();
      const { isOn } = await flip();
      const answeredMs = monotonicMs();
      /** @type {import('./sdks.mjs').Applied} */
      const { appliedMs, cpuMs } = await applying;
      await sleep(PAUSE_MS);
      if (round < 0) continue;
      report.floor.push(floorMs);
      report.applyingCpu.push(cpuMs);
      report.answered.push(answeredMs - sentMs);
      for (const atMs of appliedMs) report.applied.push(atMs - sentMs);
      report.last.push(Math.max(...appliedMs) - sentMs);
      /** @type {boolean[]} */
      const values = await child.ask('valuesOf', SWITCH);
      if (!values.every((value) => value === isOn)) throw new Error(`An SDK says ${!isOn} after the flip to ${isOn}.`);
    }
    const after = await usedMs();
    report.cpuMs = { server: (after.server - before.server) / flips, sdks: (after.sdks - before.sdks) / flips };
    await floor.close();
    return report;
  } finally {
    await Promise.all([child.stop(), server.stop()]);
    await directory.remove();
  }
}
