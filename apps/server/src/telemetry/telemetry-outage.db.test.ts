/** Reports while the server's way to its database is cut. */
import { setTimeout as delay } from 'node:timers/promises';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

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

const reportOf = (instance: string, seq: number, n: number) => {
  const at = Date.now();
  const counts = [{ flag: 'checkout', variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: '', n }];
  return { instance, sdk: 'test/1', app: {}, seq, from: at - 1_000, to: at, sentAt: at, counts, lost: 0 };
};
async function post(report: object): Promise<{ readonly status: number; readonly retryAfter: string | null }> {
  const { status, headers } = await fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.serverKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
  });
  return { status, retryAfter: headers.get('retry-after') };
}
/** As an SDK does, which sends the same batch until it is answered. */
async function postUntilWritten(report: object): Promise<void> {
  const endMs = performance.now() + 20_000;
  while ((await post(report)).status !== 204) {
    if (performance.now() > endMs) throw new Error('The batch was not written within 20 s after the outage.');
    await delay(100);
  }
}
const total = async () => {
  const [row] = await server.database.sql`select coalesce(sum(n), 0)::int as n from telemetry_hours`;
  return row?.n;
};

it('telemetry is refused through an outage so that it is sent again, and counted once when the database is back', async () => {
  expect((await post(reportOf('before', 1, 1))).status).toBe(204);
  proxy.cut();
  const batches = [reportOf('before', 2, 10), reportOf('first heard in the outage', 1, 100)];
  expect(await Promise.all(batches.map(post))).toEqual(batches.map(() => ({ status: 503, retryAfter: '15' })));
  expect(await total()).toBe(1);
  proxy.mend();
  await Promise.all(batches.map(postUntilWritten));
  await Promise.all(batches.map(postUntilWritten));
  expect(await total()).toBe(111);
});

it('a batch whose write the cut overtook is counted once, whether it was written or not', async () => {
  const before = await total();
  const batch = reportOf('overtaken', 1, 1_000);
  const answered = post(batch);
  // About when the second of gathering is over.
  await delay(1_005);
  proxy.cut();
  await answered;
  proxy.mend();
  await postUntilWritten(batch);
  expect(await total()).toBe(before + 1_000);
});
