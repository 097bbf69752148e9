// @ts-check
/**
 * Row 2: a server ends after the commit of a change and before its first frame. What says that the commit was made is kept back from it,
 * as is every notification; then it is killed. Its readers come to the other server by themselves, whose own hear of the change there.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/launch.mjs';
import { call } from '../crash/call.mjs';
import { FLAGS_PATH, SWITCH } from '../delivery/test-bed.mjs';
import { quantile } from '../flip/statistics.mjs';
import { startBalancer } from './balancer.mjs';
import { startSdk, untilApplied, withServers } from './bed.mjs';
import { COMPLETE, NOTIFICATION, startPostgresProxy } from './postgres-proxy.mjs';

const postgres = createRequire(path.join(root, 'apps/server/package.json'))('postgres');
const COMMITTED = 'COMMIT\0';
const SETTLE_MS = 500;

export async function killAfterCommit({ sdks = 20, loops = 50 } = {}) {
  let isArmed = false;
  const passes = (/** @type {string} */ type) => !(isArmed && type === NOTIFICATION);
  // Of every transaction: which one is the change's only the database says. That the connection is ready again would say it as well.
  const ends = (/** @type {string} */ type, /** @type {Buffer} */ message) =>
    isArmed && type === COMPLETE && message.includes(COMMITTED);
  /** @type {import('./postgres-proxy.mjs').PostgresProxy | undefined} */
  let proxy;
  /** @returns {Promise<Record<string, string>>} */
  const envOf = async (/** @type {number} */ index, /** @type {string} */ url) => {
    if (index !== 0) return {};
    proxy ??= await startPostgresProxy(Number(new URL(url).port), passes, ends);
    return { DATABASE_URL: proxy.urlOf(url) };
  };
  /** @type {number[]} */
  const tookMs = [];
  let answered = 0;
  try {
    await withServers(
      2,
      async ({ beds, revive, postgres: { url: databaseUrl } }) => {
        const sql = postgres(databaseUrl, { max: 1 });
        const revisions = async () => (await sql`select sum(revision)::int as sum from environment_heads`)[0]?.sum;
        const [victim, survivor] = /** @type {[import('./bed.mjs').Bed, import('./bed.mjs').Bed]} */ (beds);
        const balancer = startBalancer(beds.map(({ port }) => port));
        try {
          let isOn = false;
          for (let loop = 0; loop < loops; loop += 1) {
            const { url } = await balancer.listen();
            // New ones: back-off starts anew after a minute of health only.
            const fleet = Array.from({ length: sdks }, () => startSdk(url, victim.key));
            await Promise.all(fleet.map(({ ready }) => ready()));
            await untilApplied(survivor.target, sdks);
            const before = await revisions();
            isArmed = true;
            const at = `${FLAGS_PATH}/${SWITCH}/environments/production/${isOn ? 'kill' : 'unkill'}`;
            const answer = call(victim.target, { method: 'POST', path: at, body: {} });
            while ((await revisions()) === before) await sleep(1);
            const committedMs = performance.now();
            process.kill(victim.server.pid, 'SIGKILL');
            if ((await answer).status !== 0) answered += 1;
            isOn = !isOn;
            const reached = await Promise.all(fleet.map((sdk) => sdk.until(isOn)));
            tookMs.push(...reached.map((atMs) => atMs - committedMs));
            isArmed = false;
            await Promise.all(fleet.map(({ close }) => close()));
            await victim.server.ended;
            await revive(0);
            await sleep(SETTLE_MS);
          }
        } finally {
          await balancer.close();
          await sql.end();
        }
      },
      envOf,
    );
  } finally {
    await proxy?.close();
  }
  return [
    { title: `commit to applied, p99 of ${tookMs.length}`, value: quantile(tookMs, 0.99) / 1e3, atMost: 3, unit: 's' },
    { title: 'changes that the killed server answered', value: answered, atMost: 0, unit: '' },
  ];
}
