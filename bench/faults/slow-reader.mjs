// @ts-check
/**
 * Row 11: an SDK at 1 KB/s while large changes come one after the other, what others notice of it, and that it is at the newest of them once it
 * can read again; then a reader that goes on talking and reads nothing more, which is closed.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, waitUntil } from '../../scripts/launch.mjs';
import { mustCall } from '../crash/call.mjs';
import { monotonicMs } from '../delivery/clock.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { FLAGS_PATH, readReceipts, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { startSdk, untilApplied, withServer } from './bed.mjs';
import { startFaultProxy } from './fault-proxy.mjs';
import { METRICS_ENV, readMetric } from './read-metric.mjs';

const { WebSocket } = createRequire(path.join(root, 'apps/server/package.json'))('ws');
/** So large that no buffer of the kernel takes a thousand of them; a delta above 64 KiB would not go through the socket. */
const BODY_BYTES = 40_000;
const SLOW_BYTES_PER_SECOND = 1_000;
const LARGE = 'large';
const OTHERS = 20;
const PAUSE_MS = 10;
/** Of a connection of which nothing is read no buffer takes as many. */
const STUCK_CHANGES = 300;
const TALK_MS = 5_000;
const STUCK_PATIENCE_MS = 90_000;
const NEWEST_BAR_S = 30;
/** Stuck for 30 s, and the time to say so. */
const CLOSED_BAR_S = 40;
const GIVEN_UP = 'yardarm_sockets_given_up_total{cause="slow"}';

/** `comparesLatency`: in rounds with and without the slow reader. */
export function slowReader({ changes = 1_000, rounds = 5, comparesLatency = true } = {}) {
  return withServer(async ({ target, port, key, server }) => {
    const body = { key: LARGE, kind: 'operational', type: 'string', variants: { on: 'x'.repeat(BODY_BYTES), off: '' } };
    await mustCall(target, { method: 'POST', path: FLAGS_PATH, body });
    const proxy = await startFaultProxy(port);
    const others = startChild('sockets.mjs');
    const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
    try {
      const have = await readState(target, key);
      await others.ask('open', { group: 'readers', url, count: OTHERS, source: '127.0.0.2', key, have });
      let isOn = false;
      const change = async () => {
        const received = others.ask('untilAll', { group: 'readers', revision: (await readState(target, key)).revision + 1 });
        const sentMs = monotonicMs();
        const at = `${FLAGS_PATH}/${LARGE}/environments/production/${isOn ? 'kill' : 'unkill'}`;
        await mustCall(target, { method: 'POST', path: at, body: {} });
        isOn = !isOn;
        const { lastMs } = await received;
        await sleep(PAUSE_MS);
        return lastMs - sentMs;
      };
      /** @type {{ with: number[], without: number[] }} */
      const latency = { with: [], without: [] };
      let most = 0;
      let newestMs = 0;
      const each = Math.ceil(changes / rounds);
      for (let round = 0; round < rounds; round += 1) {
        if (comparesLatency) for (let count = 0; count < each; count += 1) latency.without.push(await change());
        const slow = startSdk(proxy.url, key);
        await untilApplied(target, OTHERS + 1);
        proxy.set({ bytesPerSecond: SLOW_BYTES_PER_SECOND });
        await server.watchBuffers();
        for (let count = 0; count < each; count += 1) latency.with.push(await change());
        most = Math.max(most, await server.mostBuffered());
        proxy.set({});
        const fastMs = performance.now();
        await untilApplied(target, OTHERS + 1);
        newestMs = Math.max(newestMs, performance.now() - fastMs);
        await slow.close();
        await untilApplied(target, OTHERS);
      }
      const slowBefore = await readMetric(target, GIVEN_UP);
      const stuck = await openStuck(url, key, await readState(target, key));
      for (let count = 0; count < STUCK_CHANGES; count += 1) await change();
      const stuckMs = performance.now();
      await waitUntil(
        async () => (await readReceipts(target)).server.connected === OTHERS,
        STUCK_PATIENCE_MS,
        () => 'the reader that reads nothing to be closed',
      );
      const closedMs = performance.now() - stuckMs;
      stuck.end();
      const measures = [
        { title: 'buffered for a socket, beyond the last frame', value: (most - BODY_BYTES) / 1_024, atMost: 64, unit: 'KiB' },
        { title: 'buffered for a socket', value: most / 1_024, atMost: 1_024, unit: 'KiB' },
        {
          title: 'until the slow one ran the newest, once it could read',
          value: newestMs / 1e3,
          atMost: NEWEST_BAR_S,
          unit: 's',
        },
        { title: 'until one that read nothing was closed', value: closedMs / 1e3, atMost: CLOSED_BAR_S, unit: 's' },
        {
          title: 'closed for another reason than that',
          value: 1 - ((await readMetric(target, GIVEN_UP)) - slowBefore),
          atMost: 0,
          unit: '',
        },
      ];
      if (comparesLatency) {
        for (const share of [0.5, 0.99]) {
          const ratio = quantile(latency.with, share) / quantile(latency.without, share);
          measures.push({
            title: `p${share * 100} latency of the others, with by without`,
            value: ratio,
            atMost: 1.1,
            unit: 'times',
          });
        }
      }
      return measures;
    } finally {
      await others.stop();
      await proxy.close();
    }
  }, METRICS_ENV);
}

/**
 * A reader that reads nothing after its welcome, and says what it runs all the time, so that it is not taken for dead.
 * @param {string} url
 * @param {string} key
 * @param {import('../delivery/test-bed.mjs').State} have
 */
async function openStuck(url, key, have) {
  const socket = new WebSocket(url, ['yardarm.sync.1'], { headers: { authorization: `Bearer ${key}` } });
  await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      const hello = { type: 'hello', protocol: 1, formats: [1], sdk: 'bench/1', app: {}, instance: 'stuck', have };
      socket.send(JSON.stringify(hello));
    });
    socket.once('message', resolve);
  });
  socket.pause();
  const talking = setInterval(() => socket.send(JSON.stringify({ type: 'applied', ...have }), () => undefined), TALK_MS);
  return {
    end: () => {
      clearInterval(talking);
      socket.terminate();
    },
  };
}
