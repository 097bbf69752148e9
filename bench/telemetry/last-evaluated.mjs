// @ts-check
/**
 * npm run bench:last-evaluated
 * How long an evaluation in an application takes to be "last evaluated: just now" in the API, with the default settings of SDK and
 * server: three SDKs that start one after another, each of which evaluates once. Exit code 1 where one takes longer than the bar.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { mustCall } from '../crash/call.mjs';
import { createBars } from '../delivery/bars.mjs';
import { SWITCH } from '../delivery/test-bed.mjs';
import { withServer } from '../faults/bed.mjs';

const SDKS = 3;
/** Of the 90 s until a person sees it, the admin UI reads again within 15 s. */
const BAR_S = 75;
const APART_MS = 7_000;

const tookS = await withServer(async ({ target, key, flip }) => {
  await flip();
  /** @param {number} index */
  const measure = async (index) => {
    await delay(index * APART_MS);
    const provider = new YardarmProvider({ url: target.url, key, app: { name: `app-${index}` } });
    await provider.initialize();
    const flag = index === 0 ? SWITCH : `flag-${index}`;
    const beganMs = performance.now();
    provider.boolean(flag, false, { targetingKey: 'user-1' });
    const path = `/projects/bench/last-evaluated?flag=${flag}`;
    for (;;) {
      const { body } = await mustCall(target, { method: 'GET', path });
      if (/** @type {{ flags: unknown[] }} */ (body).flags.length > 0) break;
      await delay(250);
    }
    const tookMs = performance.now() - beganMs;
    await provider.onClose();
    return tookMs / 1_000;
  };
  return Promise.all(Array.from({ length: SDKS }, (_, index) => measure(index)));
});
console.log(`From evaluation to last evaluated: ${tookS.map((seconds) => `${seconds.toFixed(1)} s`).join(', ')}`);
const bars = createBars();
bars.check('the slowest', Math.max(...tookS), BAR_S, 's');
process.exitCode = bars.conclude();
