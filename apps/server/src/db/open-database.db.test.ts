import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { openDatabase } from './open-database.ts';

describe('openDatabase with DATABASE_URL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('opens it, limits every session, and describes it without its password', async () => {
    const opened = await open(database.url);
    const [row] = await opened.sql`select current_setting('statement_timeout') as limit`;
    expect(row).toEqual({ limit: '5s' });
    const { host, pathname, password } = new URL(database.url);
    expect(opened.description).toMatch(/^PostgreSQL at /);
    expect(opened.description).toContain(`${host}${pathname}`);
    expect(opened.description).not.toContain(password);
    await opened.close();
    await opened.close();
  });

  it('refuses a database that does not exist at once, in one sentence without the password', async () => {
    const url = new URL(database.url);
    url.pathname = '/nowhere';
    const refusal = await open(url.href).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal).toContain('/nowhere cannot be used (database "nowhere" does not exist)');
    expect(refusal).toContain('correct its name in DATABASE_URL');
    expect(refusal).not.toContain(url.password);
  });

  it('stops waiting for a database that does not answer when the server is told to stop', async () => {
    const stopping = new AbortController();
    const opening = open('postgres://nobody@127.0.0.1:1/nothing', stopping.signal);
    stopping.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });

  async function open(databaseUrl: string, signal = new AbortController().signal) {
    const opened = await openDatabase({
      config: { databaseUrl, dataDirectory: '/nonexistent' },
      log: pino({ level: 'silent' }),
      searchPath: '',
      onLost: () => {},
      signal,
    });
    await opened.answers().catch(async (error) => {
      await opened.close();
      throw error;
    });
    return opened;
  }
});
