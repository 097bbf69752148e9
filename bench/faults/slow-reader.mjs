// @ts-check
/** Row 11: a reader at 1 KB/s while large changes come one after the other, and what others notice of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mustCall } from '../crash/call.mjs';
import { monotonicMs } from '../delivery/clock.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { FLAGS_PATH, readState } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { untilApplied, withServer } from './bed.mjs';
import { startFaultProxy } from './fault-proxy.mjs';

/** So large that no buffer of the kernel takes a thousand of them; a delta above 64 KiB would not go through the socket. */
const BODY_BYTES = 40_000;
const SLOW_BYTES_PER_SECOND = 1_000;
const LARGE = 'large';
const OTHERS = 20;
const PAUSE_MS = 10;

/** `comparesLatency`: in rounds with and without the slow reader. */
export function slowReader({ changes = 1_000, rounds = 5, comparesLatency = true } = {}) {
  return withServer(async ({ target, port, key, server }) => {
    const body = { key: LARGE, kind: 'operational', type: 'string', variants: { on: 'x'.repeat(BODY_BYTES), off: '' } };
    await mustCall(target, { method: 'POST', path: FLAGS_PATH, body });
    const proxy = await startFaultProxy(port);
    const others = startChild('sockets.mjs');
    const slow = startChild('sockets.mjs');
    const stream = (/** @type {string} */ url) => `${url.replace('http', 'ws')}/sync/v1/stream`;
    try {
      const open = async (/** @type {typeof slow} */ child, /** @type {string} */ url, /** @type {number} */ count) =>
        child.ask('open', {
          group: 'readers',
          url: stream(url),
          count,
          source: '127.0.0.2',
          key,
          have: await readState(target, key),
        });
      await open(others, target.url, OTHERS);
      let isOn = false;
      const change = async () => {
        const received = others.ask('untilAll', { group: 'readers', revision: (await readState(target, key)).revision + 1 });
        const sentMs = monotonicMs();
        const path = `${FLAGS_PATH}/${LARGE}/environments/production/${isOn ? 'kill' : 'unkill'}`;
        await mustCall(target, { method: 'POST', path, body: {} });
        isOn = !isOn;
        const { lastMs } = await received;
        await sleep(PAUSE_MS);
        return lastMs - sentMs;
      };
      /** @type {{ with: number[], without: number[] }} */
      const latency = { with: [], without: [] };
      let most = 0;
      const each = Math.ceil(changes / rounds);
      for (let round = 0; round < rounds; round += 1) {
        if (comparesLatency) for (let count = 0; count < each; count += 1) latency.without.push(await change());
        await open(slow, proxy.url, 1);
        proxy.set({ bytesPerSecond: SLOW_BYTES_PER_SECOND });
        await server.watchBuffers();
        for (let count = 0; count < each; count += 1) latency.with.push(await change());
        most = Math.max(most, await server.mostBuffered());
        await slow.ask('close', { group: 'readers' });
        proxy.set({});
        proxy.reset();
      }
      await untilApplied(target, OTHERS);
      const measures = [
        { title: 'buffered for a socket, beyond the last frame', value: (most - BODY_BYTES) / 1_024, atMost: 64, unit: 'KiB' },
        { title: 'buffered for a socket', value: most / 1_024, atMost: 1_024, unit: 'KiB' },
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
      await Promise.all([others.stop(), slow.stop()]);
      await proxy.close();
    }
  });
}
