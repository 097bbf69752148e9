// @ts-check
/**
 * npm run bench:delivery -- [--sockets 1000,5000,10000] [--flips 20]
 * From a flip to the last of many readers and to their receipts, beside a bare `ws` broadcast of the same bytes, and what
 * an idle reader costs in memory.
 *
 * npm run bench:delivery -- --one-sdk [--flips 500] [--processes 1]
 * From the admin request to the SDK that runs the change, and to the last of 200 SDKs, which share so many processes.
 *
 * Everything runs on this machine: server, database, readers. Exit code 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { quantile, table } from '../flip/statistics.mjs';
import { createBars } from './bars.mjs';
import { measureFanOut } from './fan-out.mjs';
import { machineLine } from './machine.mjs';
import { measureSdks } from './sdk-round.mjs';

/** From the commit to the last reader, median, by number of readers. */
const LAST_BARS_MS = new Map([
  [1_000, 60],
  [5_000, 150],
  [10_000, 400],
]);
const RATIO_BAR = 3;
const RECEIPTS_BAR_MS = 1_000;
const RECEIPTS_BAR_SOCKETS = 5_000;
const SOCKET_BAR_BYTES = 12_000;

const ONE_SDK_BARS_MS = { p50: 10, p99: 50 };
const MANY_SDKS = 200;
const MANY_SDKS_BAR_MS = 25;

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000,5000,10000' },
    flips: { type: 'string' },
    'one-sdk': { type: 'boolean', default: false },
    processes: { type: 'string', default: '1' },
  },
});
const bars = createBars();
const median = (/** @type {readonly number[]} */ all) => quantile(all, 0.5);
if (values['one-sdk']) await measureRealSdks(Number(values.flips ?? 500));
else for (const sockets of values.sockets.split(',').map(Number)) await measureReaders(sockets, Number(values.flips ?? 20));
process.exitCode = bars.conclude();

/** @param {number} flips */
async function measureRealSdks(flips) {
  const one = await measureSdks({ sdks: 1, flips });
  const many = await measureSdks({ sdks: MANY_SDKS, flips: Math.ceil(flips / 5), processes: Number(values.processes) });
  console.log(`\nAdmin request to SDKs in other processes: the ${MANY_SDKS} in ${values.processes}. ${machineLine()}\n`);
  console.log(
    table([
      ['floor: transaction + frame to 1', one.floor],
      ['request to answer', one.answered],
      ['request to applied, 1 SDK', one.applied],
      [`floor: transaction + frames to ${MANY_SDKS}`, many.floor],
      [`request to applied, first of ${MANY_SDKS}`, many.first],
      [`request to applied, each of ${MANY_SDKS}`, many.applied],
      [`request to applied, last of ${MANY_SDKS}`, many.last],
    ]),
  );
  const ratio = (/** @type {typeof one} */ { last, floor }) => (median(last) / median(floor)).toFixed(2);
  const { server, sdks } = many.cpuMs;
  console.log(`\nBy floor: 1 SDK ${ratio(one)}, last of ${MANY_SDKS} ${ratio(many)}.`);
  console.log(
    `Processor for a flip with ${MANY_SDKS} SDKs: ${server.toFixed(1)} ms of the server, ${sdks.toFixed(1)} ms of the SDKs' processes, ` +
      `${median(many.applyingCpu).toFixed(1)} ms of that before the last of them ran it.`,
  );
  bars.check('request to applied, 1 SDK, p50', median(one.applied), ONE_SDK_BARS_MS.p50, 'ms');
  bars.check('request to applied, 1 SDK, p99', quantile(one.applied, 0.99), ONE_SDK_BARS_MS.p99, 'ms');
  bars.check(`request to applied, last of ${MANY_SDKS}, p50`, median(many.last), MANY_SDKS_BAR_MS, 'ms');
}

/**
 * @param {number} sockets
 * @param {number} flips
 */
async function measureReaders(sockets, flips) {
  const report = await measureFanOut({ sockets, flips });
  const { answered, committed, first, last, receipts, floor, bytesPerSocket, socketsPerSecond, closed, frameBytes } = report;
  console.log(`\n${sockets} sockets, ${flips} flips, frames of ${frameBytes} bytes. ${machineLine()}\n`);
  console.log(
    table([
      ['floor: bare ws broadcast to the last', floor],
      ['request to answer', answered],
      ['request to commit', committed],
      ['commit to the first', first],
      ['commit to the last', last],
      ['request to complete receipts', receipts],
    ]),
  );
  const ratio = median(last) / median(floor);
  const { rss, heap } = bytesPerSocket;
  console.log(
    `\nLast by floor: ${ratio.toFixed(2)}. Let in: ${socketsPerSecond.toFixed(0)} sockets a second; ${closed} ended on their own.`,
  );
  console.log(`Memory of the server per idle socket: ${(rss / 1e3).toFixed(1)} kB resident, ${(heap / 1e3).toFixed(1)} kB heap.`);
  const lastBarMs = LAST_BARS_MS.get(sockets);
  if (lastBarMs !== undefined) bars.check(`commit to the last of ${sockets}`, median(last), lastBarMs, 'ms');
  bars.check(`commit to the last of ${sockets}, by floor`, ratio, RATIO_BAR, 'times');
  bars.check(`memory per idle socket at ${sockets}`, rss / 1e3, SOCKET_BAR_BYTES / 1e3, 'kB');
  if (sockets <= RECEIPTS_BAR_SOCKETS) bars.check(`complete receipts of ${sockets}`, median(receipts), RECEIPTS_BAR_MS, 'ms');
}
