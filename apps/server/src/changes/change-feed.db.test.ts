import { sql as statement } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../db/client.ts';
import { environmentHeads, environments, projects, sdkKeys } from '../db/schema.ts';
import { startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { type ChangeFeed, type Heads, startChangeFeed } from './change-feed.ts';
import { CANARY_TIMES, type CanaryTimes } from './change-listener.ts';
import { CHANGE_CHANNEL } from './record-change.ts';

const log = pino({ level: 'silent' });
const clocks = { now: Date.now, monotonicMs: () => performance.now() };
let database: TestDatabase;
/** Of the feed alone, so that a test can end its sessions. */
let pool: Pool;
let environmentId: string;
let feed: ChangeFeed | undefined;

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, applicationName: 'feed under test', maxConnections: 2, log });
  const { db } = database;
  const [project] = await db.insert(projects).values({ key: 'shop', name: 'Shop' }).returning();
  const [environment] = await db
    .insert(environments)
    .values({ projectId: project!.id, key: 'production', name: 'Production', position: 0 })
    .returning();
  environmentId = environment!.id;
  await db.insert(environmentHeads).values({ environmentId, epoch: '1-a', revision: 1 });
});
afterEach(() => feed?.close());
afterAll(async () => {
  await pool.sql.end({ timeout: 1 });
  await database.close();
});

interface Start {
  readonly onHeads?: (heads: Heads) => Promise<void>;
  readonly listenUrl?: string;
  readonly canary?: CanaryTimes;
}

/** A feed that keeps what it found, has polled and listens. */
async function start({ onHeads = async () => undefined, listenUrl = database.url, canary = CANARY_TIMES }: Start = {}) {
  const found: Heads[] = [];
  const keep = async (heads: Heads) => {
    found.push(heads);
    await onHeads(heads);
  };
  feed = startChangeFeed({ ...pool, listenUrl, canary, log, ...clocks, onHeads: keep });
  await feed.poll();
  await vi.waitUntil(async () => (await listeners()).length > 0, { timeout: 10_000 });
  return { feed, found, seen: () => found.at(-1)?.heads[0]?.revision };
}

const advance = () => database.db.update(environmentHeads).set({ revision: statement`revision + 1` }).returning();
const listeners = () => database.sql<{ pid: number }[]>`
  select pid from pg_stat_activity
  where datname = current_database() and application_name = 'yardarm listener' and query like 'listen %'`;

describe('startChangeFeed', () => {
  test('finds the heads, the instance and what the database clock says', async () => {
    const { found } = await start();
    const [head] = await database.db.select().from(environmentHeads);
    const committedAtMs = head?.committedAt.getTime();
    expect(found[0]).toMatchObject({
      heads: [{ environmentId, epoch: '1-a', revision: 1, committedAtMs }],
      keysFingerprint: '0 0',
    });
    expect(Math.abs(found[0]!.clockOffsetMs)).toBeLessThan(1_000);
  });

  test('sees a change whose notification was never sent', async () => {
    const { seen } = await start();
    const [head] = await advance();
    await vi.waitUntil(() => seen() === head!.revision, { timeout: 20_000 });
  });

  test('polls when it is notified, without waiting for the next second', async () => {
    const timers = vi.spyOn(globalThis, 'setInterval').mockReturnValueOnce(0 as never);
    const { seen } = await start();
    timers.mockRestore();
    const [head] = await advance();
    await database.sql.notify(CHANGE_CHANNEL, '');
    await vi.waitUntil(() => seen() === head!.revision, { timeout: 20_000 });
  });

  test('listens again after its connection was lost, and looks at once for what it missed', async () => {
    const timers = vi.spyOn(globalThis, 'setInterval').mockReturnValueOnce(0 as never);
    const { seen } = await start();
    timers.mockRestore();
    const [before] = await listeners();
    const [missed] = await advance();
    await database.sql`select pg_terminate_backend(${before!.pid})`;
    await vi.waitUntil(() => seen() === missed!.revision, { timeout: 10_000 });
    const [head] = await advance();
    await database.sql.notify(CHANGE_CHANNEL, '');
    await vi.waitUntil(() => seen() === head!.revision, { timeout: 20_000 });
    expect((await listeners()).map(({ pid }) => pid)).not.toEqual([before!.pid]);
  });

  test('replaces a listener that hears nothing any more, without a word from its socket, and looks at once', async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
    const listenUrl = new URL(database.url);
    listenUrl.hostname = '127.0.0.1';
    listenUrl.port = String(proxy.port);
    const timers = vi.spyOn(globalThis, 'setInterval').mockReturnValueOnce(0 as never);
    const { seen } = await start({ listenUrl: listenUrl.href, canary: { everyMs: 200, patienceMs: 500 } });
    timers.mockRestore();
    proxy.stall();
    const [missed] = await advance();
    await database.sql.notify(CHANGE_CHANNEL, '');
    await vi.waitUntil(() => seen() === missed!.revision, { timeout: 10_000 });
    const [head] = await advance();
    await vi.waitUntil(
      async () => {
        await database.sql.notify(CHANGE_CHANNEL, '');
        return seen() === head!.revision;
      },
      { timeout: 10_000 },
    );
    await feed?.close();
    await proxy.close();
  });

  test('prints no notice of the database between the lines of the log', async () => {
    const name = new URL(database.url).pathname.slice(1);
    // New sessions are told something at each statement, as those of a server that crashes are told why they end.
    await database.sql.unsafe(`alter database ${name} set client_min_messages = 'debug5'`);
    const printed = vi.spyOn(console, 'log').mockReturnValue(undefined);
    await start();
    const calls = [...printed.mock.calls];
    printed.mockRestore();
    await database.sql.unsafe(`alter database ${name} reset client_min_messages`);
    expect(calls).toEqual([]);
  });

  test('runs one poll at a time, and one more for everything that was asked meanwhile', async () => {
    let running = 0;
    let most = 0;
    const { feed: started, found } = await start({
      onHeads: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
    });
    const before = found.length;
    await Promise.all(Array.from({ length: 20 }, () => started.poll()));
    expect(most).toBe(1);
    expect(found.length - before).toBeLessThanOrEqual(3);
  });

  test('answers a poll only after one that began after the question', async () => {
    const { feed: started, seen } = await start();
    void started.poll();
    const [head] = await advance();
    await started.poll();
    expect(seen()).toBe(head!.revision);
  });

  test('goes on after a failure, and is silent as long as it fails', async () => {
    let failing = true;
    const { feed: started } = await start({
      onHeads: async () => {
        if (failing) throw new Error('of the test');
      },
    });
    expect(started.silentMs()).toBe(Number.POSITIVE_INFINITY);
    failing = false;
    await started.poll();
    expect(started.silentMs()).toBeLessThan(1_000);
  });

  test('names another fingerprint when a key is made and when it is revoked', async () => {
    const { feed: started, found } = await start();
    const fingerprints = [found.at(-1)!.keysFingerprint];
    const key = { environmentId, kind: 'server' as const, name: 'key', prefix: 'ys_', keyHash: 'hash' };
    await database.db.insert(sdkKeys).values(key);
    await started.poll();
    fingerprints.push(found.at(-1)!.keysFingerprint);
    await database.db.update(sdkKeys).set({ revokedAt: new Date() });
    await started.poll();
    fingerprints.push(found.at(-1)!.keysFingerprint);
    expect(new Set(fingerprints).size).toBe(3);
  });

  test('gives a poll up that is not answered, says so, and goes on over another connection', async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
    const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href;
    const swallowing = createPool({ url, applicationName: 'swallowing', maxConnections: 1, log });
    const onSilence = vi.fn(() => void swallowing.renewIfStuck(100));
    const found: Heads[] = [];
    const onHeads = async (heads: Heads) => void found.push(heads);
    feed = startChangeFeed({ ...swallowing, listenUrl: database.url, log, ...clocks, onHeads, onSilence });
    await feed.poll();
    proxy.stall();
    const [head] = await advance();
    await vi.waitUntil(() => found.at(-1)?.heads[0]?.revision === head!.revision, { timeout: 15_000 });
    expect(onSilence).toHaveBeenCalled();
    await feed.close();
    await swallowing.sql.end({ timeout: 0 });
    await proxy.close();
  });

  test('says again and again that what a poll leads to hangs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const onSilence = vi.fn();
    const onHeads = vi.fn(() => new Promise<void>(() => undefined));
    feed = startChangeFeed({ ...pool, listenUrl: database.url, log, ...clocks, onHeads, onSilence });
    void feed.poll();
    while (onHeads.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    expect(onSilence).toHaveBeenCalledTimes(6);
  });

  test('names another incarnation when the heads are emptied and filled again, as a restore under a running server does', async () => {
    const { feed: started, found } = await start();
    await database.sql.begin(async (tx) => {
      await tx`create temporary table kept on commit drop as select * from environment_heads`;
      await tx`truncate environment_heads`;
      await tx`insert into environment_heads select * from kept`;
    });
    await started.poll();
    expect(found.at(-1)!.incarnation).not.toBe(found[0]!.incarnation);
    expect(found.at(-1)!.heads).toEqual(found[0]!.heads);
  });

  test('closes although the database does not answer', { timeout: 10_000 }, async () => {
    const { feed: started } = await start();
    await database.sql.begin(async (tx) => {
      await tx`lock table environment_heads in access exclusive mode`;
      void started.poll();
      await started.close();
    });
  });

  test('does nothing more once closed', async () => {
    const { feed: started, found } = await start();
    await started.close();
    const before = found.length;
    await started.poll();
    await database.sql.notify(CHANGE_CHANNEL, '');
    expect(found.length).toBe(before);
  });
});
