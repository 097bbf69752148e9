// @ts-check
/**
 * Row 16: flipped bits, connections that are cut in the middle of anything, answers that are no gzip. An answer is right where the switch
 * stood like that at the revision that the answer names; what comes from no rule set, or from a revision that never was, is wrong.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../crash/random.mjs';
import { startSdk, untilApplied, withServer } from './bed.mjs';
import { isStream, startFaultProxy } from './fault-proxy.mjs';

const NO_GZIP =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\nthis is no gzip';
const FLIP_EVERY_MS = 200;
const ASK_MS = 5;
const RESYNC_MS = 10_000;
/** A poll every 30 s is no resync. */
const POLL_MS = 24_000;

/**
 * Each kind of damage for `seconds`, under a flip every 200 ms. An error that nobody catches ends this process, and the run.
 */
export function corrupt({ seconds = 30, seed = 1 } = {}) {
  return withServer(async ({ target, port, key, flip }) => {
    const random = seededRandom(seed);
    const proxy = await startFaultProxy(port, { random });
    /** What the switch is at each revision of its body: nobody else changes anything. @type {Map<number, boolean>} */
    const log = new Map();
    const first = await flip();
    log.set(first.revision, first.isOn);
    let newest = first;
    const sdk = startSdk(proxy.url, key);
    let [asked, wrong, misread, threw] = [0, 0, 0, 0];
    let flipsBits = false;
    const ask = async () => {
      try {
        const { value, version, reason } = await sdk.ask();
        asked += 1;
        if (reason !== 'ERROR' && reason !== 'DEFAULT' && log.get(version) === value) return;
        if (flipsBits) misread += 1;
        else wrong += 1;
      } catch {
        threw += 1;
      }
    };
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const change = async () => {
      const next = { revision: newest.revision + 1, isOn: !newest.isOn };
      // Before it is made: its answer may come after it.
      log.set(next.revision, next.isOn);
      newest = await flip();
      if (newest.revision !== next.revision) throw new Error(`Revision ${newest.revision} was not made by this row.`);
    };
    try {
      await sdk.ready();
      await untilApplied(target, 1);
      timer = setInterval(ask, ASK_MS);
      let most = 0;
      let frequent = 0;
      for (const damage of damages(random)) {
        flipsBits = damage === flippedBits;
        proxy.set(damage);
        const from = proxy.connections.length;
        for (const endMs = performance.now() + seconds * 1e3; performance.now() < endMs; ) {
          await change();
          await sleep(FLIP_EVERY_MS);
        }
        const fetches = proxy.connections.slice(from).filter(({ head }) => /^GET \/sync\/v1\/ruleset/.test(head));
        const allowed = 1 + Math.floor((seconds * 1e3) / RESYNC_MS) + Math.floor((seconds * 1e3) / POLL_MS);
        most = Math.max(most, fetches.length);
        frequent = Math.max(frequent, fetches.length - allowed);
        proxy.set({});
        proxy.reset();
        await sleep(1_000);
      }
      await change();
      await untilApplied(target, 1, 360_000);
      return [
        { title: 'answers from a body misread in a frame', value: misread, atMost: 0, unit: '' },
        { title: `wrong values among ${asked}`, value: wrong, atMost: 0, unit: '' },
        { title: 'evaluations that threw', value: threw, atMost: 0, unit: '' },
        {
          title: `rule sets fetched above 1 in 10 s (at most ${most} in ${seconds} s)`,
          value: Math.max(0, frequent),
          atMost: 0,
          unit: '',
        },
      ];
    } finally {
      clearInterval(timer);
      await sdk.close();
      await proxy.close();
    }
  });
}

/** @type {(connection: import('./fault-proxy.mjs').Connection) => import('./fault-proxy.mjs').Faults} */
const flippedBits = () => ({ flipBits: 0.000_5 });

/**
 * Flipped bits come last: what they leave behind unnoticed stays until the next change.
 * @param {() => number} random
 */
function damages(random) {
  /** @type {Map<number, number>} */
  const cuts = new Map();
  /** @type {typeof flippedBits} */
  const cut = ({ index }) => {
    if (!cuts.has(index)) cuts.set(index, Math.floor(random() * 6_000));
    return { cutAfterBytes: cuts.get(index) ?? 0 };
  };
  /** @type {typeof flippedBits} */
  const noGzip = (connection) => (isStream(connection.head) ? cut(connection) : { answer: NO_GZIP });
  return [cut, noGzip, flippedBits];
}
