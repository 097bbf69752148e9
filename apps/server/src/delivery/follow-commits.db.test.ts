/** A change is with the readers of the server that committed it though that server cannot look at the database. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { testDatabase } from '../testing/database.ts';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

/** A frame on loopback takes a millisecond. */
const LONG_ENOUGH_MS = 300;

let proxy: CuttableProxy;
let server: TestServer;
beforeAll(async () => {
  const probe = await testDatabase();
  const { hostname, port } = new URL(probe.url);
  await probe.close();
  proxy = await startCuttableProxy({ host: hostname, port: Number(port) });
  const deliveryUrl = (url: string) => {
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    return through.href;
  };
  server = await startTestServer({ deliveryUrl });
  await server.createFlag('checkout');
});
afterAll(async () => {
  await server.close();
  await proxy.close();
});

test('delivers its own commits from memory, and none after a revocation that it has not seen', async () => {
  const { id, secret } = await server.makeKey('server');
  await server.delivery.poll();
  const have = parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;
  const readers = await Promise.all([server.connect(secret, have), server.connect(server.serverKey.secret, have)]);
  for (const reader of readers) await reader.next('welcome');
  proxy.cut();

  const { revision } = await server.unkill('checkout');
  for (const reader of readers) expect(await reader.next('delta')).toMatchObject({ to: revision, put: [{ key: 'checkout' }] });
  await server.kill('checkout');
  for (const reader of readers)
    expect(await reader.next('delta')).toMatchObject({ to: revision + 1, kill: [{ key: 'checkout' }] });

  await server.api('DELETE', `/projects/shop/environments/production/keys/${id}`);
  await server.unkill('checkout');
  await delay(LONG_ENOUGH_MS);
  for (const reader of readers) expect(reader.types()).toEqual(['welcome', 'delta', 'delta']);
  for (const reader of readers) reader.socket.close();
});
