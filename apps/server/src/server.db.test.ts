import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { loadConfig } from './config.ts';
import { startServer } from './server.ts';
import { testDatabase } from './testing/database.ts';

const TOKEN = 'token-of-the-server-test';

test('SDKs are served although the management API has used up its connections', async () => {
  const database = await testDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'yardarm-server-'));
  const server = await startServer({
    config: loadConfig({
      PORT: '0',
      DATABASE_URL: database.url,
      YARDARM_DATA_DIR: folder,
      // At the start it would hold two of the ten connections that are counted below.
      YARDARM_NIGHTLY_EXPORT: '0',
      YARDARM_BOOTSTRAP_TOKEN: TOKEN,
      YARDARM_BOOTSTRAP_KEYS: 'shop/production/server=ys_key-of-the-server-test',
    }),
    log: pino({ level: 'silent' }),
    now: Date.now,
    searchPath: '',
    signal: new AbortController().signal,
    onLost: () => undefined,
  });
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
    expect(await call('/sync/v1/ruleset', 'ys_key-of-the-server-test')).toBe(200);
    // Looked up in the database, since memory does not know it.
    expect(await call('/sync/v1/ruleset', 'ys_key-of-a-stranger')).toBe(401);
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  await server.close();
  await database.close();
  await rm(folder, { recursive: true });
});
