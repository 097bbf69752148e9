import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { createRemoteUse } from './remote-use.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('notes each way of a key once an hour, and again soon where it could not be written', async () => {
  let nowMs = 0;
  let writes = 0;
  const { db, sql } = database;
  const counting = {
    execute: (query: Parameters<typeof db.execute>[0]) => {
      writes++;
      return db.execute(query);
    },
  } as unknown as typeof db;
  const use = createRemoteUse({ db: counting, log, monotonicMs: () => nowMs });
  const key = { id: randomUUID(), environmentId: randomUUID() };
  const note = async (atMs: number) => {
    nowMs = atMs;
    use.note(key, 'ofrep');
    use.note(key, 'flagd');
    use.note(key, 'flagd');
    await use.settled();
    return writes;
  };
  expect([await note(0), await note(3_599_999), await note(3_600_000)]).toEqual([2, 2, 4]);
  const rows = await sql<{ way: string }[]>`select way from remote_uses where key_id = ${key.id} order by way`;
  expect(rows.map(({ way }) => way)).toEqual(['flagd', 'ofrep']);
  await sql`alter table remote_uses rename to away`;
  expect(await note(8_000_000)).toBe(6);
  await sql`alter table away rename to remote_uses`;
  expect([await note(8_009_999), await note(8_010_000)]).toEqual([6, 8]);
});
