// @ts-check
/**
 * npm run outage -- [--minutes 10]
 * Stops PostgreSQL under a running server for that long while SDKs start, lose their connections and evaluate, some of them
 * with a key that nobody has used before; in the middle the server is restarted as well. Exit code 1 where an SDK had an error.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mustCall } from '../crash/call.mjs';
import { createBars } from '../delivery/bars.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { KEYS_PATH } from '../delivery/test-bed.mjs';
import { startSdk, untilApplied, withServers } from './bed.mjs';
import { startFaultProxy } from './fault-proxy.mjs';

const SDKS = 20;
const ASK_MS = 50;
const RECONNECT_EVERY_MS = 10_000;
const START_EVERY_MS = 5_000;
/** So that the server has seen and kept what it has to serve. */
const SETTLE_MS = 5_000;
const BACK_MS = 60_000;
const MAX_GROWTH_MB = 10;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, 'no-restart': { type: 'boolean', default: false } },
});
const durationMs = Number(values.minutes) * 60_000;
const bars = createBars();
await withServers(1, async ({ beds, postgres, revive }) => {
  const bed = /** @type {import('./bed.mjs').Bed} */ (beds[0]);
  const unused = await mustCall(bed.target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Never used' } });
  const { secret: neverUsed } = /** @type {{ secret: string }} */ (unused.body);
  const { isOn } = await bed.flip();
  const proxy = await startFaultProxy(bed.port);
  const sdks = Array.from({ length: SDKS }, () => startSdk(proxy.url, bed.key));
  const counts = { asked: 0, wrong: 0, started: 0, failedStarts: 0, resets: 0 };
  const ask = setInterval(async () => {
    for (const sdk of sdks) {
      counts.asked += 1;
      const right = await sdk.ask().then(
        ({ value, reason }) => value === isOn && reason !== 'ERROR' && reason !== 'DEFAULT',
        () => false,
      );
      if (!right) counts.wrong += 1;
    }
  }, ASK_MS);
  try {
    await Promise.all(sdks.map(({ ready }) => ready()));
    await untilApplied(bed.target, SDKS);
    await sleep(SETTLE_MS);
    counts.wrong = 0;
    const { rssBytes } = await bed.server.probe();
    await postgres.stop();
    console.log(`PostgreSQL is stopped for ${values.minutes} minutes. ${machineLine()}`);
    const stoppedMs = performance.now();
    let grownBytes = 0;
    let restarted = values['no-restart'];
    for (let turn = 1; performance.now() - stoppedMs < durationMs; turn += 1) {
      await startOne(proxy.url, turn % 2 === 0 ? bed.key : neverUsed, isOn, counts);
      if ((turn * START_EVERY_MS) % RECONNECT_EVERY_MS === 0) {
        counts.resets += 1;
        proxy.reset();
      }
      if (!restarted && performance.now() - stoppedMs > durationMs / 2) {
        restarted = true;
        grownBytes = (await bed.server.probe()).rssBytes - rssBytes;
        process.kill(bed.server.pid, 'SIGKILL');
        await bed.server.ended;
        await revive(0, '/health/sync');
        console.log(`The server was killed and started again without its database. ${counts.failedStarts} SDKs failed so far.`);
      }
      await sleep(START_EVERY_MS);
    }
    if (values['no-restart']) grownBytes = (await bed.server.probe()).rssBytes - rssBytes;
    clearInterval(ask);
    await postgres.start();
    const backMs = performance.now();
    await flipPatiently(bed);
    await Promise.all(sdks.map((sdk) => sdk.until(!isOn, BACK_MS)));
    const deliveredMs = performance.now() - backMs;
    const errors = sdks.flatMap(({ events }) => events).filter(({ name }) => name === 'ERROR').length;
    console.log(
      `${counts.resets} times every connection was reset; ${counts.started} SDKs started without the database. ${machineLine()}`,
    );
    bars.check(`wrong or failed evaluations among ${counts.asked}`, counts.wrong, 0, '');
    bars.check(`SDKs that did not start, of ${counts.started}`, counts.failedStarts, 0, '');
    bars.check('ERROR events', errors, 0, '');
    bars.check('memory that the server grew by until its restart', grownBytes / 1e6, MAX_GROWTH_MB, 'MB');
    bars.check('from the return of PostgreSQL to a flip at every SDK', deliveredMs / 1e3, 30, 's');
  } finally {
    clearInterval(ask);
    await Promise.all(sdks.map(({ close }) => close()));
    await proxy.close();
  }
});
process.exitCode = bars.conclude();

/**
 * An application that starts now, asks once and ends.
 * @param {string} url
 * @param {string} key
 * @param {boolean} isOn
 * @param {{ started: number, failedStarts: number }} counts
 */
async function startOne(url, key, isOn, counts) {
  const sdk = startSdk(url, key);
  counts.started += 1;
  try {
    await sdk.ready();
    if ((await sdk.ask()).value !== isOn) counts.failedStarts += 1;
  } catch {
    counts.failedStarts += 1;
  } finally {
    await sdk.close();
  }
}

/** @param {import('./bed.mjs').Bed} bed */
async function flipPatiently(bed) {
  for (const deadlineMs = performance.now() + BACK_MS; ; ) {
    try {
      return await bed.flip();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await sleep(100);
    }
  }
}
