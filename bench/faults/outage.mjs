// @ts-check
/**
 * Row 5: PostgreSQL is away while SDKs start, lose their connections, evaluate and report, some of them with a key that nobody has used
 * before. In the middle the server is killed and started again without its database.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TELEMETRY_PATH } from '../../packages/sync/dist/index.js';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { KEYS_PATH } from '../delivery/test-bed.mjs';
import { patiently, startSdk, untilApplied, withServers } from './bed.mjs';
import { isStream, startFaultProxy } from './fault-proxy.mjs';
import { METRICS_ENV, readMetric } from './read-metric.mjs';

const postgresClient = createRequire(path.join(root, 'apps/server/package.json'))('postgres');
const ASK_MS = 50;
/** Every connection is reset each time so many SDKs have started. */
const STARTS_PER_RESET = 3;
/** So that the server has seen and kept what it has to serve. */
const SETTLE_MS = 5_000;
const BACK_MS = 60_000;
const BACK_BAR_S = 30;
/** The back-off ends at a minute. */
const STREAMS_BAR_S = 65;
const STREAMS_MS = 90_000;
const GROWTH_BAR_MB = 10;
const SLOPE_BAR_MB_PER_HOUR = 10;
/** Until then a server fills its caches. */
const WARM_UP_MS = 60_000;
const REFUSED = 'yardarm_telemetry_reports_total{outcome="refused"}';

/** `isLong`: enough for the slope of the memory in use to say something. `restarts`: the server, in the middle. */
export function outage({ seconds = 600, sdks: count = 20, startEveryMs = 5_000, isLong = true, restarts = true } = {}) {
  return withServers(
    1,
    async ({ beds, postgres, revive }) => {
      const bed = /** @type {import('./bed.mjs').Bed} */ (beds[0]);
      const made = await mustCall(bed.target, { method: 'POST', path: KEYS_PATH, body: { kind: 'server', name: 'Never used' } });
      const { secret: neverUsed } = /** @type {{ secret: string }} */ (made.body);
      const { isOn } = await bed.flip();
      const proxy = await startFaultProxy(bed.port);
      const sdks = Array.from({ length: count }, () => startSdk(proxy.url, bed.key));
      const counts = { wrong: 0, started: 0, failedStarts: 0, reports: 0, notRefused: 0, refusals: 0 };
      /** @type {NodeJS.Timeout | undefined} */
      let asking;
      const askAll = async () => {
        for (const sdk of sdks) counts.wrong += Number(!(await isRight(sdk, isOn)));
      };
      try {
        await untilApplied(bed.target, count);
        await sleep(SETTLE_MS);
        asking = setInterval(askAll, ASK_MS);
        const { rssBytes } = await bed.server.probe();
        const before = proxy.connections.length;
        const refusedBefore = await readMetric(bed.target, REFUSED);
        await postgres.stop();
        let grownBytes = 0;
        /** One for each life of the server. @type {{ atMs: number, heapBytes: number }[][]} */
        const lives = [[]];
        const spend = async (/** @type {number} */ forMs) => {
          const endMs = performance.now() + forMs;
          for (let turn = 1; performance.now() < endMs; turn += 1) {
            await startOne(proxy.url, turn % 2 === 0 ? bed.key : neverUsed, isOn, counts);
            await reportOne(bed, counts);
            if (turn % STARTS_PER_RESET === 0) proxy.reset();
            lives.at(-1)?.push({ atMs: performance.now(), heapBytes: (await bed.server.probe()).heapBytes });
            await sleep(startEveryMs);
          }
        };
        await spend((seconds * 1e3) / (restarts ? 2 : 1));
        grownBytes = (await bed.server.probe()).rssBytes - rssBytes;
        if (restarts) {
          counts.refusals += await readRefusals(bed.target, counts.reports + counts.started);
          process.kill(bed.server.pid, 'SIGKILL');
          await bed.server.ended;
          await revive(0, '/health/sync');
          lives.push([]);
          await spend((seconds * 1e3) / 2);
        }
        const lastResetMs = performance.now();
        await waitUntil(
          async () => (await readMetric(bed.target, 'yardarm_sdk_sockets')) === count,
          STREAMS_MS,
          () => `${count} SDKs to have their streams back without the database`,
        );
        const streamsMs = performance.now() - lastResetMs;
        clearInterval(asking);
        counts.refusals += await readRefusals(bed.target, counts.reports + counts.started - counts.refusals);
        const answered = proxy.connections.slice(before).filter(({ status }) => status !== 0);
        const reports = answered.filter(({ head }) => head.startsWith(`POST ${TELEMETRY_PATH} `));
        const heard = counts.reports - counts.notRefused + reports.filter(({ status }) => status === 503).length;
        const refused = answered.filter((one) => one.status >= 400 && !reports.includes(one));
        await postgres.start();
        const backMs = performance.now();
        await patiently(bed.flip, BACK_MS);
        await Promise.all(sdks.map((sdk) => sdk.until(!isOn, BACK_MS)));
        const deliveredMs = performance.now() - backMs;
        const errors = sdks.flatMap(({ events }) => events).filter(({ name }) => name === 'ERROR').length;
        await Promise.all(sdks.map(({ close }) => close()));
        const asked = sdks.reduce((sum, sdk) => sum + sdk.asked(), 0);
        const stored = await storedCounts(postgres.url, asked);
        const measures = [
          { title: `wrong or failed evaluations among ${asked}`, value: counts.wrong, atMost: 0, unit: '' },
          { title: `SDKs that did not start, of ${counts.started}`, value: counts.failedStarts, atMost: 0, unit: '' },
          { title: 'ERROR events', value: errors, atMost: 0, unit: '' },
          {
            title: `of ${answered.length - reports.length} streams and rule sets that they asked for, refused (${answered.filter(({ head }) => isStream(head)).length} streams)`,
            value: refused.length,
            atMost: 0,
            unit: '',
          },
          { title: `until all ${count} had their streams again`, value: streamsMs / 1e3, atMost: STREAMS_BAR_S, unit: 's' },
          {
            title: `reports not answered with 503 and a time, of ${counts.reports}`,
            value: counts.notRefused,
            atMost: 0,
            unit: '',
          },
          {
            title: `of ${heard} refused reports, not counted by the server (it says ${counts.refusals - refusedBefore})`,
            value: Math.max(0, heard - (counts.refusals - refusedBefore)),
            atMost: 0,
            unit: '',
          },
          {
            title: `of ${asked} evaluations by SDKs that outlived it, not in the database afterwards, or twice`,
            value: Math.abs(asked - stored),
            atMost: 0,
            unit: '',
          },
          { title: 'memory that the server grew by', value: grownBytes / 1e6, atMost: GROWTH_BAR_MB, unit: 'MB' },
          {
            title: 'from the return of PostgreSQL to a flip at every SDK',
            value: deliveredMs / 1e3,
            atMost: BACK_BAR_S,
            unit: 's',
          },
        ];
        const slope = { title: 'slope of its heap in use, steepest of its lives', atMost: SLOPE_BAR_MB_PER_HOUR, unit: 'MB/h' };
        return isLong ? [...measures, { ...slope, value: Math.max(...lives.map(slopeOf)) }] : measures;
      } finally {
        clearInterval(asking);
        await Promise.all(sdks.map(({ close }) => close()));
        await proxy.close();
      }
    },
    async () => METRICS_ENV,
  );
}

/** @param {import('./bed.mjs').Sdk} sdk @param {boolean} isOn */
function isRight(sdk, isOn) {
  return sdk.ask().then(
    ({ value, reason }) => value === isOn && reason !== 'ERROR' && reason !== 'DEFAULT',
    () => false,
  );
}

/**
 * An application that starts now, asks once and ends. What it counted goes with it.
 * @param {string} url
 * @param {string} key
 * @param {boolean} isOn
 * @param {{ started: number, failedStarts: number }} counts
 */
async function startOne(url, key, isOn, counts) {
  const sdk = startSdk(url, key);
  counts.started += 1;
  const isStarted = await sdk.ready().then(
    () => isRight(sdk, isOn),
    () => false,
  );
  counts.failedStarts += Number(!isStarted);
  await sdk.close();
}

/** A report of somebody else, who is to keep it. @param {import('./bed.mjs').Bed} bed @param {{ reports: number, notRefused: number }} counts */
async function reportOne({ target, key }, counts) {
  counts.reports += 1;
  const at = Date.now();
  const report = {
    instance: `outage-${counts.reports}`,
    sdk: 'bench/1',
    app: {},
    seq: 1,
    from: at,
    to: at,
    sentAt: at,
    counts: [],
    lost: 0,
  };
  const response = await fetch(target.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
  });
  await response.body?.cancel();
  const isRefused = response.status === 503 && Number(response.headers.get('retry-after')) > 0;
  counts.notRefused += Number(!isRefused);
}

/**
 * Some are still on their way when their SDK has closed: what the server says at the latest when it should say as much.
 * @param {{ url: string }} target
 * @param {number} expected
 */
async function readRefusals(target, expected) {
  for (const endMs = performance.now() + SETTLE_MS; ; await sleep(SETTLE_MS / 10)) {
    const refusals = await readMetric(target, REFUSED);
    if (refusals >= expected || performance.now() > endMs) return refusals;
  }
}

/** What of it is there, at the latest when all of it should be. @param {string} url of the database @param {number} expected */
async function storedCounts(url, expected) {
  const sql = postgresClient(url, { max: 1, onnotice: () => undefined });
  try {
    for (const endMs = performance.now() + BACK_MS; ; await sleep(SETTLE_MS / 10)) {
      const [row] = await sql`select coalesce(sum(n), 0)::int as n from telemetry_hours`;
      if (row?.n >= expected || performance.now() > endMs) return Number(row?.n);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** By least squares, without the first minute; MB in an hour. @param {readonly { atMs: number, heapBytes: number }[]} samples */
function slopeOf(samples) {
  const later = samples.filter(({ atMs }) => atMs - (samples[0]?.atMs ?? 0) > WARM_UP_MS);
  const mean = (/** @type {readonly number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanMs, meanBytes] = [mean(later.map(({ atMs }) => atMs)), mean(later.map(({ heapBytes }) => heapBytes))];
  const above = later.reduce((sum, { atMs, heapBytes }) => sum + (atMs - meanMs) * (heapBytes - meanBytes), 0);
  const below = later.reduce((sum, { atMs }) => sum + (atMs - meanMs) ** 2, 0);
  return ((above / below) * 3_600_000) / 1e6;
}
