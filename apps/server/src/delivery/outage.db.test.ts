/** Delivery while its way to the database is cut. The management API has a way of its own and stays up. */
import { parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { METRICS_TOKEN, startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { ofrepClient } from '../testing/ofrep-client.ts';

let proxy: CuttableProxy;
let server: TestServer;
beforeAll(async () => {
  const { hostname, port } = new URL(inject('testServer').adminUrl);
  proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  server = await startTestServer({
    deliveryUrl: (databaseUrl) => {
      const url = new URL(databaseUrl);
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
      return url.href;
    },
  });
  await server.createFlag('checkout');
  await server.delivery.poll();
});
afterAll(async () => {
  await server.close();
  await proxy.close();
});

const gauge = async () =>
  /^yardarm_database_up (\d)$/m.exec(
    await (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).text(),
  )?.[1];
const health = async (path: string) => (await fetch(`${server.url}/health/${path}`)).status;

test('known keys are served from memory, strangers are told to come back, and what was missed arrives afterwards', async () => {
  const response = await server.ruleSet(server.serverKey.secret);
  const have = parseState(response.headers.get(STATE_HEADER)) as SyncState;
  const reader = await server.connect(server.serverKey.secret, have);
  await reader.next('welcome');
  expect([await health('live'), await health('ready'), await health('sync')]).toEqual([200, 200, 200]);
  expect(await gauge()).toBe('1');

  proxy.cut();
  expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
  const evaluated = await ofrepClient(server.url, server.serverKey.secret).bulk({ context: { targetingKey: 'ada' } });
  expect([evaluated.status, evaluated.body.flags.map(({ key }) => key)]).toEqual([200, ['checkout']]);
  const evaluatedStranger = await ofrepClient(server.url, 'ys_made-while-the-database-is-away').single('checkout');
  expect([evaluatedStranger.status, evaluatedStranger.headers.get('retry-after')]).toEqual([503, '5']);
  const late = await server.connect(server.serverKey.secret, have);
  expect(await late.next('welcome')).toMatchObject(have);
  const stranger = await server.ruleSet('ys_made-while-the-database-is-away');
  expect([stranger.status, stranger.headers.get('retry-after')]).toEqual([503, '5']);
  // A clock that is set back in the outage must not make it look short.
  server.setClock(-3_600_000);
  server.shift(6_000);
  expect([await health('live'), await health('ready'), await health('sync')]).toEqual([200, 503, 200]);
  expect(await gauge()).toBe('0');

  server.setClock(0);

  // Committed while nobody listens: its notification is lost for good.
  const { revision } = await server.unkill('checkout');
  proxy.mend();
  expect(await reader.next('delta')).toMatchObject({ from: have.revision, to: revision });
  await vi.waitUntil(async () => (await health('ready')) === 200, { timeout: 10_000 });
  expect(await gauge()).toBe('1');

  const killed = await server.kill('checkout');
  expect(await reader.next('delta')).toMatchObject({ to: killed.revision, kill: [{ key: 'checkout' }] });
  reader.socket.close();
  late.socket.close();
});
