// @ts-check
/**
 * Row 46: many sockets and changes faster than they can be sent to all: the server stays responsive, lets nobody go, and goes on taking
 * changes. Two cores make about 9 a second with 10 000 readers, and refuse none.
 */
import { call } from '../crash/call.mjs';
import { startFleet } from '../delivery/fleet.mjs';
import { FLAGS_PATH, readReceipts, readState } from '../delivery/test-bed.mjs';
import { untilApplied, withServer } from './bed.mjs';

const WRITERS = 8;
/** Together they write that often, if they can. */
const CHANGES_PER_SECOND = 100;
const REFUSED_BAR = 0.05;

/**
 * `seconds`: longer than 2.5 beats, after which a reader that is not heard of counts as dead. `leastPerSecond`: changes that have to be
 * made, of all writers together.
 */
export function busyFanOut({ sockets = 10_000, seconds = 60, leastPerSecond = 5 } = {}) {
  return withServer(async ({ target, key, server }) => {
    const fleet = startFleet(sockets);
    try {
      const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
      await fleet.open({ group: 'readers', url, count: sockets, key, have: await readState(target, key) });
      await server.glance();
      let changes = 0;
      let refused = 0;
      const endMs = performance.now() + seconds * 1e3;
      const write = async (/** @type {number} */ index) => {
        let dueMs = performance.now();
        for (let isOn = false; performance.now() < endMs; isOn = !isOn) {
          const path = `${FLAGS_PATH}/flag-${index}/environments/production/${isOn ? 'kill' : 'unkill'}`;
          const { status } = await call(target, { method: 'POST', path, body: {} });
          // Edits that waited two seconds for the lock are refused, which is what they are to be under such a load.
          if (status !== 200 && status !== 503) throw new Error(`${path} was answered ${status}.`);
          changes += Number(status === 200);
          refused += Number(status === 503);
          dueMs += (WRITERS * 1e3) / CHANGES_PER_SECOND;
          await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)));
      const { loopDelayP99Ms, loopDelayMaxMs, cpuShare } = await server.glance();
      await untilApplied(target, sockets, 120_000);
      const closed = await fleet.closed('readers');
      const { server: counts } = await readReceipts(target);
      const rate = (changes / seconds).toFixed(0);
      return [
        {
          title: `loop delay p99 at ${sockets} sockets and ${rate} changes/s (max ${loopDelayMaxMs.toFixed(0)}; ${refused} writes refused; server had ${cpuShare.toFixed(2)} cores)`,
          value: loopDelayP99Ms,
          atMost: 100,
          unit: 'ms',
        },
        {
          title: `changes short of ${leastPerSecond} in each of ${seconds} s (made: ${changes})`,
          value: Math.max(0, leastPerSecond * seconds - changes),
          atMost: 0,
          unit: '',
        },
        { title: 'share of the writes that were refused', value: refused / (changes + refused), atMost: REFUSED_BAR, unit: '' },
        { title: 'sockets closed', value: closed + (sockets - counts.connected), atMost: 0, unit: '' },
      ];
    } finally {
      await fleet.stop();
    }
  });
}
