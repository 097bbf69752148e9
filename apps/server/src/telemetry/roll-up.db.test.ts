import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { MAX_SERIES } from './report-store.ts';
import { rollUp } from './roll-up.ts';

let database: TestDatabase | undefined;
beforeEach(async () => {
  await database?.close();
  database = await testDatabase();
});
afterAll(() => database?.close());
const sql = (...parts: Parameters<TestDatabase['sql']>) => database!.sql(...parts);

const FLAG = randomUUID();
const ENVIRONMENT = randomUUID();
async function makeSeries(version: string, reason: string, daysAgo: number): Promise<number> {
  const [row] = await sql`
    insert into telemetry_series (flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on)
    values (${FLAG}, ${ENVIRONMENT}, 'server', 'shop', ${version}, 'on', ${reason}, false, (now() at time zone 'utc')::date - ${daysAgo}::int)
    returning id`;
  return row!.id;
}
const hour = (daysAgo: number) => Math.floor(Date.now() / 3_600_000) - 24 * daysAgo;
const hours = async () => [...(await sql`select hour, n::int from telemetry_hours order by hour`)];

describe('the roll-up', () => {
  it('makes days of hours from before yesterday, and adds to a day that is there', async () => {
    const id = await makeSeries('1', 'STATIC', 0);
    const midnight = hour(0) - (hour(0) % 24);
    const old = [midnight - 25, midnight - 26, midnight - 49];
    for (const at of [...old, midnight - 24, midnight]) await sql`insert into telemetry_hours values (${at}, ${id}, 5)`;
    await rollUp(database!.db);
    await sql`insert into telemetry_hours values (${midnight - 25}, ${id}, 7)`;
    await rollUp(database!.db);
    expect(await hours()).toEqual([
      { hour: midnight - 24, n: 5 },
      { hour: midnight, n: 5 },
    ]);
    const days = await sql`select (now() at time zone 'utc')::date - day as ago, n::int from telemetry_days order by 1`;
    expect([...days]).toEqual([
      { ago: 2, n: 17 },
      { ago: 3, n: 5 },
    ]);
  });

  it('makes months of days that are four weeks old, across versions and reasons, and drops series of which nothing is left', async () => {
    const series = [await makeSeries('1', 'STATIC', 40), await makeSeries('2', 'SPLIT', 36), await makeSeries('3', 'STATIC', 0)];
    for (const id of series) {
      await sql`insert into telemetry_days select (now() at time zone 'utc')::date - ago, ${id}, 1 from generate_series(25, 100) ago`;
    }
    await rollUp(database!.db);
    const [days] =
      await sql`select count(*)::int as rows, max((now() at time zone 'utc')::date - day) as oldest from telemetry_days`;
    expect(days).toEqual({ rows: 3 * 4, oldest: 28 });
    const months =
      await sql`select s.app_version, s.reason, sum(m.n)::int as n from telemetry_months m join telemetry_series s on s.id = series_id group by 1, 2`;
    expect([...months]).toEqual([{ app_version: '', reason: '', n: 3 * 72 }]);
    const left = await sql`select app_version, reason from telemetry_series order by id`;
    expect([...left]).toEqual([
      { app_version: '3', reason: 'STATIC' },
      { app_version: '', reason: '' },
    ]);
  });

  it('makes months without the app where the environment has no room for more apps by month, and counts on for those that are there', async () => {
    await sql`
      insert into telemetry_series (flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on)
      select ${FLAG}, ${ENVIRONMENT}, 'client', 'app ' || i, '', 'on', '', false, now() from generate_series(1, ${MAX_SERIES.client}::int) i`;
    const days = await sql`
      insert into telemetry_series (flag_id, environment_id, key_kind, app, app_version, variant, reason, default_served, seen_on)
      select ${FLAG}, environment, kind, app, '1', 'on', 'STATIC', false, now() from (values
        (${ENVIRONMENT}::uuid, 'client', 'app 7'), (${ENVIRONMENT}::uuid, 'client', 'forged 1'), (${ENVIRONMENT}::uuid, 'client', 'forged 2'),
        (${ENVIRONMENT}::uuid, 'server', 'backend'), (${randomUUID()}::uuid, 'client', 'elsewhere')) given (environment, kind, app)
      returning id`;
    for (const { id } of days) await sql`insert into telemetry_days select (now() at time zone 'utc')::date - 40, ${id}, 1`;
    await rollUp(database!.db);
    const months = await sql`
      select s.app, sum(m.n)::int as n from telemetry_months m join telemetry_series s on s.id = series_id group by 1 order by s.app collate "C"`;
    expect([...months]).toEqual([
      { app: '(other)', n: 2 },
      { app: 'app 7', n: 1 },
      { app: 'backend', n: 1 },
      { app: 'elsewhere', n: 1 },
    ]);
  });

  it('keeps thirteen months, and after that nothing of a flag but when it was last evaluated', async () => {
    const id = await makeSeries('', '', 500);
    await sql`insert into telemetry_months select (date_trunc('month', now() at time zone 'utc') - make_interval(months => ago))::date, ${id}, 1 from generate_series(0, 20) ago`;
    await sql`insert into telemetry_last_evaluated values (${FLAG}, ${ENVIRONMENT}, 'server', now() - interval '3 years', null)`;
    await rollUp(database!.db);
    expect(await sql`select from telemetry_months`).toHaveLength(14);
    expect(await sql`select from telemetry_series`).toHaveLength(0);
    expect(await sql`select from telemetry_last_evaluated`).toHaveLength(1);
  });

  it('forgets instances after a week, those of browsers after a day, and of too many those heard the longest ago', async () => {
    const key = randomUUID();
    for (const [kind, hoursAgo] of [
      ['server', 167],
      ['server', 169],
      ['client', 23],
      ['client', 25],
    ] as const)
      await sql`insert into telemetry_instances values (${key}, ${`${kind} ${hoursAgo}`}, ${ENVIRONMENT}, ${kind}, '', '', '', '', 1, now() - make_interval(hours => ${hoursAgo}))`;
    await sql`insert into telemetry_instances select ${key}, 'i' || i, ${randomUUID()}, 'client', '', '', '', '', 1, now() - make_interval(secs => i / 1000.0) from generate_series(1, 100050) i`;
    await rollUp(database!.db);
    const left = await sql`select instance from telemetry_instances where instance like '% %' order by 1`;
    expect(left.map(({ instance }) => instance)).toEqual(['client 23', 'server 167']);
    const [row] =
      await sql`select count(*)::int as rows, max(substr(instance, 2)::int) as last from telemetry_instances where instance like 'i%'`;
    expect(row).toEqual({ rows: 100_000, last: 100_000 });
  });

  it('counts the series of each environment anew, without those of months, so that what was dropped makes room', async () => {
    await makeSeries('1', 'STATIC', 0);
    await makeSeries('', '', 0);
    await makeSeries('2', 'STATIC', 400);
    await sql`insert into telemetry_sources values (${ENVIRONMENT}, 'server', now(), 100000, 0, 0)`;
    await rollUp(database!.db);
    expect([...(await sql`select series from telemetry_sources`)]).toEqual([{ series: 1 }]);
  });

  it('by several servers at the same time counts nothing twice', async () => {
    const id = await makeSeries('1', 'STATIC', 0);
    await sql`insert into telemetry_hours select ${hour(5)} - i, ${id}, 1 from generate_series(1, 48) i`;
    await Promise.all([rollUp(database!.db), rollUp(database!.db), rollUp(database!.db)]);
    expect([...(await sql`select sum(n)::int as n from telemetry_days`)]).toEqual([{ n: 48 }]);
  });
});
