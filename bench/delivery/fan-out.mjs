// @ts-check
/**
 * One size of the fan-out: a fresh server with that many readers, and beside it the floor with as many; flips and
 * broadcasts of the same bytes take turns.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectToEmbedded } from '../../scripts/embedded-database.mjs';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { monotonicMs, monotonicOffsetMs } from './clock.mjs';
import { startChild, startFleet } from './fleet.mjs';
import { spawnProbedServer } from './probed-server.mjs';
import { createFlipper, makeTestBed, readCommittedMs, readReceipts, readState } from './test-bed.mjs';

const WARM_UP_FLIPS = 5;
/** Opened and closed before anything is measured, so that no code runs for the first time. */
const WARM_UP_SOCKETS = 200;
const SETTLE_MS = 2_000;
const PAUSE_MS = 150;
const RECEIPTS_POLL_MS = 10;
const RECEIPTS_PATIENCE_MS = 20_000;

/**
 * @typedef {object} FanOut all of it milliseconds, one per flip
 * @property {number[]} answered from the request to its answer
 * @property {number[]} committed from the request to the date of the revision, a moment before its commit
 * @property {number[]} first from there to the first reader
 * @property {number[]} last from there to the last reader
 * @property {number[]} receipts from the request until the receipts were seen to be complete
 * @property {number[]} floor from the start of the broadcast to its last reader
 * @property {{ rss: number, heap: number }} bytesPerSocket of idle ones, with what each was sent on connecting
 * @property {number} socketsPerSecond that were let in while they were opened, measuring clients included
 * @property {number} closed sockets that ended on their own
 * @property {number} frameBytes
 */

/**
 * @param {{ sockets: number, flips: number }} options
 * @returns {Promise<FanOut>}
 */
export async function measureFanOut({ sockets, flips }) {
  const directory = await temporaryDirectory();
  const server = spawnProbedServer(directory.path);
  const floor = startChild('floor-server.mjs');
  const fleet = startFleet(sockets * 2);
  try {
    const target = { url: await server.ready };
    const key = await makeTestBed(target);
    const flip = createFlipper(target);
    const streamUrl = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
    const openReaders = async (/** @type {string} */ group, /** @type {number} */ count) =>
      fleet.open({ group, url: streamUrl, count, key, have: await readState(target, key) });

    await openReaders('warm-up', WARM_UP_SOCKETS);
    for (let count = 0; count < WARM_UP_FLIPS; count += 1) await flip();
    await fleet.close('warm-up');
    await sleep(SETTLE_MS);
    const before = await server.probe();
    const openingMs = monotonicMs();
    await openReaders('product', sockets);
    const socketsPerSecond = (sockets * 1_000) / (monotonicMs() - openingMs);
    await sleep(SETTLE_MS);
    const after = await server.probe();
    await fleet.open({ group: 'floor', url: await floor.ask('url'), count: sockets, key: null, have: null });

    /** @type {FanOut} */
    const report = {
      ...{ answered: [], committed: [], first: [], last: [], receipts: [], floor: [] },
      bytesPerSocket: {
        rss: (after.rssBytes - before.rssBytes) / sockets,
        heap: (after.heapBytes - before.heapBytes) / sockets,
      },
      ...{ socketsPerSecond, closed: 0, frameBytes: 0 },
    };
    const sql = connectToEmbedded(directory.path);
    let { revision } = await readState(target, key);
    for (let round = -WARM_UP_FLIPS; round < flips; round += 1) {
      revision += 1;
      const received = fleet.untilAll('product', revision);
      const sentMs = monotonicMs();
      await flip();
      const answeredMs = monotonicMs();
      const { firstMs, lastMs, frame } = await received;
      const completeMs = await untilReceiptsComplete(target, revision, sockets);
      const committedMs = (await readCommittedMs(sql)) + monotonicOffsetMs();
      await sleep(PAUSE_MS);

      const floorReceived = fleet.untilAll('floor', revision);
      const broadcastMs = await floor.ask('broadcast', frame);
      const floorMs = (await floorReceived).lastMs - broadcastMs;
      await sleep(PAUSE_MS);
      if (round < 0) continue;
      report.answered.push(answeredMs - sentMs);
      report.committed.push(committedMs - sentMs);
      report.first.push(firstMs - committedMs);
      report.last.push(lastMs - committedMs);
      report.receipts.push(completeMs - sentMs);
      report.floor.push(floorMs);
      report.frameBytes = frame.length;
    }
    report.closed = await fleet.closed('product');
    await sql.end();
    return report;
  } finally {
    await Promise.all([fleet.stop(), floor.stop(), server.stop()]);
    await directory.remove();
  }
}

/**
 * Asked for only once the last reader was reached, so that the question costs the fan-out nothing.
 * @param {{ url: string }} target
 * @param {number} revision
 * @param {number} sockets
 */
async function untilReceiptsComplete(target, revision, sockets) {
  const deadlineMs = monotonicMs() + RECEIPTS_PATIENCE_MS;
  for (;;) {
    const receipts = await readReceipts(target);
    const nowMs = monotonicMs();
    if (receipts.revision === revision && receipts.server.applied === sockets && receipts.server.pending === 0) return nowMs;
    if (nowMs > deadlineMs) throw new Error(`The receipts of revision ${revision} stayed at ${JSON.stringify(receipts)}`);
    await sleep(RECEIPTS_POLL_MS);
  }
}
