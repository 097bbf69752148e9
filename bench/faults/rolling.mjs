// @ts-check
/** Row 13: three servers on one database behind a balancer are restarted one after the other while SDKs evaluate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../scripts/launch.mjs';
import { readReceipts } from '../delivery/test-bed.mjs';
import { startBalancer } from './balancer.mjs';
import { startSdk, withServers } from './bed.mjs';

const SERVERS = 3;
const ASK_MS = 20;
const SETTLE_MS = 3_000;
const PATIENCE_MS = 60_000;

export function rollingDeploy({ sdks: count = 30 } = {}) {
  return withServers(SERVERS, async ({ beds, restart }) => {
    const balancer = startBalancer(beds.map(({ port }) => port));
    const lines = await Promise.all(Array.from({ length: count }, () => balancer.listen()));
    const key = beds[0]?.key ?? '';
    const sdks = lines.map(({ url }) => startSdk(url, key));
    let [asked, failed] = [0, 0];
    /** Without a rule set the answer is the code default, and the reason says so. */
    const timer = setInterval(async () => {
      for (const sdk of sdks) {
        asked += 1;
        await sdk.ask().then(
          ({ reason }) => {
            if (reason === 'ERROR' || reason === 'DEFAULT') failed += 1;
          },
          () => {
            failed += 1;
          },
        );
      }
    }, ASK_MS);
    try {
      await Promise.all(sdks.map(({ ready }) => ready()));
      await sleep(SETTLE_MS);
      const failedBefore = failed;
      let mostReconnects = 0;
      for (let index = 0; index < SERVERS; index += 1) {
        const before = lines.map(({ streams }) => streams());
        await restart(index);
        const isOn = (await beds[0]?.flip())?.isOn ?? false;
        await Promise.all(sdks.map((sdk) => sdk.until(isOn, PATIENCE_MS)));
        await sleep(SETTLE_MS);
        mostReconnects = Math.max(mostReconnects, ...lines.map(({ streams }, line) => streams() - (before[line] ?? 0)));
      }
      await waitUntil(
        async () => (await connectedTo(beds)) === count,
        PATIENCE_MS,
        () => `${count} SDKs to be connected`,
      );
      return [
        { title: `evaluations that failed among ${asked}`, value: failed - failedBefore, atMost: 0, unit: '' },
        { title: 'reconnects of an SDK in a restart', value: mostReconnects, atMost: 1, unit: '' },
      ];
    } finally {
      clearInterval(timer);
      await Promise.all(sdks.map(({ close }) => close()));
      await balancer.close();
    }
  });
}

/** Receipts count all servers together, or one each; whichever it is, nobody is missing. @param {import('./bed.mjs').Bed[]} beds */
async function connectedTo(beds) {
  const each = await Promise.all(beds.map(({ target }) => readReceipts(target)));
  const counts = each.map(({ server }) => server.connected);
  const sum = counts.reduce((total, connected) => total + connected, 0);
  return counts.every((connected) => connected === counts[0]) ? (counts[0] ?? 0) : sum;
}
