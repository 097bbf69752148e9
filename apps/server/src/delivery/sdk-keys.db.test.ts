import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSE, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Heads, startChangeFeed } from '../changes/change-feed.ts';
import { createPool, type Database } from '../db/client.ts';
import { sdkKeys } from '../db/schema.ts';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { createSdkKeyCache, MAX_LOOKUPS } from './sdk-keys.ts';

const KEYS = '/projects/shop/environments/production/keys';
/** What a revocation, or the end of a key, may take. */
const EFFECTIVE_MS = 5_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout', { clientSide: true });
  await server.unkill('checkout');
  await server.delivery.poll();
});
afterAll(() => server.close());

async function stateOf(secret: string): Promise<SyncState> {
  await server.delivery.poll();
  return parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;
}
const messageOf = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message;

async function listKey(id: string) {
  const { items } = await server.api<{ items: { id: string; lastUsedAt: string | null }[] }>('GET', KEYS);
  return items.find((key) => key.id === id);
}

describe('stolen server key: it can be ended', () => {
  test.each([
    ['revocation', (id: string) => server.api('DELETE', `${KEYS}/${id}`)],
    ['rotation without an overlap', (id: string) => server.api('POST', `${KEYS}/${id}/rotate`, { overlapHours: 0 })],
    ['the end of an overlap', (id: string) => server.api('POST', `${KEYS}/${id}/rotate`, { overlapHours: 1 / 3_600 })],
  ])('closes its sockets within 5 s of %s, sends nothing newer, and answers 401', async (_name, end) => {
    const key = await server.makeKey('server');
    const reader = await server.connect(key.secret, await stateOf(key.secret));
    await reader.next('welcome');
    const beganMs = Date.now();
    await end(key.id);
    expect(await reader.closed).toMatchObject({ code: CLOSE.key });
    expect(Date.now() - beganMs).toBeLessThan(EFFECTIVE_MS);
    await server.kill('checkout');
    await server.unkill('checkout');
    expect(reader.types()).toEqual(['welcome']);
    const response = await server.ruleSet(key.secret);
    expect(response.status).toBe(401);
    expect(await messageOf(response)).toBe('This SDK key is unknown, revoked or expired.');
  });

  test('keeps two keys alive during the overlap of a rotation', async () => {
    const old = await server.makeKey('server');
    const reader = await server.connect(old.secret, await stateOf(old.secret));
    await reader.next('welcome');
    const fresh = await server.api<{ secret: string }>('POST', `${KEYS}/${old.id}/rotate`, {});
    await server.delivery.poll();
    for (const { secret } of [old, fresh]) expect((await server.ruleSet(secret)).status).toBe(200);
    await server.kill('checkout');
    await reader.next('delta');
    await server.unkill('checkout');
    reader.socket.close();
  });

  test('does not let a key in that ends while the database is away', async () => {
    const key = await server.makeKey('server');
    await server.api('POST', `${KEYS}/${key.id}/rotate`, { overlapHours: 1 });
    const log = pino({ level: 'silent' });
    const pool = createPool({ url: server.database.url, applicationName: 'yardarm test', maxConnections: 1, log });
    let databaseNowMs = Date.now();
    const keys = createSdkKeyCache({ db: pool.db, databaseNow: () => databaseNowMs, onChange: () => undefined });
    await keys.update('any');
    await pool.sql.end();
    expect(await keys.resolve(key.secret)).toMatchObject({ id: key.id });
    databaseNowMs += 3_700_000;
    expect(await keys.resolve(key.secret)).toBe('unavailable');
    expect(keys.find(key.secret)).toBeUndefined();
  });

  test('tells a mistyped key from an unknown one', async () => {
    const { secret } = await server.makeKey('server');
    const wrong = secret.slice(0, -8) + (secret.at(-8) === 'x' ? 'y' : 'x') + secret.slice(-7);
    expect(await messageOf(await server.ruleSet(wrong))).toMatch(/is mistyped/);
  });
});

describe('a key that is made while keys are read anew', () => {
  /** The first two answers of the database arrive when the test says so. */
  function slowDatabase(db: Database) {
    const waiting: (() => void)[] = [];
    const select = (columns: never) => ({
      from: (table: never) => ({
        where: async (condition: never) => {
          const rows = await db.select(columns).from(table).where(condition);
          if (waiting.length < 2) await new Promise<void>((resolve) => waiting.push(resolve));
          return rows;
        },
      }),
    });
    const untilAnswers = (count: number) => vi.waitUntil(() => waiting.length >= count, { timeout: 20_000 });
    return { db: { select } as unknown as Database, waiting, untilAnswers };
  }
  const start = (db: Database) => createSdkKeyCache({ db, databaseNow: Date.now, onChange: () => undefined });

  /** A key is made and looked up while all keys are read anew; the answers to both wait, in that order. */
  async function resolvedDuringUpdate() {
    const { db, waiting, untilAnswers } = slowDatabase(server.database.db);
    const keys = start(db);
    const updating = keys.update('any');
    await untilAnswers(1);
    const key = await server.makeKey('server');
    const resolving = keys.resolve(key.secret);
    await untilAnswers(2);
    return { keys, key, updating, resolving, waiting };
  }

  test('and was let in meanwhile, is not taken for a revoked one', async () => {
    const { keys, key, updating, resolving, waiting } = await resolvedDuringUpdate();
    waiting[1]?.();
    expect(await resolving).toMatchObject({ id: key.id });
    waiting[0]?.();
    expect(await updating).toEqual(new Set());
    expect(keys.find(key.secret)).toMatchObject({ id: key.id });
  });

  test('and was revoked since it was let in, is named', async () => {
    const { db, waiting, untilAnswers } = slowDatabase(server.database.db);
    const keys = start(db);
    const key = await server.makeKey('server');
    const resolving = keys.resolve(key.secret);
    await untilAnswers(1);
    await server.api('DELETE', `${KEYS}/${key.id}`);
    const updating = keys.update('any');
    await untilAnswers(2);
    waiting[0]?.();
    await resolving;
    waiting[1]?.();
    expect(await updating).toEqual(new Set([key.id]));
    expect(keys.find(key.secret)).toBeUndefined();
  });

  test('and is looked up just before the former keys arrive, is let in', async () => {
    const { key, updating, resolving, waiting } = await resolvedDuringUpdate();
    waiting[0]?.();
    await updating;
    waiting[1]?.();
    expect(await resolving).toMatchObject({ id: key.id });
  });
});

describe('keys that nobody knows', () => {
  test('are looked up once for all who ask with one at the same time', async () => {
    const key = await server.makeKey('server');
    let asked = 0;
    const select = (columns: never) => {
      asked++;
      return server.database.db.select(columns);
    };
    const keys = createSdkKeyCache({ db: { select } as unknown as Database, databaseNow: Date.now, onChange: () => undefined });
    const ask = (secret: string) => Promise.all(Array.from({ length: 10 }, () => keys.resolve(secret)));
    const found = await ask(key.secret);
    expect(found.map((one) => (typeof one === 'string' ? one : one.id))).toEqual(Array(10).fill(key.id));
    expect(new Set(await ask('ys_unknown'))).toEqual(new Set(['unknown']));
    expect(asked).toBe(2);
  });

  test('are given up with a read of all keys where a silent connection swallowed them, and asked again', async () => {
    const key = await server.makeKey('server');
    let swallowed = 0;
    const where = async (condition: never) => {
      if (swallowed++ <= MAX_LOOKUPS) await new Promise(() => undefined);
      return server.database.db.select().from(sdkKeys).where(condition);
    };
    const select = () => ({ from: () => ({ where }) });
    const keys = createSdkKeyCache({ db: { select } as unknown as Database, databaseNow: Date.now, onChange: () => undefined });
    const updating = expect(keys.update('any')).rejects.toThrow(/did not answer within 5 s/);
    const looked = await Promise.all(Array.from({ length: MAX_LOOKUPS }, (_, index) => keys.resolve(`ys_unknown_${index}`)));
    expect(looked).toEqual(Array(MAX_LOOKUPS).fill('unavailable'));
    await updating;
    expect(await keys.resolve('ys_unknown_0')).toBe('unknown');
    await keys.update('any');
    expect(keys.find(key.secret)).toMatchObject({ id: key.id });
  });

  test('hold up no poll of the heads, however many are looked up and however long that takes', async () => {
    const log = pino({ level: 'silent' });
    const pool = createPool({ url: server.database.url, applicationName: 'yardarm test', maxConnections: MAX_LOOKUPS + 1, log });
    const select = () => ({ from: () => ({ where: () => pool.db.execute(sql`select from pg_sleep(4)`) }) });
    const keys = createSdkKeyCache({ db: { select } as unknown as Database, databaseNow: Date.now, onChange: () => undefined });
    let answered = 0;
    const looked = Array.from({ length: 20 }, async (_, index) => {
      await keys.resolve(`ys_unknown_${index}`);
      answered++;
    });
    let heads: Heads | undefined;
    const feed = startChangeFeed({
      ...{ sql: pool.sql, db: pool.db, listenUrl: server.database.url, log, now: Date.now, monotonicMs: () => performance.now() },
      onHeads: async (found) => {
        heads = found;
      },
    });
    await feed.poll();
    expect(heads?.heads).not.toEqual([]);
    expect(answered).toBe(20 - MAX_LOOKUPS);
    await feed.close();
    await Promise.all(looked);
    await pool.sql.end();
  });
});

describe('stolen client key: its allowed origins are a speed bump', () => {
  test('lets pages of the listed origins in, and requests of no page, and tells others why not', async () => {
    const key = await server.makeKey('client');
    await server.api('PATCH', `${KEYS}/${key.id}`, { allowedOrigins: ['https://shop.example.com'] });
    await server.delivery.poll();
    expect((await server.ruleSet(key.secret, { origin: 'https://shop.example.com' })).status).toBe(200);
    expect((await server.ruleSet(key.secret)).status).toBe(200);
    for (const origin of ['https://evil.example.com', 'http://shop.example.com', 'https://shop.example.com:8443', 'null']) {
      const response = await server.ruleSet(key.secret, { origin });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await messageOf(response)).toMatch(/allowed origins/);
    }
    const allowed = await server.connectBrowser(key.secret, undefined, 'https://shop.example.com');
    await allowed.next('welcome');
    allowed.socket.close();
    const refused = await server.connectBrowser(key.secret, undefined, 'https://evil.example.com');
    expect(await refused.closed).toEqual({ code: CLOSE.key, reason: 'origin not allowed for this key' });
    expect(refused.frames).toEqual([]);
  });
});

describe('last use', () => {
  test('is shown soon after the first use, and written once a minute at most', async () => {
    const key = await server.makeKey('server');
    expect((await listKey(key.id))?.lastUsedAt).toBeNull();
    await server.ruleSet(key.secret);
    await server.delivery.poll();
    await expect.poll(async () => (await listKey(key.id))?.lastUsedAt).not.toBeNull();
    const first = (await listKey(key.id))?.lastUsedAt;
    await server.ruleSet(key.secret);
    await server.delivery.poll();
    await sleep(100);
    expect((await listKey(key.id))?.lastUsedAt).toBe(first);
    server.shift(60_000);
    await server.ruleSet(key.secret);
    await server.delivery.poll();
    await expect.poll(async () => (await listKey(key.id))?.lastUsedAt).not.toBe(first);
  });

  test('goes on while a socket is open, and when the clock is set back', async () => {
    const key = await server.makeKey('server');
    const reader = await server.connect(key.secret);
    await reader.next('welcome');
    await server.delivery.poll();
    await expect.poll(async () => (await listKey(key.id))?.lastUsedAt).not.toBeNull();
    const first = (await listKey(key.id))?.lastUsedAt;
    server.setClock(-3_600_000);
    server.shift(60_000);
    await server.delivery.poll();
    await expect.poll(async () => (await listKey(key.id))?.lastUsedAt).not.toBe(first);
    server.setClock(0);
    reader.socket.close();
  });
});
