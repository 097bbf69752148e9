/**
 * Gives the database tests one PostgreSQL per run and one migrated template in it; each test file then clones the
 * template (database.ts). Which PostgreSQL: TEST_DATABASE_URL, else a container where Docker answers, else the
 * programs that the server brings, else those of the machine. TEST_DB=docker|embedded|system forces one, and then
 * failing is an error. One line says which, so that nobody believes something was exercised that was not.
 */

import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { migrateDatabase } from '../db/migrate.ts';
import { chooseTestServer } from './test-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `adminUrl` may create databases; `template` is the migrated one. */
    testServer: { readonly adminUrl: string; readonly template: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await chooseTestServer(process.env);
  process.stdout.write(`test database: ${server.description}\n`);
  const template = `yardarm_test_${randomBytes(6).toString('hex')}`;
  const admin = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`create database ${template}`);
    await migrateDatabase(databaseUrl(server.adminUrl, template), pino({ level: 'warn' }));
  } catch (error) {
    await admin.end();
    await server.stop();
    throw error;
  }
  project.provide('testServer', { adminUrl: server.adminUrl, template });
  return async () => {
    await admin.unsafe(`drop database if exists ${template} with (force)`);
    await admin.end();
    await server.stop();
  };
}

function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
