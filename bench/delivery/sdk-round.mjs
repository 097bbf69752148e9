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
 * @typedef {{ answered: number[], applied: number[], last: number[], floor: number[] }} SdkRound milliseconds from the request:
 *   its answer, every SDK, the last SDK; and the floor
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
    const report = { answered: [], applied: [], last: [], floor: [] };
    for (let round = -WARM_UP_FLIPS; round < flips; round += 1) {
      const floorMs = await floor.measure();
      await sleep(PAUSE_MS);
      const applying = child.ask('untilAllApplied');
      const sentMs = monotonicMs();
      const { isOn } = await flip();
      const answeredMs = monotonicMs();
      /** @type {number[]} */
      const appliedMs = await applying;
      await sleep(PAUSE_MS);
      if (round < 0) continue;
      report.floor.push(floorMs);
      report.answered.push(answeredMs - sentMs);
      for (const atMs of appliedMs) report.applied.push(atMs - sentMs);
      report.last.push(Math.max(...appliedMs) - sentMs);
      /** @type {boolean[]} */
      const values = await child.ask('valuesOf', SWITCH);
      if (!values.every((value) => value === isOn)) throw new Error(`An SDK says ${!isOn} after the flip to ${isOn}.`);
    }
    await floor.close();
    return report;
  } finally {
    await Promise.all([child.stop(), server.stop()]);
    await directory.remove();
  }
}
