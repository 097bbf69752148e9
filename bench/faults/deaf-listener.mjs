// @ts-check
/**
 * Row 6: the connection on which a server hears of changes goes deaf without a word, by a network that swallows and behind a pooler
 * that does not keep sessions. Changes are made at another server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../scripts/launch.mjs';
import { quantile } from '../flip/statistics.mjs';
import { startSdk, withServers } from './bed.mjs';
import { startFaultProxy } from './fault-proxy.mjs';
import { NOTIFICATION, startPostgresProxy } from './postgres-proxy.mjs';

const REPLACED = 'it hears nothing any more';
/** Canaries are sent every 15 s and waited for 4.5 s. */
const WATCH_MS = 21_000;
const PAUSE_MS = 300;
/** The new listener connects. */
const SETTLE_MS = 1_000;
const FLIPS_AFTER = 20;
const VISIBLE_BAR_S = 2;
const NOTICED_BAR_S = 20;
/** A poll would take half a second. */
const HEARD_BAR_S = 0.25;

/** Only what is open when it begins is stalled: the next connection hears. */
export async function stalledListener() {
  /** @type {import('./fault-proxy.mjs').FaultProxy | undefined} */
  let proxy;
  /** @returns {Promise<Record<string, string>>} */
  const envOf = async (/** @type {number} */ index, /** @type {string} */ url) => {
    if (index === 0) return {};
    proxy ??= await startFaultProxy(Number(new URL(url).port));
    return { YARDARM_LISTEN_URL: Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href };
  };
  try {
    return await withServers(
      2,
      async (fleet) => {
        const stalled = /** @type {import('./fault-proxy.mjs').FaultProxy} */ (proxy);
        const before = stalled.connections.length;
        const stall = () => stalled.set(({ index }) => (index < before ? { stall: 'both' } : {}));
        const { visibleMs, noticedMs, afterMs } = await watch(fleet, stall);
        return [
          ...measures(visibleMs, noticedMs),
          { title: 'visible after that, median', value: quantile(afterMs, 0.5) / 1e3, atMost: HEARD_BAR_S, unit: 's' },
        ];
      },
      envOf,
    );
  } finally {
    await proxy?.close();
  }
}

/**
 * What a pooler in transaction mode does to a listener: `LISTEN` is answered as done, and no notification ever arrives, since it goes to
 * a session that nobody holds any more. Of a pooler's other doings (statements and locks of a session) this shows nothing.
 */
export async function pooledListener() {
  /** @type {import('./postgres-proxy.mjs').PostgresProxy | undefined} */
  let proxy;
  /** @returns {Promise<Record<string, string>>} */
  const envOf = async (/** @type {number} */ index, /** @type {string} */ url) => {
    if (index === 0) return {};
    proxy ??= await startPostgresProxy(Number(new URL(url).port), (type) => type !== NOTIFICATION);
    return { YARDARM_LISTEN_URL: proxy.urlOf(url) };
  };
  try {
    return await withServers(
      2,
      async (fleet) => {
        const { visibleMs, noticedMs } = await watch(fleet, () => undefined);
        return measures(visibleMs, noticedMs);
      },
      envOf,
    );
  } finally {
    await proxy?.close();
  }
}

/**
 * Flips at the first server from `begin` on until the second has noticed that it is deaf, and how long each took to an SDK there.
 * @param {import('./bed.mjs').Fleet} fleet
 * @param {() => void} begin
 */
async function watch({ beds }, begin) {
  const [writing, deaf] = /** @type {[import('./bed.mjs').Bed, import('./bed.mjs').Bed]} */ (beds);
  const sdk = startSdk(deaf.target.url, deaf.key);
  const flip = async () => {
    const sentMs = performance.now();
    const { isOn } = await writing.flip();
    return (await sdk.until(isOn)) - sentMs;
  };
  try {
    await sdk.ready();
    await flip();
    /** @type {number[]} */
    const visibleMs = [];
    const said = deaf.server.output().length;
    begin();
    const beganMs = performance.now();
    let noticedMs = Number.POSITIVE_INFINITY;
    const noticed = waitUntil(
      async () => deaf.server.output().slice(said).includes(REPLACED),
      2 * WATCH_MS,
      () => 'the listener to be replaced',
    ).then(() => {
      noticedMs = performance.now() - beganMs;
    });
    while (noticedMs === Number.POSITIVE_INFINITY && performance.now() - beganMs < 2 * WATCH_MS) {
      visibleMs.push(await flip());
      await sleep(PAUSE_MS * Math.random());
    }
    await noticed;
    await sleep(SETTLE_MS);
    const afterMs = [];
    for (let count = 0; count < FLIPS_AFTER; count += 1) afterMs.push(await flip());
    return { visibleMs, noticedMs, afterMs };
  } finally {
    await sdk.close();
  }
}

/** @param {number[]} visibleMs @param {number} noticedMs */
function measures(visibleMs, noticedMs) {
  return [
    {
      title: `visible at the other server, p99 of ${visibleMs.length}`,
      value: quantile(visibleMs, 0.99) / 1e3,
      atMost: VISIBLE_BAR_S,
      unit: 's',
    },
    { title: 'until the listener was replaced', value: noticedMs / 1e3, atMost: NOTICED_BAR_S, unit: 's' },
  ];
}
