import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import Fastify from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../db/client.ts';
import { projects } from '../db/schema.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { createNotificationHub } from './notification-hub.ts';
import { registerNotificationRoutes } from './notification-routes.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
/** Of one connection, so that queries are answered in the order in which they were asked. */
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ url: database.url, applicationName: 'routes under test', maxConnections: 1, log });
  await database.db.insert(projects).values({ key: 'shop', name: 'Shop' });
});
afterAll(async () => {
  await pool.sql.end({ timeout: 1 });
  await database.close();
});

test('a reader that left before its stream was opened is not kept', async () => {
  const hub = createNotificationHub({ db: pool.db, log, monotonicMs: () => performance.now() });
  const add = vi.spyOn(hub, 'add');
  const app = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  const answers: ServerResponse[] = [];
  app.addHook('onRequest', async (_request, reply) => {
    answers.push(reply.raw);
  });
  registerNotificationRoutes(app, { db: pool.db, hub, isStillAllowed: async () => true });
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/v1/projects/shop/stream`;

  const impatient = new AbortController();
  await database.sql.begin(async (tx) => {
    await tx`lock table projects in access exclusive mode`;
    const opening = fetch(url, { signal: impatient.signal });
    await vi.waitUntil(() => answers.length === 1);
    impatient.abort();
    await Promise.all([expect(opening).rejects.toThrow(), once(answers[0]!, 'close')]);
  });
  const patient = new AbortController();
  await fetch(url, { signal: patient.signal });
  expect(add).toHaveBeenCalledTimes(1);
  hub.close();
  await app.close();
});
