/** One environment of which nothing can be read, or not in time: everything else goes on as if it were not there. */
import { CLOSE, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  API_TOKEN,
  METRICS_TOKEN,
  type Replica,
  startReplica,
  startTestServer,
  type TestServer,
} from '../testing/delivery-server.ts';
import { type HeldReads, holdReads } from '../testing/held-reads.ts';

/** What a revocation may take. */
const BAR_MS = 5_000;
const KEYS = '/projects/shop/environments/production/keys';

let server: TestServer;
let replica: Replica;
let reads: HeldReads;
let slow: { readonly id: string; readonly secret: string };
let lines: { msg: string; environment?: string }[];
let shiftMs: number;
beforeEach(async () => {
  lines = [];
  shiftMs = 0;
  server = await startTestServer();
  await server.api('POST', '/projects/shop/environments', { key: 'slow', name: 'Slow' });
  await server.createFlag('checkout');
  const [environment] = await server.database.sql<{ id: string }[]>`select id from environments where key = 'slow'`;
  const { secret } = await server.makeKey('server', '/projects/shop/environments/slow');
  slow = { id: environment?.id ?? '', secret };
  reads = await holdReads(server.database);
});
afterEach(async () => {
  await reads.release();
  await replica.close();
  await server.close();
});

async function start(): Promise<void> {
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  replica = await startReplica(server.database, { monotonicMs: () => performance.now() + shiftMs, log });
}

const get = (path: string, secret: string) => fetch(`${replica.url}${path}`, { headers: { authorization: `Bearer ${secret}` } });
const ruleSet = (secret: string) => get('/sync/v1/ruleset', secret);

async function stateOf(secret: string): Promise<SyncState> {
  const response = await ruleSet(secret);
  await response.arrayBuffer();
  return parseState(response.headers.get(STATE_HEADER)) as SyncState;
}

/** Of the replica, which hears of everything from the database alone. */
async function connect(secret: string) {
  const reader = await replica.connect(secret, await stateOf(secret));
  await reader.next('welcome');
  return reader;
}

/** That a key is revoked, and that a change arrives, of which another server is the author. */
async function expectEverythingElse(): Promise<void> {
  const { id, secret } = await server.makeKey('server');
  await vi.waitUntil(async () => (await ruleSet(secret)).status === 200);
  const [revoked, bystander] = [await connect(secret), await connect(server.serverKey.secret)];
  const stream = await get('/api/v1/projects/shop/stream', API_TOKEN);
  const events = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const beganMs = performance.now();
  await server.api('DELETE', `${KEYS}/${id}`);
  expect(await revoked.closed).toMatchObject({ code: CLOSE.key });
  expect(performance.now() - beganMs).toBeLessThan(BAR_MS);
  const { revision } = await server.unkill('checkout');
  expect(await bystander.next('delta')).toMatchObject({ to: revision });
  expect(revoked.types()).toEqual(['welcome']);
  for (let told = ''; !told.includes(`"revision":${revision}`); told += (await events?.read())?.value ?? '');
  bystander.socket.close();
}

describe('an environment that is read for longer than anybody waits', () => {
  test('holds up no revocation, no other environment, no notification and no health, and arrives when it is read', async () => {
    await start();
    const reader = await connect(slow.secret);
    await reads.hold(slow.id);
    const revision = await reads.commit(slow.id);
    await reads.waiting(2);
    await expectEverythingElse();
    expect((await get('/health/ready', '')).status).toBe(200);
    expect(reader.types()).toEqual(['welcome']);
    await reads.release();
    expect(await reader.next('delta')).toMatchObject({ to: revision });
    reader.socket.close();
  });

  test('holds up nobody either when it has to be compared with a database that was restarted', async () => {
    await start();
    const reader = await connect(slow.secret);
    await reads.hold(slow.id);
    await server.database.sql.begin(async (tx) => {
      await tx`create temporary table kept on commit drop as select * from environment_heads`;
      await tx`truncate environment_heads`;
      await tx`insert into environment_heads select * from kept`;
    });
    await reads.waiting(2);
    await expectEverythingElse();
    const revision = await reads.commit(slow.id);
    await reads.release();
    expect(await reader.next('delta')).toMatchObject({ to: revision });
    reader.socket.close();
  });
});

describe('an environment that cannot be read', () => {
  test('is named, keeps its readers where they are, and costs nobody else anything', async () => {
    await start();
    const reader = await connect(slow.secret);
    const before = await stateOf(slow.secret);
    await reads.refuse(slow.id);
    const revision = await reads.commit(slow.id);
    await replica.delivery.poll();
    await expectEverythingElse();
    shiftMs = 60_000;
    await replica.delivery.poll();
    expect((await get('/health/ready', '')).status).toBe(200);
    expect(await stateOf(slow.secret)).toEqual(before);
    expect(await (await get('/metrics', METRICS_TOKEN)).text()).toMatch(
      /yardarm_environment_behind_seconds\{project="shop",environment="slow"\} 6\d/,
    );
    expect(lines.filter(({ environment }) => environment === 'slow')).toHaveLength(1);
    await reads.release();
    shiftMs = 120_000;
    expect(await reader.next('delta')).toMatchObject({ to: revision });
    await replica.delivery.poll();
    expect(await (await get('/metrics', METRICS_TOKEN)).text()).not.toContain('yardarm_environment_behind_seconds{');
    reader.socket.close();
  });

  test('does not keep a server from starting: its own readers are told to come back', async () => {
    await reads.refuse(slow.id);
    await start();
    expect((await ruleSet(server.serverKey.secret)).status).toBe(200);
    const response = await ruleSet(slow.secret);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect([(await get('/health/sync', '')).status, (await get('/health/ready', '')).status]).toEqual([200, 200]);
    await reads.release();
    await vi.waitUntil(async () => (await ruleSet(slow.secret)).status === 200, { timeout: 10_000 });
  });

  test('keeps it from starting where there is no other', async () => {
    const all = await server.database.sql<{ id: string }[]>`select id from environments`;
    for (const { id } of all) await reads.refuse(id);
    await expect(start()).rejects.toThrow('The rule sets could not be loaded');
    await reads.release();
    await start();
  });
});
