/** A kill at two in the morning: identity provider and webhook target hang, there is no admin UI, and somebody has curl and a token. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Receipts } from '@yardarm/contract';
import { parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { TEST_SECRET } from '../testing/test-app.ts';
import { testWebhooks } from '../testing/webhooks.ts';
import { type Sender, startSender } from '../webhooks/sender.ts';

const READERS = 100;
const PUBLIC_URL = 'http://yardarm.test';
const IN_SHOP = '/projects/shop';

let tarpit: Server;
const stuck = new Set<Socket>();
let server: TestServer;
let sender: Sender;
beforeAll(async () => {
  // Takes every connection and never says a word.
  tarpit = createServer((socket) => stuck.add(socket)).listen(0, '127.0.0.1');
  await once(tarpit, 'listening');
  const hangs = `http://127.0.0.1:${(tarpit.address() as AddressInfo).port}`;
  const settings = {
    ...{ issuer: hangs, clientId: 'yardarm', clientSecret: 'x', clientSecretFile: null, scopes: 'openid', name: 'Down' },
    ...{ createUsers: false, groupsClaim: 'groups', groups: new Map(), algorithm: 'RS256' as const },
  };
  server = await startTestServer({ oidc: { settings, clientSecret: 'x', secret: TEST_SECRET, publicUrl: PUBLIC_URL } });
  await server.createFlag('checkout');
  await server.api('POST', `${IN_SHOP}/webhooks`, { name: 'Down', url: hangs });
  const log = pino({ level: 'silent' });
  const { db } = server.database;
  sender = startSender({ ...testWebhooks(), db, log, now: Date.now, publicUrl: PUBLIC_URL, random: Math.random });
  // Its delivery hangs from here on, and so do two people who try to sign in.
  await server.unkill('checkout');
  for (const _ of [1, 2]) void fetch(`${server.url}/api/v1/oidc/sign-in`, { redirect: 'manual' }).catch(() => undefined);
  await vi.waitFor(() => expect(stuck.size).toBeGreaterThanOrEqual(2), 10_000);
  await server.delivery.poll();
});
afterAll(async () => {
  for (const socket of stuck) socket.destroy();
  tarpit.close();
  await sender.close();
  await server.close();
});

test('a break-glass token kills for every connected reader within a second, with its record and no outside help', async () => {
  const { secret } = await server.api<{ secret: string }>('POST', '/tokens', { name: 'on call', kind: 'break_glass' });
  const have = parseState((await server.ruleSet(server.serverKey.secret)).headers.get(STATE_HEADER)) as SyncState;
  const readers = await Promise.all(Array.from({ length: READERS }, () => server.connect(server.serverKey.secret, have)));
  await Promise.all(readers.map((reader) => reader.next('welcome')));

  const answer = await fetch(`${server.url}/api/v1${IN_SHOP}/flags/checkout/environments/production/kill`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  expect(answer.status).toBe(200);
  for (const reader of readers) {
    const { epoch, to, digest, kill } = await reader.next('delta');
    expect(kill).toMatchObject([{ key: 'checkout' }]);
    reader.send({ type: 'applied', epoch, revision: to, digest });
  }
  const receipts = () => server.api<Receipts>('GET', `${IN_SHOP}/environments/production/receipts`);
  await vi.waitFor(async () => expect((await receipts()).server).toMatchObject({ applied: READERS, pending: 0 }), 20_000);
  expect((await receipts()).server.slowestMs).toBeLessThan(1_000);
  const [change] = (await server.api<{ items: unknown[] }>('GET', `${IN_SHOP}/changes?limit=1`)).items;
  expect(change).toMatchObject({ command: 'flag.kill', key: 'checkout', actor: { kind: 'token', name: 'on call' } });
  for (const reader of readers) reader.socket.close();
});
