// @ts-check
/** Row 38: identity provider and webhook target take connections and say nothing, and somebody has a break-glass token and curl. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mustCall } from '../crash/call.mjs';
import { startFleet } from '../delivery/fleet.mjs';
import { FLAGS_PATH, readReceipts, readState, SWITCH } from '../delivery/test-bed.mjs';
import { untilApplied, withServer } from './bed.mjs';
import { cutSocket } from './cut-socket.mjs';

const SIGN_INS = 20;
const KILL_BAR_MS = 1_000;

export async function breakGlass({ sockets = 10_000, kills = 10 } = {}) {
  /** @type {Set<import('node:net').Socket>} */
  const stuck = new Set();
  const tarpit = createServer((socket) => stuck.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(tarpit, 'listening');
  const hangs = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (tarpit.address()).port}`;
  const env = {
    YARDARM_OIDC_ISSUER: `http://${hangs}`,
    YARDARM_OIDC_CLIENT_ID: 'yardarm',
    YARDARM_PUBLIC_URL: 'http://localhost',
    YARDARM_WEBHOOK_ALLOW: hangs,
  };
  const fleet = startFleet(sockets);
  try {
    return await withServer(async ({ target, key }) => {
      const webhook = { name: 'Down', url: `http://${hangs}` };
      await mustCall(target, { method: 'POST', path: FLAGS_PATH.replace('/flags', '/webhooks'), body: webhook });
      const { body: token } = await mustCall(target, {
        method: 'POST',
        path: '/tokens',
        body: { name: 'on call', kind: 'break_glass' },
      });
      const authorization = `Bearer ${/** @type {{ secret: string }} */ (token).secret}`;
      const url = `${target.url.replace('http', 'ws')}/sync/v1/stream`;
      await fleet.open({ group: 'readers', url, count: sockets, key, have: await readState(target, key) });
      for (let count = 0; count < SIGN_INS; count += 1)
        void fetch(`${target.url}/api/v1/oidc/sign-in`, { redirect: 'manual' }).catch(() => undefined);
      const path = `${FLAGS_PATH}/${SWITCH}/environments/production`;
      const slowestMs = [];
      for (let count = 0; count < kills; count += 1) {
        await mustCall(target, { method: 'POST', path: `${path}/unkill`, body: {} });
        await untilApplied(target, sockets);
        await mustCall(target, { method: 'POST', path: `${path}/kill`, headers: { authorization } });
        await untilApplied(target, sockets);
        slowestMs.push((await readReceipts(target)).server.slowestMs ?? Number.NaN);
      }
      return [
        {
          title: `commit to receipt, slowest of ${sockets} in ${kills} kills`,
          value: Math.max(...slowestMs),
          atMost: KILL_BAR_MS,
          unit: 'ms',
        },
        { title: 'dependencies that do not hang, of 1', value: stuck.size > 0 ? 0 : 1, atMost: 0, unit: '' },
      ];
    }, env);
  } finally {
    await fleet.stop();
    tarpit.close();
    for (const socket of stuck) cutSocket(socket);
  }
}
