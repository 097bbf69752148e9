import type { FlagVerdict } from '@yardarm/contract';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { type Replica, startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';

const COMMITS = { clean: 'a'.repeat(40), old: 'b'.repeat(40) };
const coverageEveryMs = 50;

/** Serves the management API, and measures nothing of its own. */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ coverageEveryMs: 3_600_000 });
  const { sql } = server.database;
  await server.createFlag('done');
  await sql`update flags set created_at = now() - interval '100 days'`;
  await sql`insert into remote_uses (key_id, way, environment_id, used_at)
    select id, 'heard', id, now() - interval '90 days' from environments`;
  await sql`delete from environments where key <> 'production'`;
  for (const [branch, commit] of [['main', COMMITS.clean] as const, ['old', COMMITS.old] as const])
    await server.api('PUT', '/projects/shop/code-references', {
      ...{ repository: 'acme/shop', branch, commit, isDefaultBranch: branch === 'main', rest: [] },
      references: branch === 'main' ? [] : [{ flagKey: 'done', path: 'src/index.ts', line: 1 }],
    });
});
afterAll(() => server.close());

const readVerdict = () => server.api<FlagVerdict>('GET', '/projects/shop/flags/done/verdict');
const builds = (facts: FlagVerdict['facts']) => facts.find(({ code }) => code === 'builds');
const verdict = async () => (await readVerdict()).verdict;

/** An instance that reports, connected to `replica`. */
async function connect(replica: Replica, instance: string, commit: string) {
  const app = { name: 'shop', version: '1', commit };
  const reader = await replica.connect(server.serverKey.secret, undefined, instance, app);
  await reader.next('welcome');
  const nowMs = Date.now();
  const { status } = await fetch(replica.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.serverKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ instance, sdk: 'test/1', app, seq: 1, from: nowMs, to: nowMs, sentAt: nowMs, counts: [], lost: 0 }),
  });
  expect(status).toBe(204);
  return reader;
}

/** As if so much time had gone by since servers last wrote. */
const pass = (seconds: number) =>
  server.database.sql.begin(async (sql) => {
    await sql`update telemetry_coverage set heard_at = heard_at - ${seconds} * interval '1 second'`;
    await sql`update telemetry_replicas set heard_at = heard_at - ${seconds} * interval '1 second', turned_at = turned_at - ${seconds} * interval '1 second'`;
  });

it('is not safe after a server was killed and started, before the build that has the flag is back', async () => {
  const killed = await startReplica(server.database, { coverageEveryMs });
  await connect(killed, 'new', COMMITS.clean);
  const old = await connect(killed, 'old', COMMITS.old);
  await expect.poll(verdict).toBe('blocked');
  old.socket.close();
  expect(await verdict()).not.toBe('safe');
  await pass(11 * 60);
  // Whoever is connected has been for long: the evidence is whole.
  await expect.poll(verdict).toBe('safe');
  const again = await connect(killed, 'old', COMMITS.old);
  await expect.poll(verdict).toBe('blocked');
  // A process that is killed says no more to the database.
  await killed.cut();
  again.socket.close();
  await pass(90);

  const restarted = await startReplica(server.database, { coverageEveryMs });
  expect(await verdict()).not.toBe('safe');
  const reader = await connect(restarted, 'new', COMMITS.clean);
  await expect.poll(async () => (await readVerdict()).facts.find(({ code }) => code === 'builds')?.items.length).toBe(2);
  const { verdict: young, facts } = await readVerdict();
  expect([
    young,
    facts.find(({ code }) => code === 'builds')?.state,
    facts.find(({ code }) => code === 'coverage')?.state,
  ]).toEqual(['caution', 'unknown', 'unknown']);
  // Nobody knows that it was killed, and not only cut off.
  await pass(11 * 60);
  await expect
    .poll(async () => builds((await readVerdict()).facts)?.items.map(({ sentence }) => sentence))
    .toContainEqual(expect.stringMatching(/^A Yardarm server was last heard at .* UTC and has not said that it ended/));
  await pass(24 * 3_600);
  await expect.poll(verdict).toBe('safe');
  reader.socket.close();
  await restarted.close();
  expect(await verdict()).not.toBe('safe');
});

it('is safe ten minutes after a server with a name was killed and started again, and says of when nothing is known', async () => {
  await server.database.sql`delete from telemetry_replicas`;
  const named = { coverageEveryMs, instanceName: 'yardarm-0' };
  const killed = await startReplica(server.database, named);
  await connect(killed, 'new', COMMITS.clean);
  await expect.poll(async () => builds((await readVerdict()).facts)?.items.length).toBe(2);
  await pass(11 * 60);
  await expect.poll(verdict).toBe('safe');
  await killed.cut();
  await pass(90);
  expect(await verdict()).toBe('caution');

  const restarted = await startReplica(server.database, named);
  await connect(restarted, 'new', COMMITS.clean);
  await expect.poll(async () => builds((await readVerdict()).facts)?.items.length).toBe(2);
  expect(await verdict()).toBe('caution');
  await pass(11 * 60);
  await expect.poll(verdict).toBe('safe');
  const { facts } = await readVerdict();
  expect(facts.find(({ code }) => code === 'coverage')?.items).toContainEqual(
    expect.objectContaining({
      state: 'ok',
      sentence: expect.stringMatching(/^A Yardarm server was killed, and what it heard between/),
    }),
  );
  await restarted.close();
  // It said so.
  expect(await server.database.sql`select from telemetry_replicas where turned_at < heard_at`).toHaveLength(0);
});

it('counts who is connected to both of two servers that were given one name', async () => {
  await server.database.sql`delete from telemetry_replicas`;
  const named = { coverageEveryMs, instanceName: 'twice' };
  const first = await startReplica(server.database, named);
  await connect(first, 'old', COMMITS.old);
  await expect.poll(verdict).toBe('blocked');
  const second = await startReplica(server.database, named);
  await connect(second, 'new', COMMITS.clean);
  const alive = () => server.database.sql`select from telemetry_replicas where turned_at < heard_at`;
  await expect.poll(async () => (await alive()).length).toBe(2);
  await pass(11 * 60);
  await expect.poll(verdict).toBe('blocked');
  await expect.poll(async () => (await readVerdict()).facts.filter(({ state }) => state === 'unknown')).toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

it('is not safe while a server has lost the database for however long a part of a day, and goes on serving the build that has the flag', async () => {
  const { hostname, port } = new URL(inject('testServer').adminUrl);
  const proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  const deliveryUrl = (databaseUrl: string) => {
    const url = new URL(databaseUrl);
    [url.hostname, url.port] = ['127.0.0.1', String(proxy.port)];
    return url.href;
  };
  const near = await startReplica(server.database, { coverageEveryMs });
  const far = await startReplica(server.database, { coverageEveryMs, deliveryUrl });
  await connect(near, 'new', COMMITS.clean);
  const old = await connect(far, 'old', COMMITS.old);
  await pass(11 * 60);
  await expect.poll(verdict).toBe('blocked');

  proxy.cut();
  // So long that its own row is gone, and that whoever ended would be settled.
  await pass(20 * 60);
  await expect.poll(async () => builds((await readVerdict()).facts)?.state).toBe('unknown');
  expect(await verdict()).toBe('caution');

  proxy.mend();
  await expect.poll(verdict, { timeout: 20_000 }).toBe('blocked');
  // Back, it is as good as one that was never away.
  old.socket.close();
  await expect.poll(async () => (await readVerdict()).facts.filter(({ state }) => state !== 'ok')).toEqual([]);
  await Promise.all([near.close(), far.close()]);
  await proxy.close();
});
