// @ts-check
/**
 * Rows 4 and 42: an older copy of the database takes the place of the one that SDKs have heard of, under live SDKs at two servers. They hold
 * what is now nobody's; all of them come to what the database holds, at once and never by halves.
 */
import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { mustCall } from '../crash/call.mjs';
import { FLAGS_PATH, readState, SWITCH } from '../delivery/test-bed.mjs';
import { patiently, startSdk, untilApplied, withServers } from './bed.mjs';

const SERVERS = 2;
const OTHER = 'flag-0';
const ASK_MS = 5;
const CONVERGED_BAR_S = 30;
const copy = promisify(execFile);

export function restoredDatabase({ sdks: count = 20 } = {}) {
  return withServers(SERVERS, async ({ beds, postgres }) => {
    const { target, key } = /** @type {import('./bed.mjs').Bed} */ (beds[0]);
    const turn = async (/** @type {string} */ flag, /** @type {boolean} */ isOn) => {
      const path = `${FLAGS_PATH}/${flag}/environments/production/${isOn ? 'unkill' : 'kill'}`;
      await patiently(() => mustCall(target, { method: 'POST', path, body: {} }));
    };
    await turn(SWITCH, true);
    await turn(OTHER, true);
    const sdks = Array.from({ length: count }, (_, index) => startSdk(beds[index % SERVERS]?.target.url ?? '', key));
    let isRestored = false;
    let [asked, mixed] = [0, 0];
    const timer = setInterval(async () => {
      for (const sdk of sdks) {
        const answers = await Promise.all([sdk.ask(), sdk.ask(OTHER)]);
        if (!isRestored) continue;
        asked += 1;
        // Lost: both off. Restored: both on, where no kill of it can come before the rest, as it may.
        const hasRules = answers.every(({ reason }) => reason !== 'ERROR' && reason !== 'DEFAULT');
        if (!hasRules || answers[0].value !== answers[1].value) mixed += 1;
      }
    }, ASK_MS);
    try {
      await Promise.all(sdks.map(({ ready }) => ready()));
      await untilApplied(target, count);
      const backup = `${postgres.directory}-backup`;
      await postgres.stop();
      // As it is: its owner is another one where this runs as root.
      await copy('cp', ['-a', postgres.directory, backup]);
      await postgres.start();
      await turn(SWITCH, false);
      await turn(OTHER, false);
      // The server may find out only with its next look that this is the same database: until then all are at what it served before.
      await Promise.all(sdks.map((sdk) => sdk.until(false)));
      await untilApplied(target, count);
      const lost = await readState(target, key);
      isRestored = true;
      await postgres.stop();
      await rename(postgres.directory, `${postgres.directory}-lost`);
      await rename(backup, postgres.directory);
      await postgres.start();
      const startedMs = performance.now();
      const reachedMs = await Promise.all(sdks.map((sdk) => sdk.until(true)));
      await untilApplied(target, count);
      const states = await Promise.all(beds.map((bed) => readState(bed.target, key)));
      const { body } = await mustCall(target, {
        method: 'GET',
        path: `${FLAGS_PATH.replace('/flags', '/changes')}?command=environment.new_epoch`,
      });
      const { items } = /** @type {{ items: unknown[] }} */ (body);
      isRestored = false;
      await turn(SWITCH, false);
      await Promise.all(sdks.map((sdk) => sdk.until(false)));
      return [
        {
          title: `from the return of the database to the last of ${count} SDKs at what it holds`,
          value: (Math.max(...reachedMs) - startedMs) / 1e3,
          atMost: CONVERGED_BAR_S,
          unit: 's',
        },
        { title: `answers of neither the one nor the other among ${asked}`, value: mixed, atMost: 0, unit: '' },
        {
          title: 'servers still at what was lost',
          value: states.filter(({ epoch }) => epoch === lost.epoch).length,
          atMost: 0,
          unit: '',
        },
        { title: 'records of a new epoch, beside the one', value: Math.abs(items.length - 1), atMost: 0, unit: '' },
      ];
    } finally {
      clearInterval(timer);
      await Promise.all(sdks.map(({ close }) => close()));
    }
  });
}
