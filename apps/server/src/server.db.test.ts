import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { loadConfig } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { startCuttableProxy } from './testing/cuttable-proxy.ts';
import { type TestDatabase, testDatabase } from './testing/database.ts';

const TOKEN = 'token-of-the-server-test';

const KEY = 'ys_key-of-the-server-test';

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), 'yardarm-server-'));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

function start(url: string): Promise<RunningServer> {
  return startServer({
    config: loadConfig({
      PORT: '0',
      DATABASE_URL: url,
      YARDARM_DATA_DIR: folder,
      // At the start it would hold two of the ten connections that are counted below.
      YARDARM_NIGHTLY_EXPORT: '0',
      YARDARM_BOOTSTRAP_TOKEN: TOKEN,
      YARDARM_BOOTSTRAP_KEYS: `shop/production/server=${KEY}`,
    }),
    log: pino({ level: 'silent' }),
    now: Date.now,
    searchPath: '',
    signal: new AbortController().signal,
    onLost: () => undefined,
  });
}

test('a server ends although the database answers nothing any more, and says goodbye first', async () => {
  const { hostname, port } = new URL(database.url);
  const proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  const through = new URL(database.url);
  through.host = `127.0.0.1:${proxy.port}`;
  const server = await start(through.href);
  const reader = new WebSocket(`${server.url.replace('http', 'ws')}${STREAM_PATH}`, SUBPROTOCOL, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  await once(reader, 'open');
  // In what ways a key is used is noted in the database: the second one over the connection of the first.
  const use = (path: string, init = {}) =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }, ...init });
  await use('/ofrep/v1/evaluate/flags', { method: 'POST', body: '{"context":{}}' });
  await vi.waitUntil(async () => (await database.sql`select from remote_uses`).length === 1, { timeout: 10_000 });
  proxy.stall();
  expect((await use('/flagd/v1/flags.json')).status).toBe(200);
  const closed = once(reader, 'close');
  await server.close();
  expect((await closed)[0]).toBe(1001);
  await proxy.close();
});

test('SDKs are served although the management API has used up its connections', async () => {
  const server = await start(database.url);
  const call = (path: string, token: string) =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

  const answers: Promise<number>[] = [];
  await database.sql.begin(async (tx) => {
    await tx`lock table environments in access exclusive mode`;
    for (let count = 0; count < 20; count++) answers.push(call('/api/v1/projects/shop/environments', TOKEN));
    const waiting = () => database.sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    await vi.waitUntil(async () => ((await waiting())[0]?.count ?? 0) >= 10, { timeout: 10_000 });
    expect(await call('/sync/v1/ruleset', KEY)).toBe(200);
    // Looked up in the database, since memory does not know it.
    expect(await call('/sync/v1/ruleset', 'ys_key-of-a-stranger')).toBe(401);
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  await server.close();
});
