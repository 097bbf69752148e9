// @ts-check
/**
 * npm run replicas -- [--sockets 1000] [--servers 2]
 * SDK replicas spread over servers on one PostgreSQL; one server is killed, and the switch is flipped at the other. How long
 * until every replica runs the newest revision, and until the receipts say so. Exit code 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { waitUntil } from '../../scripts/launch.mjs';
import { createBars } from '../delivery/bars.mjs';
import { startChild } from '../delivery/fleet.mjs';
import { machineLine } from '../delivery/machine.mjs';
import { readReceipts } from '../delivery/test-bed.mjs';
import { startBalancer } from './balancer.mjs';
import { withServers } from './bed.mjs';

const NEWEST_BAR_MS = 10_000;
const RECEIPTS_BAR_MS = 15_000;
const PATIENCE_MS = 90_000;

const { values } = parseArgs({
  options: { sockets: { type: 'string', default: '1000' }, servers: { type: 'string', default: '2' } },
});
const sockets = Number(values.sockets);
const bars = createBars();
await withServers(Number(values.servers), async ({ beds }) => {
  const [survivor, victim] = beds;
  if (victim === undefined || survivor === undefined) throw new Error('Two servers are needed at least.');
  const balancer = startBalancer(beds.map(({ port }) => port));
  const child = startChild('herd-clients.mjs');
  const untilHolding = (/** @type {number} */ revision) =>
    waitUntil(
      async () => (await child.ask('holding', revision)) === sockets,
      PATIENCE_MS,
      () => `${sockets} replicas to hold revision ${revision}`,
    );
  try {
    const { url } = await balancer.listen();
    await child.ask('open', { url, key: survivor.key, count: sockets });
    await untilHolding((await survivor.flip()).revision);
    console.log(`${sockets} SDK replicas on ${beds.length} servers. ${machineLine()}`);

    const killedMs = performance.now();
    process.kill(victim.server.pid, 'SIGKILL');
    const { revision } = await survivor.flip();
    await untilHolding(revision);
    const newestMs = performance.now() - killedMs;
    await untilReceipts(survivor.target);
    const receiptsMs = performance.now() - killedMs;
    bars.check(`every one of ${sockets} on the newest revision after the kill`, newestMs / 1e3, NEWEST_BAR_MS / 1e3, 's');
    bars.check('receipts right again', receiptsMs / 1e3, RECEIPTS_BAR_MS / 1e3, 's');
  } finally {
    await child.stop();
    await balancer.close();
  }
});
console.log(machineLine());
process.exitCode = bars.conclude();

/** Until they name every replica once, on the newest revision. @param {{ url: string }} target */
async function untilReceipts(target) {
  let last = '';
  await waitUntil(
    async () => {
      const { server } = await readReceipts(target);
      last = JSON.stringify(server);
      return server.applied === sockets && server.connected === sockets && server.pending === 0;
    },
    PATIENCE_MS,
    () => `receipts of ${sockets}; the last were ${last}`,
  );
}
