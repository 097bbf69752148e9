import type { Convergence, Fleet } from '@yardarm/contract';
import { APPLIED_PATH, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { addConvergence, readConvergence } from './fleet-store.ts';

const FLEET_EVERY_MS = 100;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ fleetEveryMs: FLEET_EVERY_MS });
  await server.createFlag('checkout');
  await server.unkill('checkout');
  await server.delivery.poll();
});
afterAll(() => server.close());

const PATH = '/projects/shop/environments/production';
const fleet = () => server.api<Fleet>('GET', `${PATH}/fleet`);
const stateOf = async (secret: string) => parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;

describe('GET /api/v1/projects/{project}/environments/{environment}/fleet', () => {
  test('names who is connected or polls, with what they run, and whose word is awaited', async () => {
    const { secret } = server.serverKey;
    const held = await stateOf(secret);
    const reader = await server.connect(secret, held, 'streaming');
    await reader.next('welcome');
    const polled = { instance: 'polling', sdk: 'test/2', app: { name: 'batch', commit: 'abc' }, applied: held };
    await fetch(server.url + APPLIED_PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(polled),
    });
    const { revision } = await server.kill('checkout');
    await reader.next('delta');
    const found = await fleet();
    expect(found).toMatchObject({ environment: 'production', revision, replicas: { count: 1, complete: true } });
    expect(found.instances.map(({ instance, state, polls, held: had }) => [instance, state, polls, had?.revision])).toEqual(
      expect.arrayContaining([
        ['streaming', 'pending', false, held.revision],
        ['polling', 'pending', true, held.revision],
      ]),
    );
    expect(found.groups).toContainEqual({
      ...{ keyKind: 'server', app: { name: 'batch', version: null }, sdk: 'test/2', revision: held.revision },
      ...{ instances: 1, polling: 1, rejected: 0 },
    });
    reader.socket.close();
    await reader.closed;
  });

  test('counts those of other servers on the same database', async () => {
    const replica = await startReplica(server.database, { fleetEveryMs: FLEET_EVERY_MS });
    try {
      const reader = await replica.connect(server.serverKey.secret, await stateOf(server.serverKey.secret));
      await reader.next('welcome');
      await expect
        .poll(async () => (await fleet()).groups)
        .toContainEqual(expect.objectContaining({ app: { name: 'test', version: '1' }, instances: 1 }));
      expect((await fleet()).replicas).toEqual({ count: 2, complete: true });
      reader.socket.close();
      await reader.closed;
    } finally {
      await replica.close();
    }
    await expect.poll(async () => (await fleet()).replicas.count).toBe(1);
  });
});

describe('GET /api/v1/projects/{project}/environments/{environment}/convergence', () => {
  test('says by app how long a change took to be run', async () => {
    const { secret } = server.serverKey;
    const reader = await server.connect(secret, await stateOf(secret), 'measured');
    await reader.next('welcome');
    // By the server's reading of the database's clock, which may be ahead: a change that is dated before counts for nobody.
    const { connectedAt } = (await fleet()).instances.find(({ instance }) => instance === 'measured')!;
    const clock = sql`select clock_timestamp() > ${connectedAt}::timestamptz + interval '1 ms' as "isPast"`;
    await expect.poll(() => server.database.db.execute(clock)).toMatchObject([{ isPast: true }]);
    await server.unkill('checkout');
    const { epoch, to, digest } = await reader.next('delta');
    reader.send({ type: 'applied', epoch, revision: to, digest });
    const read = () => server.api<Convergence>('GET', `${PATH}/convergence?range=day`);
    await expect.poll(async () => (await read()).apps).toMatchObject([{ keyKind: 'server', app: 'test', n: 1 }]);
    const { items, apps, slotSeconds } = await read();
    expect(items).toMatchObject([{ app: 'test', n: 1, p50Ms: apps[0]!.p50Ms }]);
    expect(apps[0]!.p99Ms).toBeLessThan(5_000);
    expect(slotSeconds).toBe(1_800);
    reader.socket.close();
    await reader.closed;
  });

  test('adds up what several servers write, and drops what is older than four weeks', async () => {
    const environmentId = '1b671a64-40d5-491e-99b0-da01ff1f3341';
    await server.database.db.execute(
      sql`insert into convergence values (${environmentId}, 'server', 'old', now() - interval '29 days', '{1}')`,
    );
    const recent = { environmentId, keyKind: 'server', app: 'shop', slotMs: Date.now() - 60_000, counts: [1, 0, 2] } as const;
    await Promise.all([addConvergence(server.database.db, [recent]), addConvergence(server.database.db, [recent])]);
    expect((await readConvergence(server.database.db, environmentId, 0)).map(({ app, counts }) => [app, counts])).toEqual([
      ['shop', [2, 0, 4]],
    ]);
  });
});
