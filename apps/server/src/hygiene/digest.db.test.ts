import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../db/client.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, type TestApp, testApp } from '../testing/test-app.ts';
import { loadTold } from '../webhooks/load-told.ts';
import { toMessage } from '../webhooks/message.ts';
import { lookAfterHygiene } from './start-hygiene.ts';
import type { Digest } from './tell-owners.ts';

const log = pino({ level: 'silent' });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of the day on which the first flag begins to be expiring, in the morning. */
const START_MS = Date.UTC(2030, 0, 15, 8);
const HOOK = 'http://127.0.0.1:9/hook';

let server: TestApp;
let nowMs: number;
let project = 0;
const name = () => `shop-${project}`;
beforeEach(async () => {
  server ??= await testApp();
  project++;
  await server.sql`truncate hygiene_projects`;
  nowMs = START_MS;
  server.clock.nowMs = START_MS;
  await makeProject(server, name());
  await server.must('POST', `/projects/${name()}/webhooks`, { body: { name: 'all', url: HOOK } });
});
afterAll(() => server.close());

const look = () => lookAfterHygiene({ db: server.db, log, databaseNow: () => Promise.resolve(nowMs) });
/** Digests of the project so far: owner and what was said of each flag. */
async function told(): Promise<string[]> {
  const { changes } = await readRecord(server);
  return changes
    .filter(({ command, key }) => command === 'hygiene.digest' && key === name())
    .map(({ after }) => {
      const { owner, flags } = after as Digest;
      return `${owner}: ${flags.map(({ flag, lifecycle }) => `${flag} ${lifecycle}`).join(', ')}`;
    });
}
const release = (key: string, owner: string, expiresOn: string) =>
  makeFlag(server, name(), key, { kind: 'release', owner, expiresOn });

describe('the digest', () => {
  it('tells each owner before and at expiry, once a week unless something changed, and changes no flag', async () => {
    await release('banner', 'payments', '2030-01-29');
    await release('search', 'discovery', '2030-03-30');
    const { heads, objects } = await readRecord(server);
    const days: number[] = [];
    for (let day = 0; day < 30; day++) {
      nowMs = START_MS + day * DAY_MS;
      const before = (await told()).length;
      await look();
      await look();
      for (let count = (await told()).length - before; count > 0; count--) days.push(day);
    }
    expect(await told()).toEqual([...Array(3).fill('payments: banner expiring'), ...Array(3).fill('payments: banner expired')]);
    // The expiry is on day 14, and from the day after it the flag is expired.
    expect(days).toEqual([0, 7, 14, 15, 22, 29]);
    const after = await readRecord(server);
    expect([after.heads, after.objects]).toEqual([heads, objects]);
  });

  it('names of many flags a hundred, and the others on the next day', async () => {
    await release('first', 'payments', '2030-01-20');
    await server.sql`
      insert into flags (project_id, key, kind, type, description, variants, salt, client_side, owner, expires_on, tags, links, version, created_at)
      select project_id, 'more-' || lpad(n::text, 3, '0'), kind, type, description, variants, salt, client_side, owner, expires_on, tags, links, version,
        created_at from flags f, generate_series(1, 120) n where f.key = 'first' and f.project_id = (select id from projects where key = ${name()})`;
    for (let day = 0; day < 3; day++) {
      nowMs = START_MS + day * DAY_MS;
      await look();
    }
    const named = (await told()).map((one) => one.split(': ')[1]?.split(', ') ?? []);
    expect(named.map(({ length }) => length)).toEqual([100, 21]);
    expect(new Set(named.flat()).size).toBe(121);
  });

  it('waits for the morning, and tells what changed on the next day', async () => {
    await release('banner', 'payments', '2030-01-20');
    nowMs = START_MS - 2 * HOUR_MS;
    await look();
    expect(await told()).toEqual([]);
    nowMs = START_MS;
    await look();
    await server.sql`update flags set owner = 'discovery' where key = 'banner'`;
    await look();
    expect(await told()).toEqual(['payments: banner expiring']);
    nowMs += DAY_MS;
    await look();
    expect(await told()).toEqual(['payments: banner expiring', 'discovery: banner expiring']);
  });

  it('respects a snooze to its last day', async () => {
    await release('banner', 'payments', '2030-01-20');
    await server.must('POST', `/projects/${name()}/flags/banner/snooze`, { body: { until: '2030-01-18', reason: 'Sale' } });
    for (const day of [0, 3, 4]) {
      nowMs = START_MS + day * DAY_MS;
      await look();
      expect((await told()).length).toBe(day === 4 ? 1 : 0);
    }
  });

  it('is told by one of several servers that look at the same time', async () => {
    await release('banner', 'payments', '2030-01-20');
    const others = [1, 2, 3].map(() => createPool({ url: server.url, applicationName: 'other', maxConnections: 3, log }));
    const all = [server.db, ...others.map(({ db }) => db)];
    await Promise.all(all.map((db) => lookAfterHygiene({ db, log, databaseNow: () => Promise.resolve(nowMs) })));
    expect(await told()).toEqual(['payments: banner expiring']);
    await Promise.all(others.map((pool) => pool.sql.end()));
  });

  it('goes to webhooks that want it, of the owners that they name, and is not recorded where nobody does', async () => {
    const hooks = `/projects/${name()}/webhooks`;
    const make = (body: object) => server.must<{ id: string }>('POST', hooks, { body: { url: HOOK, ...body } });
    const kills = await make({ name: 'kills', commands: ['flag.kill'] });
    const payments = await make({ name: 'payments', commands: ['hygiene.digest'], owners: ['payments'], format: 'slack' });
    const discovery = await make({ name: 'discovery', owners: ['discovery'] });
    await release('banner', 'payments', '2030-01-20');
    await look();
    const sent = await server.sql<{ webhook_id: string; id: string }[]>`
      select d.webhook_id, d.change_set_id::text as id from webhook_deliveries d join change_sets s on s.id = d.change_set_id
      join webhooks w on w.id = d.webhook_id join projects p on p.id = w.project_id
      where s.command = 'hygiene.digest' and p.key = ${name()}`;
    expect(sent.length).toBe(2);
    expect(sent.some(({ webhook_id }) => webhook_id === payments.id)).toBe(true);
    expect(sent.some(({ webhook_id }) => [kills.id, discovery.id].includes(webhook_id))).toBe(false);
    const message = await loadTold(server.db, BigInt(sent[0]?.id ?? ''));
    expect(JSON.parse(toMessage('slack', message, 'https://flags.example.com'))).toEqual({
      text: [
        `*A flag of payments* in <https://flags.example.com/projects/${name()}/hygiene|${name()}> wants cleaning up`,
        `• <https://flags.example.com/projects/${name()}/flags/banner|banner> expires on 2030-01-20`,
      ].join('\n'),
    });
    await server.db.execute(sql`update webhooks set enabled = false`);
    await release('second', 'payments', '2030-01-20');
    nowMs += DAY_MS;
    await look();
    expect((await told()).length).toBe(1);
  });

  it('takes nobody for told whom no webhook would reach, by its owners or by its environments', async () => {
    await server.sql`update webhooks set owners = '["payments"]'`;
    await server.must('POST', `/projects/${name()}/webhooks`, {
      body: { name: 'production', url: HOOK, environments: ['production'] },
    });
    await release('banner', 'payments', '2030-01-20');
    await release('search', 'discovery', '2030-01-20');
    await look();
    expect(await told()).toEqual(['payments: banner expiring']);
    await server.sql`update webhooks set owners = '[]'`;
    nowMs += DAY_MS;
    await look();
    expect((await told()).at(-1)).toBe('discovery: search expiring');
  });
});
