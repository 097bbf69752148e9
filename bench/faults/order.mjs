// @ts-check
/** Rows 17 and 18: frames twice, late and out of turn, and answers of polls that were true ten seconds ago. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../crash/random.mjs';
import { startSdk, untilApplied, withServer } from './bed.mjs';
import { isStream, startFaultProxy } from './fault-proxy.mjs';

const LATE_MS = 10_000;
/** The stream stays away until the SDK polls, which it does after 15 s without one. */
const STREAM_AWAY_MS = 17_000;
const WATCH_MS = 5;

export function shuffledFrames({ flips = 1_000, seed = 1 } = {}) {
  return withServer(async ({ target, port, key, flip }) => {
    const random = seededRandom(seed);
    const proxy = await startFaultProxy(port);
    const sdk = startSdk(proxy.url, key);
    const watch = watchVersions(sdk);
    try {
      await sdk.ready();
      await untilApplied(target, 1);
      /** @type {Buffer[]} */
      let held = [];
      let disturbed = 0;
      proxy.set({
        frames: (frame) => {
          const draw = random();
          if (draw < 0.3) disturbed += 1;
          if (draw < 0.1) return [frame, frame, ...held.splice(0)];
          if (draw < 0.2) {
            held.push(frame);
            return [];
          }
          // What was held comes after what was younger, or a second time.
          const late = draw < 0.3 ? [...held] : held.splice(0);
          return [frame, ...late];
        },
      });
      for (let count = 0; count < flips; count += 1) await flip();
      held = [];
      proxy.set({});
      await flip();
      await untilApplied(target, 1);
      return [
        {
          title: `revisions backwards in ${flips} flips, ${disturbed} frames disturbed`,
          value: watch.backwards(),
          atMost: 0,
          unit: '',
        },
      ];
    } finally {
      watch.stop();
      await sdk.close();
      await proxy.close();
    }
  });
}

export function latePolls() {
  return withServer(async ({ target, port, key, flip }) => {
    const proxy = await startFaultProxy(port);
    const sdk = startSdk(proxy.url, key);
    const watch = watchVersions(sdk);
    try {
      await sdk.ready();
      await untilApplied(target, 1);
      await flip();
      await sdk.until(true);
      let streamAway = true;
      proxy.set(({ head }) => {
        if (isStream(head)) return streamAway ? { answer: 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n' } : {};
        return { latencyMs: LATE_MS };
      });
      const before = proxy.connections.length;
      proxy.reset();
      await sleep(STREAM_AWAY_MS);
      const polls = proxy.connections.slice(before).filter(({ head }) => head !== '' && !isStream(head)).length;
      streamAway = false;
      await untilApplied(target, 1);
      await flip();
      await flip();
      await flip();
      await sdk.until(false);
      // The answers to the polls of before arrive now, under the eyes of the watch.
      await sleep(LATE_MS * 2);
      await untilApplied(target, 1);
      const { value } = await sdk.ask();
      return [
        { title: `revisions backwards after ${polls} late polls`, value: watch.backwards(), atMost: 0, unit: '' },
        { title: 'late polls that never came', value: polls > 0 ? 0 : 1, atMost: 0, unit: '' },
        { title: 'wrong value at the end', value: value ? 1 : 0, atMost: 0, unit: '' },
      ];
    } finally {
      watch.stop();
      await sdk.close();
      await proxy.close();
    }
  });
}

/** @param {import('./bed.mjs').Sdk} sdk */
function watchVersions(sdk) {
  let newest = 0;
  let backwards = 0;
  const timer = setInterval(async () => {
    const { version } = await sdk.ask();
    if (version < newest) backwards += 1;
    newest = Math.max(newest, version);
  }, WATCH_MS);
  return { backwards: () => backwards, stop: () => clearInterval(timer) };
}
