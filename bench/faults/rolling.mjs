// @ts-check
/**
 * Row 13: three servers on one database behind a balancer are restarted one after the other while SDKs evaluate and somebody flips; every
 * other one of them is of a release. They are rolled twice. Behind a balancer that knows nothing, a restart moves an SDK at most once. Behind one that gives new
 * connections to servers that are new already, with one more that is new from the start, the whole roll does.
 *
 * All servers are of this version: there is one version of the protocol and one of its format, so that an older server says nothing else to
 * SDKs, and what it does with a newer schema is the upgrade's to show (docs/operations.md#upgrade).
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { createFlipper, readReceipts } from '../delivery/test-bed.mjs';
import { startBalancer } from './balancer.mjs';
import { patiently, startSdk, withServers } from './bed.mjs';

const SERVERS = 3;
const ASK_MS = 20;
const FLIP_MS = 200;
/** For a second reconnect, where there is one. */
const SETTLE_MS = 1_000;
/** A timer may fire this much early. */
const EARLY_MS = 5;
const PATIENCE_MS = 60_000;
const RELEASED = path.join(root, 'e2e/released-sdks');

export function rollingDeploy({ sdks: count = 30 } = {}) {
  return withServers(SERVERS + 1, async ({ beds, restart }) => {
    const old = beds.slice(0, SERVERS);
    /** Those that get new connections. */
    const ports = old.map(({ port }) => port);
    const balancer = startBalancer(ports);
    const lines = await Promise.all(Array.from({ length: count }, () => balancer.listen()));
    const providers = [YardarmProvider, ...(await releasedProviders())];
    const key = beds[0]?.key ?? '';
    const sdks = lines.map(({ url }, index) => startSdk(url, key, providers[index % providers.length]));
    const counts = { asked: 0, failed: 0, older: 0 };
    const newest = sdks.map(() => 0);
    /** Without a rule set the answer is the code default, and the reason says so. */
    const askAll = async () => {
      for (const [index, sdk] of sdks.entries()) {
        counts.asked += 1;
        const answer = await sdk.ask().catch(() => null);
        if (answer === null || answer.reason === 'ERROR' || answer.reason === 'DEFAULT') counts.failed += 1;
        else {
          const before = newest[index] ?? 0;
          counts.older += Number(answer.version < before);
          newest[index] = Math.max(before, answer.version);
        }
      }
    };
    /** On the one server that stays. */
    const flipper = createFlipper(/** @type {import('./bed.mjs').Bed} */ (beds[SERVERS]).target);
    const flip = () => patiently(flipper);
    const flipDuring = async (/** @type {Promise<void>} */ work) => {
      let isOver = false;
      const over = work.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        await flip();
        await sleep(FLIP_MS);
      }
      await over;
    };
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const streams = () => lines.map((line) => line.streams.length);
    const untilConnected = () =>
      waitUntil(
        async () => lines.every((line) => line.streams.at(-1)?.isOpen),
        PATIENCE_MS,
        () => `${count} SDKs to have a stream`,
      );
    const mostSince = (/** @type {number[]} */ before) => Math.max(...streams().map((now, line) => now - (before[line] ?? 0)));
    const renew = async (/** @type {number} */ index) => {
      const before = streams();
      await flipDuring(restart(index));
      const { isOn } = await flip();
      await Promise.all(sdks.map((sdk) => sdk.until(isOn, PATIENCE_MS)));
      await untilConnected();
      await sleep(SETTLE_MS);
      return mostSince(before);
    };
    try {
      await untilConnected();
      const { isOn } = await flip();
      await Promise.all(sdks.map((sdk) => sdk.until(isOn, PATIENCE_MS)));
      timer = setInterval(askAll, ASK_MS);
      let inRestart = 0;
      for (const index of old.keys()) inRestart = Math.max(inRestart, await renew(index));
      const before = streams();
      ports.splice(0, SERVERS, beds[SERVERS]?.port ?? 0);
      for (const [index, { port }] of old.entries()) {
        await renew(index);
        ports.push(port);
      }
      const inRoll = mostSince(before);
      await waitUntil(
        async () => (await connectedTo(beds)) === count,
        PATIENCE_MS,
        () => `${count} SDKs to be connected`,
      );
      const moves = lines.flatMap((line) => movesOf(line));
      const isTold = (/** @type {Move} */ { goodbye }) => goodbye !== null && goodbye.retryAfterMs > 0 && goodbye.spreadMs > 0;
      const isEarly = (/** @type {Move} */ { goodbye, askedMs }) =>
        goodbye !== null && askedMs + EARLY_MS < goodbye.atMs + goodbye.retryAfterMs;
      return [
        { title: `evaluations that failed among ${counts.asked}`, value: counts.failed, atMost: 0, unit: '' },
        { title: 'evaluations by an older revision than the one before', value: counts.older, atMost: 0, unit: '' },
        {
          title: `streams that ended without a goodbye that spreads their clients, of ${moves.length}`,
          value: moves.filter((move) => !isTold(move)).length,
          atMost: 0,
          unit: '',
        },
        { title: 'clients back before the time that it named', value: moves.filter(isEarly).length, atMost: 0, unit: '' },
        { title: 'reconnects of an SDK in a restart', value: inRestart, atMost: 1, unit: '' },
        { title: 'reconnects of an SDK in a roll to servers that are new already', value: inRoll, atMost: 1, unit: '' },
      ];
    } finally {
      clearInterval(timer);
      await Promise.all(sdks.map(({ close }) => close()));
      await balancer.close();
    }
  });
}

/** @typedef {{ goodbye: import('./balancer.mjs').Goodbye | null, askedMs: number }} Move what the last stream was told, and when the next was asked for */

/** @param {import('./balancer.mjs').Line} line @returns {Move[]} */
function movesOf({ streams }) {
  return streams.slice(1).map(({ askedMs }, index) => ({ askedMs, goodbye: streams[index]?.goodbye ?? null }));
}

/** @returns {Promise<(typeof YardarmProvider)[]>} one for each release */
async function releasedProviders() {
  const files = (await readdir(RELEASED)).filter((name) => name.endsWith('.mjs'));
  const modules = await Promise.all(files.map((name) => import(pathToFileURL(path.join(RELEASED, name)).href)));
  return modules.map(({ YardarmProvider: Released }) => Released);
}

/** Receipts count all servers together, or one each; whichever it is, nobody is missing. @param {import('./bed.mjs').Bed[]} beds */
async function connectedTo(beds) {
  const each = await Promise.all(beds.map(({ target }) => readReceipts(target)));
  const counts = each.map(({ server }) => server.connected);
  const sum = counts.reduce((total, connected) => total + connected, 0);
  return counts.every((connected) => connected === counts[0]) ? (counts[0] ?? 0) : sum;
}
