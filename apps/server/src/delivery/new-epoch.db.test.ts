/** Databases that lost what SDKs hold, as a restored backup or a failover leaves them, under live readers. */
import { CLOSE, compareStates, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
let flags: string[];
beforeEach(async () => {
  server = await startTestServer();
  flags = ['a', 'b', 'c'];
  for (const flag of flags) await server.createFlag(flag);
  await server.delivery.poll();
});
afterEach(() => server.close());

async function stateOf(one = server): Promise<SyncState> {
  const response = await one.ruleSet(server.serverKey.secret);
  await response.arrayBuffer();
  return parseState(response.headers.get(STATE_HEADER)) as SyncState;
}

/** As if everything after `revision` had never been committed. */
async function loseTail(revision: number): Promise<void> {
  await server.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from rule_objects where revision > ${revision}`;
    await tx`update environment_heads set revision = least(revision, ${revision})`;
  });
}

const minted = () => server.database.sql<{ actor: string; reason: string }[]>`
  select actor, reason from change_sets where command = 'environment.new_epoch'`;

describe('a database that is behind what is served', () => {
  test('gets a new epoch, and every reader what it holds now', async () => {
    const before = await stateOf();
    const reader = await server.connect(server.serverKey.secret, before);
    const browser = await server.connectBrowser(server.clientKey.secret);
    await reader.next('welcome');
    await browser.next('welcome');
    await loseTail(before.revision - 1);
    expect(await reader.next('resync')).toMatchObject({ reason: 'epoch' });
    expect(await browser.next('resync')).toMatchObject({ reason: 'gap' });
    const after = await stateOf();
    expect(compareStates(after, before)).toBeGreaterThan(0);
    expect(after.revision).toBe(before.revision - 1);
    expect(await (await server.ruleSet(server.serverKey.secret)).text()).not.toContain('"c"');
    expect(await minted()).toHaveLength(1);
    expect(await minted()).toMatchObject([{ actor: 'delivery' }]);
  });

  test('and has passed it before anybody looked, is not mixed with it', async () => {
    const before = await stateOf();
    const reader = await server.connect(server.serverKey.secret, before);
    await reader.next('welcome');
    // A restore makes the tables anew; then other servers write past what this one served.
    await server.database.sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from rule_objects where revision = ${before.revision} and key = 'c'`;
      await tx`insert into rule_objects (environment_id, revision, kind, key, body, tag)
        select environment_id, ${before.revision}, kind, 'x', body, 'another-tag' from rule_objects where key = 'a' limit 1`;
      await tx`insert into rule_objects (environment_id, revision, kind, key, body, tag)
        select environment_id, ${before.revision + 1}, kind, 'y', body, 'one-more-tag' from rule_objects where key = 'a' limit 1`;
      await tx`alter table environment_heads rename to heads_before`;
      await tx`create table environment_heads (like heads_before including all)`;
      await tx`insert into environment_heads select * from heads_before`;
      await tx`update environment_heads set revision = revision + 1 where epoch = ${before.epoch}`;
    });
    expect(await reader.next('resync')).toMatchObject({ reason: 'epoch' });
    const deltas = reader.frames
      .map((frame) => JSON.parse(frame) as { type: string; put?: unknown })
      .filter(({ type }) => type === 'delta');
    // Kills, which lead nowhere.
    for (const delta of deltas) expect(delta).toMatchObject({ put: [], remove: [] });
    const text = await (await server.ruleSet(server.serverKey.secret)).text();
    expect([...Object.keys((JSON.parse(text) as { flags: object }).flags)]).toEqual(['a', 'b', 'x', 'y']);
    expect(await minted()).toHaveLength(1);
  });
});

test('a database that becomes another instance is served as it is, to readers that start anew', async () => {
  const before = await stateOf();
  const reader = await server.connect(server.serverKey.secret, before);
  await reader.next('welcome');
  await server.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from rule_objects where key = 'c'`;
    await tx`update instance set id = gen_random_uuid()`;
  });
  await server.delivery.poll();
  expect(await (await server.ruleSet(server.serverKey.secret)).text()).not.toContain('"c"');
  expect(await reader.closed).toMatchObject({ code: CLOSE.key });
  expect(await minted()).toEqual([]);
});

describe('a reader that holds more than the database', () => {
  const ahead = (state: SyncState, more: number): SyncState => ({ ...state, revision: state.revision + more });

  test('with a server key has a new epoch made, at most one a minute', async () => {
    const before = await stateOf();
    const reader = await server.connect(server.serverKey.secret, ahead(before, 5));
    await reader.next('welcome');
    expect(await reader.next('resync')).toMatchObject({ reason: 'epoch' });
    const after = await stateOf();
    const liar = await server.connect(server.serverKey.secret, ahead(after, 5));
    await liar.next('welcome');
    await server.delivery.poll();
    await server.delivery.poll();
    expect(await minted()).toHaveLength(1);
    server.setClock(-3_600_000);
    server.shift(61_000);
    await vi.waitUntil(async () => (await minted()).length === 2, { timeout: 10_000 });
  });

  test('and polls with a server key is answered with the new epoch', async () => {
    const before = await stateOf();
    const response = await fetch(`${server.url}/sync/v1/ruleset?have=${before.epoch}.${before.revision + 5}`, {
      headers: { authorization: `Bearer ${server.serverKey.secret}` },
    });
    expect(response.status).toBe(200);
    expect(compareStates(parseState(response.headers.get(STATE_HEADER)) as SyncState, before)).toBeGreaterThan(0);
    expect(await minted()).toHaveLength(1);
  });

  test('with a client key waits, and nothing is made', async () => {
    const response = await server.ruleSet(server.clientKey.secret);
    const state = parseState(response.headers.get(STATE_HEADER)) as SyncState;
    const reader = await server.connectBrowser(server.clientKey.secret, ahead(state, 5));
    await reader.next('welcome');
    for (let polls = 0; polls < 3; polls++) await server.delivery.poll();
    expect(await minted()).toEqual([]);
    expect(reader.types()).toEqual(['welcome']);
  });

  test('of an epoch far ahead is not believed', async () => {
    const before = await stateOf();
    const reader = await server.connect(server.serverKey.secret, { ...before, epoch: `${Date.now() + 1e12}-x` });
    await reader.next('welcome');
    for (let polls = 0; polls < 3; polls++) await server.delivery.poll();
    expect(await minted()).toEqual([]);
    expect(await stateOf()).toEqual(before);
  });
});
