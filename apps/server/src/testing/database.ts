/** A fresh, migrated database for one test file. Real commits, real notifications: nothing is rolled back. */

import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import postgres from 'postgres';
import { inject } from 'vitest';
import { createPool, type Database, type Sql } from '../db/client.ts';

export interface TestDatabase {
  readonly url: string;
  readonly sql: Sql;
  readonly db: Database;
  /** Ends the connections and drops the database. */
  close(): Promise<void>;
}

/**
 * Call it in `beforeAll` (or per test where a file needs several) and `close` it in `afterAll`.
 * @param migrated false gives a database without tables
 */
export async function testDatabase({ migrated = true }: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { adminUrl, template } = inject('testServer');
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, `create database ${name} template ${migrated ? template : 'template1'}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const { sql, db } = createPool({
    url: url.href,
    applicationName: 'yardarm test',
    maxConnections: 8,
    log: pino({ level: 'warn' }),
  });
  return {
    url: url.href,
    sql,
    db,
    close: async () => {
      await sql.end({ timeout: 5 });
      await asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function asAdmin(adminUrl: string, command: string): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(command);
  } finally {
    await admin.end();
  }
}
