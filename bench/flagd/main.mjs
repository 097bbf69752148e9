// @ts-check
/**
 * npm run bench:flagd -- [--flags 50] [--starts 15] [--changes 30]
 * The official flagd provider, in-process and unmodified, against the product's gRPC sync: how long until it is ready, and from the answer
 * to a kill until the provider decides by it; beside a bare grpc-js server that sends the same text when it is told to. Exit code 1 where
 * a bar is missed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { temporaryDirectory } from '../../scripts/launch.mjs';
import { spawnServer } from '../crash/server.mjs';
import { createBars } from '../delivery/bars.mjs';
import { freePort } from '../delivery/free-port.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { createFlipper, makeTestBed, SWITCH } from '../delivery/test-bed.mjs';
import { aligned } from '../evaluator/report.mjs';
import { quantile } from '../flip/statistics.mjs';
import { startFloor } from './floor.mjs';

const READY_BAR_MS = 500;
const CHANGE_BAR_MS = 250;
const PATIENCE_MS = 10_000;
/** For the event that came before anybody waited for it. */
const LOOK_EVERY_MS = 100;

const { values } = parseArgs({
  options: {
    flags: { type: 'string', default: '50' },
    starts: { type: 'string', default: '15' },
    changes: { type: 'string', default: '30' },
  },
});
const directory = await temporaryDirectory();
const port = await freePort();
const server = spawnServer(directory.path, {
  YARDARM_FLAGD_PORT: String(port),
  YARDARM_FLAGD_ENVIRONMENT: 'bench/production',
});
const bars = createBars();
try {
  const target = { url: await server.ready };
  const key = await makeTestBed(target, Number(values.flags));
  const flip = createFlipper(target);
  await flip();
  const response = await fetch(`${target.url}/flagd/v1/flags.json`, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  const floor = await startFloor(text);

  const ready = await timeStarts(port, 'product');
  const readyFloor = await timeStarts(floor.port, 'floor');
  const product = await timeChanges(port, 'product-changes', async () => (await flip()).isOn);
  let isOn = false;
  const bare = await timeChanges(floor.port, 'floor-changes', async () => {
    isOn = !isOn;
    floor.send(withSwitch(text, isOn));
    return isOn;
  });
  await OpenFeature.close();
  await floor.stop();

  const row = (/** @type {string} */ name, /** @type {number[]} */ ms) => [
    name,
    ...[0.5, 0.95, 1].map((q) => `${quantile(ms, q).toFixed(1)} ms`),
  ];
  console.log(`\n${values.flags} flags; p50, p95, slowest\n`);
  console.log(
    aligned([
      row('ready', ready),
      row('ready, floor', readyFloor),
      row('change visible', product),
      row('change visible, floor', bare),
    ]),
  );
  bars.check('ready, slowest', Math.max(...ready), READY_BAR_MS, 'ms');
  bars.check('change visible, slowest', Math.max(...product), CHANGE_BAR_MS, 'ms');
  console.log(machineLine());
} finally {
  await server.stop();
  await directory.remove();
}
process.exitCode = bars.conclude();

/**
 * @param {number} at
 * @param {string} name
 * @returns {Promise<number[]>} ms from the making of each provider until it is ready
 */
async function timeStarts(at, name) {
  /** @type {number[]} */
  const tookMs = [];
  for (let start = -1; start < Number(values.starts); start += 1) {
    const startedMs = performance.now();
    await OpenFeature.setProviderAndWait(`${name}-${start}`, providerOf(at));
    // The first one loads code as well.
    if (start >= 0) tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}

/**
 * @param {number} at
 * @param {string} domain
 * @param {() => Promise<boolean>} change resolves with what the switch is to be
 * @returns {Promise<number[]>} ms from the end of each change until the provider decides by it
 */
async function timeChanges(at, domain, change) {
  await OpenFeature.setProviderAndWait(domain, providerOf(at));
  const client = OpenFeature.getClient(domain);
  // Not asked again and again: that would take the processor from the server on a machine of two.
  let wake = () => {};
  client.addHandler(ProviderEvents.ConfigurationChanged, () => wake());
  /** @type {number[]} */
  const tookMs = [];
  for (let turn = 0; turn < Number(values.changes); turn += 1) {
    const wanted = await change();
    const changedMs = performance.now();
    while ((await client.getBooleanValue(SWITCH, !wanted)) !== wanted) {
      if (performance.now() - changedMs > PATIENCE_MS) throw new Error(`${domain}: change ${turn} did not arrive`);
      await Promise.race([new Promise((resolve) => (wake = () => resolve(undefined))), delay(LOOK_EVERY_MS)]);
    }
    tookMs.push(performance.now() - changedMs);
  }
  return tookMs;
}

/** @param {number} at */
function providerOf(at) {
  return new FlagdProvider({ resolverType: 'in-process', host: '127.0.0.1', port: at });
}

/**
 * The definition with the switch as it is to be.
 * @param {string} definition
 * @param {boolean} on
 */
function withSwitch(definition, on) {
  const parsed = JSON.parse(definition);
  parsed.flags[SWITCH] = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: on ? 'on' : 'off' };
  return JSON.stringify(parsed);
}
