import type { Receipts } from '@yardarm/contract';
import { APPLIED_PATH, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METRICS_TOKEN, startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout', { clientSide: true });
  await server.unkill('checkout');
  await server.delivery.poll();
});
afterAll(() => server.close());

const receipts = () => server.api<Receipts>('GET', '/projects/shop/environments/production/receipts');
const stateOf = async (secret: string) => parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;
const NOBODY = {
  connected: 0,
  applied: 0,
  pending: 0,
  rejected: 0,
  slowestMs: null,
  slowest: null,
  polling: { readers: 0, applied: 0, rejected: 0 },
};

describe('GET /api/v1/projects/{project}/environments/{environment}/receipts', () => {
  test('counts who runs the newest revision, who does not yet and who refused it, server and client keys apart', async () => {
    expect(await receipts()).toMatchObject({ environment: 'production', server: NOBODY, client: NOBODY });
    const have = await stateOf(server.serverKey.secret);
    const readers = await Promise.all([1, 2, 3].map(() => server.connect(server.serverKey.secret, have)));
    const browser = await server.connectBrowser(server.clientKey.secret, await stateOf(server.clientKey.secret));
    await Promise.all([...readers, browser].map((reader) => reader.next('welcome')));
    const before = await receipts();
    expect(before.server).toEqual({ ...NOBODY, connected: 3, applied: 3 });
    expect(before.client).toMatchObject({ connected: 1, applied: 1 });

    const { revision } = await server.kill('checkout');
    const deltas = await Promise.all(readers.map((reader) => reader.next('delta')));
    expect(await receipts()).toMatchObject({ revision, server: { connected: 3, applied: 0, pending: 3, slowestMs: null } });
    const { epoch, to, digest } = deltas[0]!;
    readers[0]!.send({ type: 'applied', epoch, revision: to, digest });
    const errors = [{ kind: 'flag' as const, key: 'checkout', code: 'unreadable', path: '$', keptRevision: null }];
    readers[1]!.send({ type: 'rejected', revision: to, errors });
    await settled(readers);
    const after = await receipts();
    expect(after.server).toMatchObject({ connected: 3, applied: 1, pending: 1, rejected: 1 });
    expect(after.server.slowestMs).toBeGreaterThanOrEqual(0);
    expect(after.server.slowestMs).toBeLessThan(5_000);
    expect(after.refusals).toEqual([
      {
        keyKind: 'server',
        kind: 'flag',
        key: 'checkout',
        code: 'unreadable',
        app: { name: 'test', version: '1' },
        instances: 1,
      },
    ]);
    const scraped = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    const ofShop = 'project="shop",environment="production",kind="server"';
    expect((await scraped.text()).split('\n')).toEqual(
      expect.arrayContaining([
        `yardarm_convergence_seconds_count{${ofShop},app="test"} 1`,
        `yardarm_instances_pending{${ofShop}} 1`,
        `yardarm_instances_rejected{${ofShop}} 1`,
      ]),
    );
    expect(Date.parse(after.committedAt)).toBeGreaterThan(Date.parse(before.committedAt));

    for (const reader of [...readers, browser]) reader.socket.close();
    await Promise.all([...readers, browser].map((reader) => reader.closed));
    expect((await receipts()).server).toEqual(NOBODY);
  });

  test('counts apart who polls, but while it has a stream', async () => {
    const { secret } = server.serverKey;
    const applied = await stateOf(secret);
    const say = (instance: string, state: SyncState) =>
      fetch(server.url + APPLIED_PATH, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ instance, sdk: 'test/1', app: {}, applied: state }),
      });
    await say('ahead', applied);
    await say('behind', { ...applied, revision: applied.revision - 1 });
    expect((await receipts()).server).toEqual({ ...NOBODY, polling: { readers: 2, applied: 1, rejected: 0 } });
    const reader = await server.connect(secret, applied, 'behind');
    await reader.next('welcome');
    expect((await receipts()).server).toMatchObject({ connected: 1, polling: { readers: 1, applied: 1 } });
    reader.socket.close();
    await reader.closed;
    // A proxy may take a stream and let nothing through, again and again.
    expect((await receipts()).server).toEqual({ ...NOBODY, polling: { readers: 2, applied: 1, rejected: 0 } });
  });

  test('answers 401 without a credential and 404 for an unknown environment', async () => {
    expect((await fetch(`${server.url}/api/v1/projects/shop/environments/production/receipts`)).status).toBe(401);
    expect((await server.request('GET', '/projects/shop/environments/nowhere/receipts')).status).toBe(404);
  });
});

/** Resolves once the server has read every frame that was sent: a pong follows them on the same path. */
async function settled(readers: readonly Awaited<ReturnType<TestServer['connect']>>[]): Promise<void> {
  await Promise.all(
    readers.map(
      ({ socket }) =>
        new Promise<void>((resolve) => {
          socket.once('pong', () => resolve());
          socket.ping();
        }),
    ),
  );
}
