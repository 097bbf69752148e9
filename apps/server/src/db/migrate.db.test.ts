import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { migrateDatabase } from './migrate.ts';

const journal = readFileSync(new URL('../../../../migrations/meta/_journal.json', import.meta.url), 'utf8');
const steps: number = JSON.parse(journal).entries.length;

describe('migrateDatabase', () => {
  let database: TestDatabase;
  let lines: string[];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  beforeEach(async () => {
    lines = [];
    database = await testDatabase({ migrated: false });
  });
  afterEach(() => database.close());

  it('makes the tables of an empty database, and does nothing the second time', async () => {
    await migrateDatabase(database.url, log);
    await migrateDatabase(database.url, log);
    expect(await applied()).toBe(steps);
    expect(await database.sql`select * from projects`).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('lets servers that start together take turns', async () => {
    await Promise.all([1, 2, 3].map(() => migrateDatabase(database.url, log)));
    expect(await applied()).toBe(steps);
  });

  it('warns where a newer server has updated the database', async () => {
    await migrateDatabase(database.url, log);
    await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 99999999999999)`;
    await migrateDatabase(database.url, log);
    expect(lines).toEqual([expect.stringContaining('updated by a newer Yardarm')]);
  });

  async function applied(): Promise<number> {
    const [row] = await database.sql`select count(*)::int as steps from drizzle.__drizzle_migrations`;
    return row?.steps;
  }
});
