import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { migrateDatabase } from './migrate.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { SCHEMA_VERSION } from './schema-version.ts';

const migrations = readMigrations();
const released = migrations[0]!;

let database: TestDatabase;
let lines: string[];
const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
beforeEach(async () => {
  lines = [];
  database = await testDatabase({ migrated: false });
});
afterEach(() => database.close());

async function applied(): Promise<number> {
  const [row] = await database.sql`select count(*)::int as steps from drizzle.__drizzle_migrations`;
  return row?.steps;
}
const tables = () => database.sql`select table_name from information_schema.tables where table_schema = 'public'`;

describe('migrateDatabase', () => {
  it('makes the tables of an empty database, and does nothing the second time', async () => {
    await migrateDatabase(database.url, log);
    await migrateDatabase(database.url, log);
    expect(await applied()).toBe(migrations.length);
    expect(await database.sql`select * from projects`).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('lets servers that start together take turns', async () => {
    await Promise.all([1, 2, 3].map(() => migrateDatabase(database.url, log)));
    expect(await applied()).toBe(migrations.length);
  });

  it('brings the schema to the version that the build is made for', async () => {
    await migrateDatabase(database.url, log);
    expect(SCHEMA_VERSION).toBe(migrations.length);
    const [meta] = await database.sql`select version, min_writer from drizzle.schema_meta`;
    expect(meta?.version).toBe(SCHEMA_VERSION);
    expect(meta?.min_writer).toBeLessThanOrEqual(SCHEMA_VERSION);
  });

  it('warns where a newer server has updated the database', async () => {
    await migrateDatabase(database.url, log);
    await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 99999999999999)`;
    await migrateDatabase(database.url, log);
    expect(lines).toEqual([expect.stringContaining('updated by a newer Yardarm')]);
  });

  it('refuses a migration that was edited after it was applied, and names it', async () => {
    await migrateDatabase(database.url, log);
    const edited = [{ ...released, checksum: 'another' }, ...migrations.slice(1)];
    await expect(migrateDatabase(database.url, log, { migrations: edited })).rejects.toThrow(
      `The migration '${released.tag}' is not the one that this database was updated with`,
    );
  });

  it('refuses a database that a build between two releases has updated', async () => {
    await migrateDatabase(database.url, log, {
      migrations: [released, { ...released, tag: '0001_draft', madeAtMs: released.madeAtMs + 1, statements: [] }],
    });
    await expect(migrateDatabase(database.url, log)).rejects.toThrow('a build of Yardarm that was never released');
  });
});

describe('a migration that is cut off', () => {
  /** The migration up to a statement, and then the end of its session. */
  const cutAt = (migration: Migration, place: number): Migration => ({
    ...migration,
    statements: [...migration.statements.slice(0, place), 'select pg_terminate_backend(pg_backend_pid())'],
  });

  it('at any of its statements leaves nothing of itself, and the next start goes on from there', async () => {
    for (const [index, migration] of migrations.entries()) {
      const before = migrations.slice(0, index);
      await migrateDatabase(database.url, log, { migrations: before });
      const tablesBefore = await tables();
      for (let place = 0; place <= migration.statements.length; place += 1) {
        const cut = migrateDatabase(database.url, log, { migrations: [...before, cutAt(migration, place)] });
        await expect(cut).rejects.toThrow();
      }
      expect([await applied(), await tables()]).toEqual([index, tablesBefore]);
    }
    await migrateDatabase(database.url, log);
    expect(await applied()).toBe(migrations.length);
  });

  it('at a random moment is made good by the next start', async () => {
    for (let round = 0; round < 10; round += 1) {
      const running = migrateDatabase(database.url, log).catch(() => undefined);
      await delay(Math.random() * 120);
      await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'yardarm migration' and datname = current_database()`;
      await running;
    }
    await migrateDatabase(database.url, log);
    expect(await applied()).toBe(migrations.length);
  });
});

describe('a long transaction', () => {
  const step: Migration = {
    ...{ tag: '9999_step', madeAtMs: 99999999999999, checksum: 'x', minWriter: null },
    statements: ['alter table projects add column extra int'],
  };

  it('holds the update up and not the application: readers pass while the migration waits', async () => {
    await migrateDatabase(database.url, log);
    const long = await database.sql.reserve();
    await long`begin`;
    await long`select * from projects`;
    const updating = migrateDatabase(database.url, log, { migrations: [...migrations, step] });
    await vi.waitUntil(() => lines.length > 0, { timeout: 10_000 });
    expect(lines[0]).toContain('a long transaction holds what the schema update needs');
    const startedMs = performance.now();
    await database.sql`select * from projects`;
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    await long`commit`;
    long.release();
    await updating;
    expect(await applied()).toBe(migrations.length + 1);
  });

  it('that does not end is named after the patience has run out', async () => {
    await migrateDatabase(database.url, log);
    const long = await database.sql.reserve();
    await long`begin`;
    await long`select * from projects`;
    const updating = migrateDatabase(database.url, log, { migrations: [...migrations, step], patienceMs: 100 });
    await expect(updating).rejects.toThrow("step '9999_step' did not get its locks within 0.1 s");
    await long`rollback`;
    long.release();
  });
});
