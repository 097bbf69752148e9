/** Two servers on one database: either takes writes, both deliver. */
import { compareStates, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { API_TOKEN, startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';

type Replica = Awaited<ReturnType<typeof startReplica>>;

const KILL = '/projects/shop/flags/checkout/environments/production/kill';

let server: TestServer;
let other: Replica;
/** Between the other server's delivery side and the database. */
let proxy: CuttableProxy;
let have: SyncState;
beforeEach(async () => {
  const { hostname, port } = new URL(inject('testServer').adminUrl);
  proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  server = await startTestServer();
  await server.createFlag('checkout');
  await server.unkill('checkout');
  await server.delivery.poll();
  const deliveryUrl = (url: string) => Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
  other = await startReplica(server.database, { deliveryUrl });
  have = await stateAt(server);
});
afterEach(async () => {
  await other.close();
  await server.close();
  await proxy.close();
});

async function stateAt({ url }: { readonly url: string }): Promise<SyncState> {
  const response = await fetch(`${url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${server.serverKey.secret}` } });
  await response.arrayBuffer();
  return parseState(response.headers.get(STATE_HEADER)) as SyncState;
}

async function write(at: { readonly url: string }, path: string): Promise<{ revision: number }> {
  const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${at.url}/api/v1${path}`, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(200);
  return response.json();
}

const connect = async (at: Pick<TestServer, 'connect'>, state = have) => {
  const reader = await at.connect(server.serverKey.secret, state);
  await reader.next('welcome');
  return reader;
};

describe('two servers on one database', () => {
  test('deliver to their readers what is written on either', async () => {
    const [here, there] = [await connect(server), await connect(other)];
    const killed = await write(other, KILL);
    for (const reader of [here, there])
      expect(await reader.next('delta')).toMatchObject({ to: killed.revision, kill: [{ key: 'checkout' }] });
    const { revision } = await write(server, KILL.replace('kill', 'unkill'));
    for (const reader of [here, there]) expect(await reader.next('delta')).toMatchObject({ to: revision });
  });

  test('both close the sockets of a key that was revoked on one', async () => {
    const [here, there] = [await connect(server), await connect(other)];
    const beganMs = performance.now();
    await server.api('DELETE', `/projects/shop/environments/production/keys/${server.serverKey.id}`);
    for (const reader of [here, there]) expect(await reader.closed).toMatchObject({ code: 4001 });
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  test('one that cannot look serves its readers on, sends nothing older to one that is ahead, and catches up', async () => {
    const [here, there] = [await connect(server), await connect(other)];
    proxy.cut();
    const { revision } = await write(server, KILL);
    const { epoch, digest } = await here.next('delta');
    const moved = await connect(other, { epoch, revision, digest });
    expect(moved.types()).toEqual(['welcome']);
    expect(await stateAt(other)).toEqual(have);
    proxy.mend();
    expect(await there.next('delta')).toMatchObject({ to: revision });
    expect(moved.types()).toEqual(['welcome']);
    expect(await server.database.sql`select 1 from change_sets where command = 'environment.new_epoch'`).toEqual([]);
  });

  test('make one epoch when the database lost what both serve, and lead all their readers to it', async () => {
    await write(server, KILL);
    await vi.waitUntil(async () => (await stateAt(other)).revision === have.revision + 1, { timeout: 10_000 });
    const before = await stateAt(server);
    const [here, there] = [await connect(server, before), await connect(other, before)];
    const beganMs = performance.now();
    await server.database.sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from rule_objects where revision > ${have.revision}`;
      await tx`update environment_heads set revision = least(revision, ${have.revision})`;
    });
    for (const reader of [here, there]) expect(await reader.next('resync')).toMatchObject({ reason: 'epoch' });
    expect(performance.now() - beganMs).toBeLessThan(30_000);
    const [after, afterThere] = [await stateAt(server), await stateAt(other)];
    expect(after).toEqual(afterThere);
    expect(compareStates(after, before)).toBeGreaterThan(0);
    expect(after.digest).toBe(have.digest);
    expect(await server.database.sql`select 1 from change_sets where command = 'environment.new_epoch'`).toHaveLength(1);
  });
});
