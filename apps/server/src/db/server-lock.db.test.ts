import { hostname } from 'node:os';
import { pino } from 'pino';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { ADVISORY_LOCK_CLASS, SERVER_LOCK } from './advisory-locks.ts';
import { holdServerLock, type ServerLock } from './server-lock.ts';

const log = pino({ level: 'silent' });

describe('holdServerLock', () => {
  let database: TestDatabase;
  let held: ServerLock[];
  let lost: string[];
  beforeEach(async () => {
    database = await testDatabase({ migrated: false });
    held = [];
    lost = [];
  });
  afterEach(async () => {
    for (const lock of held) await lock.release();
    await database.close();
  });

  it('refuses a second server at once and names the first', async () => {
    await hold();
    const sentence = `The data directory '/srv/data' is in use by another server (yardarm server, process ${process.pid} on ${hostname()}`;
    await expect(hold()).rejects.toThrow(sentence.slice(0, 80));
    await expect(hold()).rejects.toThrow('set YARDARM_DATA_DIR to another folder');
  });

  it('lets the next server in after a release', async () => {
    await (await hold()).release();
    await expect(hold()).resolves.toBeDefined();
  });

  it('waits for the session of a server that has just been killed', async () => {
    const deadPid = 2 ** 22 + 1;
    const ghost = await lockAs(`yardarm server, process ${deadPid} on ${hostname()}`);
    const waiting = hold();
    await database.sql`select pg_sleep(0.3)`;
    await ghost.end();
    await expect(waiting).resolves.toBeDefined();
  });

  it('takes the lock back after its session was ended', async () => {
    await hold();
    await endHolder();
    await expect.poll(holders, { timeout: 10_000 }).toEqual([expect.stringContaining(`process ${process.pid}`)]);
    expect(lost).toEqual([]);
  });

  it('says so when another server took the lock meanwhile', async () => {
    await hold();
    await database.sql.begin(async (sql) => {
      // The other server queues for the lock, so it has it the moment that ours is gone.
      const other = lockAs(`yardarm server, process ${process.ppid} on ${hostname()}`);
      await expect
        .poll(async () => (await sql`select 1 from pg_locks where not granted and locktype = 'advisory'`).length)
        .toBe(1);
      await endHolder();
      const session = await other;
      await expect.poll(() => lost, { timeout: 10_000 }).toEqual([expect.stringContaining(`process ${process.ppid}`)]);
      await session.end();
    });
  });

  async function hold(): Promise<ServerLock> {
    const lock = await holdServerLock({
      url: database.url,
      dataDirectory: '/srv/data',
      log,
      onLost: (sentence) => lost.push(sentence),
    });
    held.push(lock);
    return lock;
  }

  async function lockAs(applicationName: string) {
    const sql = postgres(database.url, { max: 1, connection: { application_name: applicationName.slice(0, 63) } });
    await sql`select pg_advisory_lock(${ADVISORY_LOCK_CLASS}, ${SERVER_LOCK})`;
    return sql;
  }

  async function holders(): Promise<string[]> {
    const rows = await database.sql`
      select application_name as name from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and datname = current_database()`;
    return rows.map((row) => row.name);
  }

  async function endHolder(): Promise<void> {
    await database.sql`
      select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and datname = current_database()`;
  }
});
