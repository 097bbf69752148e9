/** Requests that the database keeps waiting: how long each waits, and what becomes of those that come on top. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool, type Sql } from '../db/client.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const UNAVAILABLE = { status: 503, code: 'unavailable' };
const IN_PRODUCTION = '/projects/web/flags/checkout/environments/production';

let server: TestApp;
let kills: Pool;
beforeAll(async () => {
  server = await testApp(async ({ url }) => {
    kills = createPool({ url, applicationName: 'kills', maxConnections: 2, log: pino({ level: 'silent' }) });
    return { killDb: kills.db };
  });
  await makeProject(server, 'web', ['production', 'staging']);
  await makeFlag(server, 'web', 'checkout');
});
afterAll(async () => {
  await kills.sql.end({ timeout: 1 });
  await server.close();
});

/** Holds a lock until `work` is done, in a connection of its own. */
async function whileHeld<T>(lock: (tx: Sql) => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  const held = await server.sql.reserve();
  await held`begin`;
  try {
    await lock(held);
    return await work();
  } finally {
    await held`rollback`;
    held.release();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startedMs = performance.now();
  const answer = await work();
  return { answer, tookMs: performance.now() - startedMs };
}

describe('a head that somebody keeps locked', () => {
  const lockHead = (tx: Sql) => tx`select from environment_heads where environment_id =
    (select id from environments where key = 'production') for update`;

  it('holds a change up for 2 s and a kill for 10 s, with its turn 14.5 s; all are told when to come back, and none is made later', async () => {
    await server.must('POST', `${IN_PRODUCTION}/unkill`);
    const before = await readRecord(server);
    const unkill = () => server.call('POST', `${IN_PRODUCTION}/unkill`, { body: { reason: 'Launch' } });
    const kill = () => server.call('POST', `${IN_PRODUCTION}/kill`, { body: {} });
    // More than two wait for one of their connections as well, which those before them hold for 10 s.
    const all = [unkill, kill, kill, kill, kill].map((work) => () => timed(work));
    const answers = await whileHeld(lockHead, () => Promise.all(all.map((work) => work())));
    for (const { answer } of answers) {
      expect(refusal(answer)).toEqual(UNAVAILABLE);
      expect(answer.headers['retry-after']).toBe('1');
    }
    const [change, ...killed] = answers.map(({ tookMs }) => tookMs);
    expect(change).toBeLessThan(4_000);
    expect(Math.min(...killed)).toBeGreaterThan(9_000);
    // 14.5 s, and what a busy machine takes to say so; without that limit the last would wait for 20.
    expect(Math.max(...killed)).toBeLessThan(17_000);
    // The line for its connections is through when something that was sent behind them comes back from each.
    await Promise.all([1, 2].map(() => kills.sql.begin((tx) => tx`select pg_sleep(0.1)`)));
    expect(await readRecord(server)).toEqual(before);
    expect((await kill()).statusCode).toBe(200);
  });
});

describe('a database that keeps every connection waiting', () => {
  const lockTable = (tx: Sql) => tx`lock table environments in access exclusive mode`;
  const list = () => timed(() => server.call('GET', '/projects/web/environments'));

  it('has requests wait for less than 10 s, and those beyond the first hundred not at all', async () => {
    const answers = await whileHeld(lockTable, () => Promise.all(Array.from({ length: 150 }, list)));
    for (const { answer, tookMs } of answers) {
      expect(refusal(answer)).toEqual(UNAVAILABLE);
      expect(answer.headers['retry-after']).toBe('1');
      expect(tookMs).toBeLessThan(10_000);
    }
    const atOnce = answers.filter(({ answer }) => answer.json().error.message.includes('not begun'));
    expect(atOnce).toHaveLength(50);
    for (const { tookMs } of atOnce) expect(tookMs).toBeLessThan(2_000);
    expect((await list()).answer.statusCode).toBe(200);
  });

  it('is out of the way of kills, which have connections of their own', async () => {
    const lockTeams = (tx: Sql) => tx`lock table teams in access exclusive mode`;
    const [killed, others] = await whileHeld(lockTeams, async () => {
      const waiting = Promise.all(Array.from({ length: 150 }, () => server.call('GET', '/teams')));
      const kill = await timed(() => server.call('POST', `${IN_PRODUCTION}/kill`));
      return [kill, await waiting];
    });
    expect(killed.answer.statusCode).toBe(200);
    expect(killed.tookMs).toBeLessThan(2_000);
    expect(new Set(others.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
  });
});
