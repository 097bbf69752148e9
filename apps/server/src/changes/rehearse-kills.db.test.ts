import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '../db/client.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, TEST_TOKEN, type TestApp, testApp } from '../testing/test-app.ts';
import { startWatchedProxy } from '../testing/watched-proxy.ts';
import { type Rehearsals, startRehearsals } from './rehearse-kills.ts';

const log = pino({ level: 'silent' });
const IN_PRODUCTION = '/projects/web/flags/checkout/environments/production';

let server: TestApp;
let kills: Pool;
let rehearsals: Rehearsals;
beforeAll(async () => {
  server = await testApp(async ({ url }) => {
    // One, so that what is asked of it is answered by the connection that kills.
    kills = createPool({ url, applicationName: 'kills', maxConnections: 1, log });
    return { killDb: kills.db };
  });
  await makeProject(server, 'web');
  for (const flag of ['checkout', 'search', 'basket']) {
    await makeFlag(server, 'web', flag);
    await server.must('POST', `/projects/web/flags/${flag}/environments/production/unkill`);
  }
});
afterAll(async () => {
  await kills.sql.end({ timeout: 1 });
  await server.close();
});

const prepared = async () => {
  const rows = await kills.sql<{ statement: string }[]>`select statement from pg_prepared_statements order by prepare_time`;
  return rows.map(({ statement }) => statement);
};

it('leaves nothing behind, and nothing for the first kill to prepare: by a token, by a session, of one flag or of several', async () => {
  const signedIn = await server.call('POST', '/session', { token: null, body: { token: TEST_TOKEN } });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] as string;
  const before = await readRecord(server);
  rehearsals = startRehearsals({ killDb: kills.db, connections: 1, now: () => server.clock.nowMs, log });
  // From here on only where a test says so.
  await rehearsals.close();
  await rehearsals.look();
  expect(await readRecord(server)).toEqual(before);
  await prepared();
  const known = await prepared();
  expect(known.length).toBeGreaterThan(10);

  const asSession = { token: null, headers: { cookie, host: 'yardarm.test', origin: 'http://yardarm.test' } };
  await server.must('POST', `${IN_PRODUCTION}/kill`, asSession);
  await server.must('POST', '/projects/web/flags/search/environments/production/kill');
  await server.must('POST', '/projects/web/environments/production/kill', { body: { flags: ['basket'] } });
  expect(await prepared()).toEqual(known);
});

it('rehearses once on a connection, and again on the one that takes its place', async () => {
  const xids = async () => (await server.sql`select pg_current_xact_id()::text::int as id`)[0]?.id;
  const spent = async (work: () => Promise<void>) => {
    const before = await xids();
    await work();
    return (await xids()) - before - 1;
  };
  expect(await spent(() => rehearsals.look())).toBe(0);
  await server.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'kills %'`;
  await expect.poll(() => spent(() => rehearsals.look()), { timeout: 10_000 }).toBeGreaterThan(5);
  expect(await spent(() => rehearsals.look())).toBe(0);
});

it('asks a connection that is rehearsed one question, outside of a transaction', async () => {
  const sent: string[] = [];
  const proxy = await startWatchedProxy(server.url, (to, packet) => {
    if (to === 'database') sent.push(packet.toString('latin1'));
  });
  const watched = createPool({ url: proxy.url, applicationName: 'watched', maxConnections: 1, log });
  const looks = startRehearsals({ killDb: watched.db, connections: 1, now: () => server.clock.nowMs, log });
  await looks.close();
  await looks.look();
  // A first one has to be described.
  await looks.look();
  sent.length = 0;
  await looks.look();
  expect(sent).toEqual([expect.not.stringContaining('begin')]);
  await watched.sql.end({ timeout: 1 });
  await proxy.close();
});

it('gives up at once where somebody holds what it needs, and does not keep a kill waiting', async () => {
  await server.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'kills %'`;
  await server.must('POST', `${IN_PRODUCTION}/unkill`);
  const held = await server.sql.reserve();
  await held`begin`;
  await held`lock table projects in share row exclusive mode`;
  const looked = rehearsals.look();
  await server.must('POST', `${IN_PRODUCTION}/kill`);
  await looked;
  await held`rollback`;
  held.release();
});
