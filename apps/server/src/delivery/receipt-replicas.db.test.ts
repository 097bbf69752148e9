/** Receipts of two servers on one database. */
import { randomUUID } from 'node:crypto';
import type { Receipts } from '@yardarm/contract';
import { parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { environments } from '../db/schema.ts';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { API_TOKEN, startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { createReceiptStore, type WrittenRow } from './receipt-store.ts';
import { EMPTY_PAGE, RECEIPTS_FORMAT, type ReplicaReceipts } from './receipts.ts';

const HEARTBEAT_MS = 300;
const polling = { readers: 0, applied: 0, rejected: 0 };

let server: TestServer;
let proxy: CuttableProxy;
let other: Awaited<ReturnType<typeof startReplica>>;
beforeAll(async () => {
  const { hostname, port } = new URL(inject('testServer').adminUrl);
  proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  server = await startTestServer({ receiptHeartbeatMs: HEARTBEAT_MS });
  await server.createFlag('checkout');
  await server.unkill('checkout');
  await server.delivery.poll();
  const throughProxy = (databaseUrl: string) => Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${proxy.port}` }).href;
  other = await startReplica(server.database, { receiptHeartbeatMs: HEARTBEAT_MS, deliveryUrl: throughProxy });
  // For two heartbeats after its start no server claims to know of all others.
  await vi.waitFor(async () => expect((await receiptsOfOther()).replicas.complete).toBe(true), 5_000);
});
afterAll(async () => {
  await other.close();
  await server.close();
  await proxy.close();
});

type Reader = Awaited<ReturnType<TestServer['connect']>>;

const PATH = '/projects/shop/environments/production/receipts';
const receipts = () => server.api<Receipts>('GET', PATH);
const receiptsOfOther = async () => {
  const response = await fetch(`${other.url}/api/v1${PATH}`, { headers: { authorization: `Bearer ${API_TOKEN}` } });
  return (await response.json()) as Receipts;
};
const stateNow = async () => parseState((await server.ruleSet(server.serverKey.secret)).headers.get(STATE_HEADER)) as SyncState;

async function connectTwoOnEach(): Promise<{ here: Reader[]; there: Reader[] }> {
  const have = await stateNow();
  await other.delivery.poll();
  const two = (at: Pick<TestServer, 'connect'>) => Promise.all([1, 2].map(() => at.connect(server.serverKey.secret, have)));
  const [here, there] = [await two(server), await two(other)];
  await Promise.all([...here, ...there].map((reader) => reader.next('welcome')));
  return { here, there };
}

async function apply(reader: Reader): Promise<void> {
  const { epoch, to, digest } = await reader.next('delta');
  reader.send({ type: 'applied', epoch, revision: to, digest });
}

test('both servers tell of the readers of both after a flip, and name who is behind', async () => {
  const { here, there } = await connectTwoOnEach();
  await vi.waitFor(async () => expect((await receipts()).server).toMatchObject({ connected: 4, applied: 4 }), 20_000);
  const { revision } = await server.kill('checkout');
  await Promise.all([...here, there[0]!].map(apply));
  for (const read of [receipts, receiptsOfOther])
    await vi.waitFor(
      async () =>
        expect(await read()).toMatchObject({
          revision,
          server: { connected: 4, applied: 3, pending: 1 },
          replicas: { count: 2, complete: true },
        }),
      { timeout: 20_000, interval: 20 },
    );
  const { laggards, apps } = await receipts();
  expect(apps).toEqual([
    { keyKind: 'server', app: { name: 'test', version: '1' }, connected: 4, applied: 3, pending: 1, rejected: 0 },
  ]);
  expect(laggards).toMatchObject([{ app: { name: 'test' }, sdk: 'test/1', held: { revision: revision - 1 } }]);
  for (const reader of [...here, ...there]) reader.socket.close();
  await vi.waitFor(async () => expect((await receipts()).server.connected).toBe(0), 20_000);
});

test('a server that is heard no more is missed at first, then counts no more, and counts again when it is back', async () => {
  const { here, there } = await connectTwoOnEach();
  await vi.waitFor(async () => expect((await receipts()).server.connected).toBe(4), 20_000);
  proxy.cut();
  await vi.waitFor(async () => expect((await receipts()).replicas).toEqual({ count: 2, complete: false }), 20_000);
  await vi.waitFor(
    async () => expect(await receipts()).toMatchObject({ server: { connected: 2 }, replicas: { count: 1, complete: true } }),
    20_000,
  );
  expect(await receiptsOfOther()).toMatchObject({ server: { connected: 2 }, replicas: { count: 1, complete: false } });
  proxy.mend();
  await vi.waitFor(
    async () => expect(await receipts()).toMatchObject({ server: { connected: 4 }, replicas: { count: 2, complete: true } }),
    { timeout: 10_000, interval: 100 },
  );
  for (const reader of [...here, ...there]) reader.socket.close();
  await vi.waitFor(async () => expect((await receipts()).server.connected).toBe(0), 20_000);
});

test('a server that is told to stop counts no more at once', async () => {
  const third = await startReplica(server.database, { receiptHeartbeatMs: HEARTBEAT_MS });
  const reader = await third.connect(server.serverKey.secret, await stateNow());
  await vi.waitFor(async () => expect((await receipts()).server.connected).toBe(1), 20_000);
  await Promise.all([third.close(), reader.closed]);
  expect((await receipts()).server.connected).toBe(0);
});

test('are shared whatever characters an SDK names itself with', async () => {
  const odd = await server.connect(server.clientKey.secret, await stateNow(), 'a\0b\ud800');
  await odd.next('welcome');
  await vi.waitFor(async () => expect((await receiptsOfOther()).client.connected).toBe(1), 20_000);
});

test('of one environment that the database refuses do not take those of another with them', async () => {
  const { db } = server.database;
  const [one] = await db.select({ id: environments.id }).from(environments);
  const two = { id: randomUUID() };
  const row = (environmentId: string | undefined, instance: string): WrittenRow => {
    const kind = { page: { ...EMPTY_PAGE, slowest: { instance, name: null, version: null, ms: 1 } }, polling };
    const receipts: ReplicaReceipts = {
      format: RECEIPTS_FORMAT,
      epoch: '1-a',
      revision: 1,
      committedAtMs: 0,
      server: kind,
      client: kind,
    };
    return { environmentId: environmentId ?? '', receipts };
  };
  const store = createReceiptStore(db, randomUUID());
  await expect(store.write([row(one?.id, '\0'), row(two.id, 'i')], 60_000)).rejects.toThrow();
  const read = await createReceiptStore(db, randomUUID()).readOthers([two.id]);
  expect(read.map(({ receipts }) => receipts?.server.page.slowest?.instance)).toContain('i');
  await store.forget();
});
