import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql as statement } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { createPool, type Pool } from './client.ts';

const ROUNDS = 10;

// What patches/postgres@3.4.9.patch is for: each of these ended the process, hung or mixed answers up without it.
describe('a connection that is lost in a transaction', () => {
  let database: TestDatabase;
  let proxy: CuttableProxy;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    await database.sql`create table steps (n int primary key)`;
    const { hostname, port } = new URL(database.url);
    proxy = await startCuttableProxy({ host: hostname, port: Number(port) });
  });
  beforeEach(() => {
    const url = new URL(database.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const log = pino({ level: 'silent' });
    // One connection, so that whatever it is left in meets the next query.
    pool = createPool({ url: url.href, applicationName: 'lost', maxConnections: 1, log });
  });
  afterEach(() => pool.sql.end({ timeout: 1 }));
  afterAll(async () => {
    await proxy.close();
    await database.close();
  });

  const lose = { 'by a reset': () => proxy.cut(), 'by its back end': endBackEnds };
  async function endBackEnds(): Promise<void> {
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'lost %'`;
  }

  const untilAnswered = () =>
    vi.waitUntil(
      () =>
        pool.sql`select 1`.then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    );

  it.each(Object.entries(lose))('%s fails that transaction and leaves the pool sound', async (_title, loseAll) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const lost = pool.db.transaction(async (tx) => {
        await tx.execute(statement`select 1`);
        await loseAll();
        // With a query under way, and with none when the connection ends.
        if (round % 2 === 0) await delay(5);
        await tx.execute(statement`select 2`);
      });
      await expect(lost).rejects.toThrow();
      proxy.mend();
      await untilAnswered();
      const answers = await Promise.all([3, 4, 5].map((n) => pool.sql`select ${n}::int as n`.then(([row]) => row?.n)));
      expect(answers).toEqual([3, 4, 5]);
    }
  });

  it('renews its connections when they swallow everything, and only then', async () => {
    const backEnd = async () => (await pool.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid;
    const before = await backEnd();
    await pool.renewIfStuck(1_000);
    expect(await backEnd()).toBe(before);
    proxy.stall();
    const swallowed = pool.db.transaction((tx) => tx.execute(statement`select 1`)).catch((error: Error) => error);
    await pool.renewIfStuck(200);
    expect(await swallowed).toBeInstanceOf(Error);
    expect(await backEnd()).not.toBe(before);
    const [row] = await pool.db.execute<{ at: string }>(statement`select '2030-01-01'::timestamptz as at`);
    expect(typeof row?.at).toBe('string');
  });

  it('leaves connections alone on which the database is at work, however long that takes', async () => {
    const working = pool.sql`select 'done' as said, pg_sleep(2)`.then(([row]) => row?.said);
    void pool.renewIfStuck(200);
    expect(await working).toBe('done');
  });

  it('renews them although a pool of the same name in another server is at work', async () => {
    const log = pino({ level: 'silent' });
    const other = createPool({ url: database.url, applicationName: 'lost', maxConnections: 1, log });
    await pool.sql`select 1`;
    const working = other.sql`select pg_sleep(3)`.execute();
    proxy.stall();
    const swallowed = pool.sql`select 1`.then(String, (error: Error) => error);
    await pool.renewIfStuck(200);
    expect(await swallowed).toBeInstanceOf(Error);
    await working;
    await other.sql.end({ timeout: 1 });
  });

  it('renews them where one swallows everything, and what the others are at ends', async () => {
    const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href;
    const log = pino({ level: 'silent' });
    const three = createPool({ url, applicationName: 'three', maxConnections: 3, statementTimeoutMs: 3_000, log });
    const onAll = (seconds: number) => Promise.allSettled([1, 2, 3].map(() => three.sql`select pg_sleep(${seconds})`));
    const fates = async (seconds: number) => (await onAll(seconds)).map(({ status }) => status).sort();
    expect(await fates(0.1)).toEqual(Array(3).fill('fulfilled'));
    proxy.stall(1);
    const asked = fates(1.5);
    await three.renewIfStuck(200);
    expect(await asked).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await fates(0.1)).toEqual(Array(3).fill('fulfilled'));
    await three.sql.end({ timeout: 1 });
  });

  it('writes nothing of it afterwards, although another transaction has the connection by then', async () => {
    let late: Promise<unknown> | undefined;
    const lost = pool.db.transaction(async (tx) => {
      await tx.execute(statement`insert into steps values (1)`);
      late = (async () => {
        await endBackEnds();
        await untilAnswered();
        await pool.db.transaction(async (other) => {
          await other.execute(statement`insert into steps values (10)`);
          await tx.execute(statement`insert into steps values (2)`).catch(() => undefined);
          await other.execute(statement`insert into steps values (11)`);
        });
      })();
      await late;
    });
    await expect(lost).rejects.toThrow();
    await late;
    expect((await database.sql`select n from steps order by n`).map(({ n }) => n)).toEqual([10, 11]);
  });
});

it('gives a statement to the connection that was used last, whose caches are warm', async () => {
  const database = await testDatabase();
  const pool = createPool({ url: database.url, applicationName: 'warm', maxConnections: 3, log: pino({ level: 'silent' }) });
  const backEnd = async () => (await pool.sql<{ pid: number }[]>`select pg_backend_pid() as pid from pg_sleep(0.05)`)[0]!.pid;
  try {
    expect(new Set(await Promise.all([backEnd(), backEnd(), backEnd()])).size).toBe(3);
    const used = new Set<number>();
    for (let times = 0; times < 4; times += 1) used.add(await backEnd());
    expect(used.size).toBe(1);
    // And nothing is lost of the others.
    expect(new Set(await Promise.all([backEnd(), backEnd(), backEnd()])).size).toBe(3);
  } finally {
    await pool.sql.end({ timeout: 1 });
    await database.close();
  }
});

it('keeps nothing of a statement that failed', async () => {
  const database = await testDatabase();
  const pool = createPool({ url: database.url, applicationName: 'failing', maxConnections: 1, log: pino({ level: 'silent' }) });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const usedBytes = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  // Each a text of its own in memory, which `repeat` would share.
  const fail = async () => {
    // Not by `rejects`, which keeps the error, with the text in it, until the test ends.
    const problem = await pool.sql.unsafe(`${Buffer.alloc(100_000, ' ')}select nothing`).catch((error: Error) => error.message);
    expect(problem).toContain('nothing');
  };
  try {
    await fail();
    const before = usedBytes();
    for (let times = 0; times < 100; times += 1) await fail();
    // Of 10 MB that were asked.
    expect(usedBytes() - before).toBeLessThan(5_000_000);
  } finally {
    await pool.sql.end({ timeout: 1 });
    await database.close();
  }
});

describe('prepared statements', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await testDatabase();
    const log = pino({ level: 'silent' });
    pool = createPool({ url: database.url, applicationName: 'prepared', maxConnections: 1, log });
  });
  afterAll(async () => {
    await pool.sql.end({ timeout: 1 });
    await database.close();
  });

  async function prepared(of: string): Promise<number> {
    const rows = await pool.db.execute(statement.raw(`select from pg_prepared_statements where statement like '/* ${of} */%'`));
    return rows.length;
  }
  const sum = (of: string, count: number) => {
    const numbers = Array.from({ length: count }, (_, index) => statement`${index}::int`);
    return statement`${statement.raw(`/* ${of} */`)} select ${statement.join(numbers, statement` + `)}`;
  };

  it('are what statements with few parameters become, in transactions and in nested ones as well', async () => {
    await pool.db.execute(sum('alone', 3));
    await pool.db.transaction(async (tx) => {
      await tx.execute(sum('inside', 3));
      await tx.transaction((nested) => nested.execute(sum('nested', 3)));
    });
    expect([await prepared('alone'), await prepared('inside'), await prepared('nested')]).toEqual([1, 1, 1]);
  });

  it('are not made for statements with a parameter for each of many rows', async () => {
    await pool.db.execute(sum('many', 25));
    expect(await prepared('many')).toBe(0);
  });
});
