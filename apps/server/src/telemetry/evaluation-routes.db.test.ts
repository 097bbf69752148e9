import type { Coverage, EvaluationTrends, FlagEvaluations, LastEvaluations } from '@yardarm/contract';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';

const EVERY_MS = 100;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ coverageEveryMs: EVERY_MS });
  await server.createFlag('checkout', { clientSide: true });
  await server.createFlag('unused');
});
afterAll(() => server.close());

const ENVIRONMENT = '/projects/shop/environments/production';
const nowMs = Date.now();
async function report(instance: string, secret: string, counts: readonly object[], more: object = {}): Promise<void> {
  const { status } = await fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{
        instance,
        sdk: 'test/1',
        app: { name: 'shop', version: '1.0' },
        seq: 1,
        from: nowMs,
        to: nowMs,
        sentAt: nowMs,
        lost: 0,
      },
      ...{ counts, ...more },
    }),
  });
  expect(status).toBe(204);
}
const on = { flag: 'checkout', variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'd1', n: 3 };
const missing = { ...on, variant: null, reason: 'ERROR', defaultServed: true, defaultHash: 'd2', n: 1 };

describe('GET /api/v1/projects/{project}/last-evaluated', () => {
  it('tells rules from code defaults and server keys from client keys, and leaves out what was never evaluated', async () => {
    expect(await server.api<LastEvaluations>('GET', '/projects/shop/last-evaluated')).toMatchObject({ flags: [] });
    await Promise.all([
      report('a', server.serverKey.secret, [on, missing]),
      report('b', server.clientKey.secret, [on, { ...on, flag: 'typo' }], { lost: 7 }),
    ]);
    const { flags, coverage } = await server.api<LastEvaluations>('GET', '/projects/shop/last-evaluated?flag=checkout');
    const recent = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(flags).toEqual([
      {
        flag: 'checkout',
        environment: 'production',
        server: { ruleServedAt: recent, defaultServedAt: recent },
        client: { ruleServedAt: recent, defaultServedAt: null },
      },
    ]);
    expect(Math.abs(Date.parse(flags[0]?.server.ruleServedAt ?? '') - Date.now())).toBeLessThan(10_000);
    expect(coverage.map(({ environment }) => environment)).toContain('production');
    const { flags: unused } = await server.api<LastEvaluations>('GET', '/projects/shop/last-evaluated?flag=unused');
    expect(unused).toEqual([]);
    expect((await server.request('GET', '/projects/shop/last-evaluated?flag=nothing')).status).toBe(404);
  });
});

describe('GET /api/v1/projects/{project}/environments/{environment}/evaluations', () => {
  it('counts every flag of the environment day by day, what is kept by hour and by day alike', async () => {
    const dayOf = (back: number) => new Date(nowMs - back * 86_400_000).toISOString().slice(0, 10);
    await server.database
      .sql`insert into telemetry_days (day, series_id, n) select d.day::date, min(id), 40 from telemetry_series,
      (values (${dayOf(13)}), (${dayOf(14)})) d (day) group by 1`;
    const { since, days, flags } = await server.api<EvaluationTrends>('GET', `${ENVIRONMENT}/evaluations`);
    expect([since, days]).toEqual([dayOf(13), 14]);
    // The third of each source is of today; of a flag that does not exist, and of one that nobody asked for, there is nothing.
    expect(flags).toEqual({ checkout: [40, ...Array.from({ length: 12 }, () => 0), 7] });
    expect((await server.request('GET', '/projects/shop/environments/nowhere/evaluations')).status).toBe(404);
    await server.database.sql`delete from telemetry_days`;
  });
});

describe('GET /api/v1/projects/{project}/flags/{flag}/environments/{environment}/evaluations', () => {
  it.each(['hour', 'day', 'month'])('sums up what was counted by %s', async (grain) => {
    const path = `/projects/shop/flags/checkout/environments/production/evaluations?grain=${grain}`;
    const answer = await server.api<FlagEvaluations>('GET', path);
    const by = ({ keyKind, variant, n, defaultServed }: FlagEvaluations['items'][number]) => ({
      keyKind,
      variant,
      n,
      defaultServed,
    });
    expect(answer.items.map(by).sort((a, b) => a.keyKind.localeCompare(b.keyKind) || b.n - a.n)).toEqual([
      { keyKind: 'client', variant: 'on', n: 3, defaultServed: false },
      { keyKind: 'server', variant: 'on', n: 3, defaultServed: false },
      { keyKind: 'server', variant: null, n: 1, defaultServed: true },
    ]);
    expect(Date.parse(answer.items[0]?.at ?? '') % 3_600_000).toBe(0);
    expect(answer.apps).toContainEqual({ keyKind: 'server', app: { name: 'shop', version: '1.0' }, n: 4 });
    expect(answer.defaults.map(({ hash }) => hash)).toEqual(['d1', 'd1', 'd2']);
  });

  it('adds months, days and hours up where a month is asked for', async () => {
    const [series] = await server.database.sql`
      select s.id from telemetry_series s join flags f on f.id = s.flag_id where f.key = 'checkout' and variant = 'on' and key_kind = 'server'`;
    const id = series?.id as number;
    await server.database
      .sql`insert into telemetry_months values ((date_trunc('month', now() at time zone 'utc') - interval '2 months')::date, ${id}, 100)`;
    await server.database.sql`insert into telemetry_days values ((now() at time zone 'utc')::date - 28, ${id}, 10)`;
    await server.database.sql`insert into telemetry_days values ((now() at time zone 'utc')::date - 3, ${id}, 20)`;
    const totalBy = async (grain: string) => {
      const { items } = await server.api<FlagEvaluations>(
        'GET',
        `/projects/shop/flags/checkout/environments/production/evaluations?grain=${grain}`,
      );
      return items.filter(({ keyKind, variant }) => keyKind === 'server' && variant === 'on').reduce((sum, { n }) => sum + n, 0);
    };
    expect([await totalBy('hour'), await totalBy('day'), await totalBy('month')]).toEqual([3, 33, 133]);
  });

  it('answers forged counts whose sum nobody can write exactly', async () => {
    await server.createFlag('forged', { clientSide: true });
    const forged = { ...on, flag: 'forged' };
    await report('f', server.clientKey.secret, [forged], { app: { name: 'one' } });
    await report('g', server.clientKey.secret, [forged, { ...forged, variant: 'off' }], { app: { name: 'other' } });
    await server.database.sql`update telemetry_hours set n = ${String(Number.MAX_SAFE_INTEGER)}::bigint where series_id in (
      select s.id from telemetry_series s join flags f on f.id = s.flag_id where f.key = 'forged')`;
    const path = '/projects/shop/flags/forged/environments/production/evaluations?grain=hour';
    const { items, apps } = await server.api<FlagEvaluations>('GET', path);
    for (const { n } of [...items, ...apps]) expect(n).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('refuses another grain, a flag and an environment that do not exist', async () => {
    const status = async (path: string) => (await server.request('GET', `/projects/shop/flags/${path}/evaluations`)).status;
    expect(await status('checkout/environments/production')).toBe(200);
    expect(await status('nothing/environments/production')).toBe(404);
    expect(await status('checkout/environments/nowhere')).toBe(404);
    const { status: bad } = await server.request(
      'GET',
      '/projects/shop/flags/checkout/environments/production/evaluations?grain=week',
    );
    expect(bad).toBe(400);
  });
});

describe('GET /api/v1/projects/{project}/environments/{environment}/coverage', () => {
  it('counts the readers of all servers that report, names flags that do not exist, and says what is missing', async () => {
    const replica = await startReplica(server.database, { coverageEveryMs: EVERY_MS });
    const here = await server.connect(server.serverKey.secret, undefined, 'reports here');
    const there = await replica.connect(server.serverKey.secret);
    await Promise.all([here.next('welcome'), there.next('welcome')]);
    await report('reports here', server.serverKey.secret, []);
    const isComplete = async () => (await server.api<Coverage>('GET', `${ENVIRONMENT}/coverage`)).complete;
    expect(await isComplete()).toBe(false);
    await server.database.sql`update telemetry_replicas set turned_at = turned_at - interval '11 minutes'`;
    await expect
      .poll(() => server.api<Coverage>('GET', `${ENVIRONMENT}/coverage`), { timeout: 20_000 })
      .toMatchObject({
        server: { reporting: 1, silent: 0, awaited: 1 },
        client: { reporting: 0, silent: 0, awaited: 0 },
        complete: true,
      });
    const answer = await server.api<Coverage>('GET', `${ENVIRONMENT}/coverage`);
    expect(answer.unknownFlags).toMatchObject([{ keyKind: 'client', key: 'typo', app: 'shop', n: 3 }]);
    expect(answer.missing).toContainEqual({ keyKind: 'client', lost: 7, dropped: 0 });
    await replica.close();
    await expect
      .poll(() => server.api<Coverage>('GET', `${ENVIRONMENT}/coverage`), { timeout: 20_000 })
      .toMatchObject({ server: { reporting: 1, awaited: 0 }, complete: false });
    here.socket.close();
  });
});
