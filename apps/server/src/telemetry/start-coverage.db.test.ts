import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import type { KindCoverage, Reader } from './coverage.ts';
import { type Coverage, startCoverage } from './start-coverage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
const started: Coverage[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((coverage) => coverage.close()));
});
afterAll(() => database.close());

/** A server to which one instance is connected. Its clock, and by it what the database says, can be moved. */
function start() {
  const { sql, db } = database;
  const [keyId, environmentId] = [randomUUID(), randomUUID()];
  let aheadMs = 0;
  let looks = 0;
  const nowMs = () => Date.now() + aheadMs;
  let connectedAtMs: number | null = nowMs();
  const readers = (): Reader[] => {
    looks++;
    if (connectedAtMs === null) return [];
    const app = { name: null, version: null, commit: null };
    return [{ keyId, keyKind: 'server', environmentId, instance: 'i', sdk: 'test/1', app, connectedAtMs }];
  };
  started.push(startCoverage({ db, name: null, readers, databaseNow: nowMs, everyMs: 5, log: pino({ level: 'silent' }) }));
  /** A look that began after this call is over. */
  async function looked(): Promise<void> {
    const before = looks;
    await expect.poll(() => looks, { interval: 5, timeout: 10_000 }).toBeGreaterThan(before + 1);
  }
  return {
    nowMs,
    pass: (ms: number) => {
      aheadMs += ms;
    },
    report: () => sql`
      insert into telemetry_instances (key_id, instance, environment_id, key_kind, sdk, app, app_version, app_commit, last_seq, heard_at)
      values (${keyId}, 'i', ${environmentId}, 'server', '', '', '', '', 1, ${new Date(nowMs()).toISOString()}::timestamptz)
      on conflict (key_id, instance) do update set heard_at = excluded.heard_at`,
    cut: () => {
      connectedAtMs = null;
    },
    connect: () => {
      connectedAtMs = nowMs();
    },
    looked,
    /** What is written now; undefined where nobody is connected. */
    look: async () => {
      await looked();
      const [row] = await sql<{ server: KindCoverage }[]>`
        select coverage -> 'server' as server from telemetry_coverage where environment_id = ${environmentId}`;
      return row?.server;
    },
  };
}

describe('an instance that is connected', () => {
  it('reports while it was heard within two and a half hours', async () => {
    const server = start();
    expect(await server.look()).toMatchObject({ reporting: 0, awaited: 1 });
    await server.report();
    expect(await server.look()).toMatchObject({ reporting: 1, awaited: 0 });
    server.pass(1.9 * HOUR_MS);
    expect(await server.look()).toMatchObject({ reporting: 1 });
    await server.report();
    server.pass(1.9 * HOUR_MS);
    expect(await server.look()).toMatchObject({ reporting: 1 });
    server.pass(0.7 * HOUR_MS);
    expect(await server.look()).toMatchObject({ reporting: 0, silent: 1, silentInstances: [{ instance: 'i' }] });
    await server.report();
    expect(await server.look()).toMatchObject({ reporting: 1, silent: 0 });
  });

  it('is not silent because the database was away, before it had the time to come back to it', async () => {
    const server = start();
    await server.report();
    expect(await server.look()).toMatchObject({ reporting: 1 });
    await database.sql`alter table telemetry_instances rename to away`;
    await database.sql`alter table telemetry_coverage rename to away_too`;
    // A look fails, and then the time passes.
    await server.looked();
    server.pass(3 * HOUR_MS);
    await server.looked();
    await database.sql`alter table away rename to telemetry_instances`;
    await database.sql`alter table away_too rename to telemetry_coverage`;
    expect(await server.look()).toMatchObject({ reporting: 1, silent: 0 });
    server.pass(11 * MINUTE_MS);
    expect(await server.look()).toMatchObject({ reporting: 0, silent: 1 });
  });

  it('is silent for as long as it was connected in all, however often its stream was cut', async () => {
    const server = start();
    await server.look();
    for (let connections = 0; connections < 2; connections++) {
      server.pass(10 * MINUTE_MS);
      await server.look();
      server.cut();
      expect(await server.look()).toBeUndefined();
      server.connect();
    }
    const measured = await server.look();
    expect(measured).toMatchObject({ silent: 1, awaited: 0 });
    const forMs = server.nowMs() - (measured?.silentInstances[0]?.connectedAtMs ?? Number.NaN);
    expect(Math.round(forMs / MINUTE_MS)).toBe(20);
  });
});
