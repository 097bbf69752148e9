/** What is kept where more is reported than there is room for. */
import { TELEMETRY_PATH, type TelemetryReport } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { MAX_KEY_SERIES, MAX_NAMED_SERIES, MAX_SERIES } from './report-store.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const counted = { variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: '' };
let instances = 0;
async function post(secret: string, more: Partial<TelemetryReport>): Promise<void> {
  const at = Date.now();
  const report = {
    instance: `i${instances++}`,
    sdk: 'test/1',
    app: {},
    seq: 1,
    from: at - 1_000,
    to: at,
    sentAt: at,
    lost: 0,
    ...more,
  };
  const answer = await fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
  });
  expect(answer.status).toBe(204);
}
const postOf = (app: string, flag: string, n: number, secret = server.clientKey.secret) =>
  post(secret, { app: { name: app, version: '1' }, counts: [{ ...counted, flag, n }] });
const setSeries = (series: number) =>
  server.database.sql`update telemetry_sources set series = ${series} where key_kind = 'client'`;
const countsOf = async (flag: string) => [
  ...(await server.database.sql`
    select s.key_kind, s.app, s.app_version, s.reason, sum(h.n)::int as n from telemetry_hours h join telemetry_series s on s.id = h.series_id
    join flags f on f.id = s.flag_id where f.key = ${flag} group by 1, 2, 3, 4 order by 1, 2`),
];
const source = async () => {
  const [row] = await server.database.sql`select series, dropped::int from telemetry_sources where key_kind = 'client'`;
  return row;
};

describe('different series', () => {
  it('are told apart by app as far as there is room for names, and beyond that counted without, where no forged name reaches', async () => {
    await server.createFlag('named', { clientSide: true });
    await postOf('shop', 'named', 1);
    await setSeries(MAX_NAMED_SERIES.client);
    await Promise.all([postOf('shop', 'named', 2), postOf('forged-1', 'named', 10), postOf('forged-2', 'named', 20)]);
    await postOf('forged-3', 'named', 40);
    await postOf('backend', 'named', 5, server.serverKey.secret);
    expect(await countsOf('named')).toEqual([
      { key_kind: 'client', app: '(other)', app_version: '', reason: 'UNKNOWN', n: 70 },
      { key_kind: 'client', app: 'shop', app_version: '1', reason: 'STATIC', n: 3 },
      { key_kind: 'server', app: 'backend', app_version: '1', reason: 'STATIC', n: 5 },
    ]);
    expect(await source()).toEqual({ series: MAX_NAMED_SERIES.client + 1, dropped: 0 });
  });

  it('that find no room at all are dropped, which is counted and shown, while those that are there go on', async () => {
    await server.createFlag('full', { clientSide: true });
    await setSeries(MAX_SERIES.client);
    await Promise.all([postOf('shop', 'full', 7), postOf('shop', 'named', 1), postOf('forged-4', 'named', 100)]);
    await postOf('shop', 'full', 8);
    expect(await countsOf('full')).toEqual([]);
    expect(await countsOf('named')).toMatchObject([{ app: '(other)', n: 170 }, { app: 'shop', n: 4 }, { app: 'backend' }]);
    expect(await source()).toEqual({ series: MAX_SERIES.client, dropped: 15 });
    const { missing } = await server.api<{ missing: unknown[] }>('GET', '/projects/shop/environments/production/coverage');
    expect(missing).toContainEqual({ keyKind: 'client', lost: 0, dropped: 15 });
  });

  it('that one client key may name are bounded: it takes no name from another client key, nor from a server key', async () => {
    await server.createFlag('shared', { clientSide: true });
    const other = await server.makeKey('client');
    await setSeries(0);
    await server.database.sql`
      insert into telemetry_key_series values (${server.clientKey.id}, (now() at time zone 'utc')::date - 27, ${MAX_KEY_SERIES - 1})
      on conflict (key_id, day) do update set made = excluded.made`;
    await server.database.sql`delete from telemetry_key_series where day = (now() at time zone 'utc')::date`;
    await postOf('forged-1', 'shared', 1);
    await postOf('forged-2', 'shared', 2);
    await postOf('forged-1', 'shared', 4);
    await postOf('browser', 'shared', 8, other.secret);
    await postOf('backend', 'shared', 16, server.serverKey.secret);
    expect(await countsOf('shared')).toMatchObject([
      { key_kind: 'client', app: '(other)', n: 2 },
      { key_kind: 'client', app: 'browser', n: 8 },
      { key_kind: 'client', app: 'forged-1', n: 5 },
      { key_kind: 'server', app: 'backend', n: 16 },
    ]);
    const made = await server.database.sql`
      select key_id, made from telemetry_key_series where day = (now() at time zone 'utc')::date order by made`;
    expect(made.map(({ key_id, made: n }) => [key_id, n])).toEqual(
      expect.arrayContaining([
        [server.clientKey.id, 1],
        [other.id, 1],
      ]),
    );
    expect(made).toHaveLength(2);
  });

  it('of an app that is named as the others are counted are added to those', async () => {
    await server.createFlag('same', { clientSide: true });
    await setSeries(0);
    const app = { name: '(other)', version: '' };
    await post(server.clientKey.secret, { app, counts: [{ ...counted, flag: 'same', reason: 'UNKNOWN', n: 1 }] });
    await setSeries(MAX_NAMED_SERIES.client);
    await Promise.all([
      post(server.clientKey.secret, { app, counts: [{ ...counted, flag: 'same', reason: 'UNKNOWN', n: 2 }] }),
      postOf('forged', 'same', 4),
    ]);
    expect(await countsOf('same')).toMatchObject([{ app: '(other)', reason: 'UNKNOWN', n: 7 }]);
  });
});

describe('the names of one flag', () => {
  const names = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `h${String(from + index).padStart(3, '0')}`);
  const reportOf = (flag: string, hashes: readonly string[]) => ({
    counts: hashes.map((defaultHash) => ({ ...counted, flag, defaultHash, n: 1 })),
    skipped: hashes.map((rule) => ({ flag, rule, attribute: 'plan' })),
  });
  const kept = async (flag: string) => {
    const [row] = await server.database.sql`
      select (select array_agg(key_kind || ' ' || hash order by key_kind, hash) from telemetry_defaults d where d.flag_id = f.id) as defaults,
        (select array_agg(key_kind || ' ' || rule order by key_kind, rule) from telemetry_skips s where s.flag_id = f.id) as skips
      from flags f where f.key = ${flag}`;
    return row as { defaults: string[]; skips: string[] };
  };

  it('that server keys report have room of their own: twenty that are forged with a client key push none of them out', async () => {
    await server.createFlag('forged', { clientSide: true });
    await post(server.clientKey.secret, reportOf('forged', names(20)));
    await post(server.serverKey.secret, reportOf('forged', ['real']));
    const { defaults, skips } = await kept('forged');
    expect([defaults.length, skips.length]).toEqual([21, 21]);
    expect([defaults.at(-1), skips.at(-1)]).toEqual(['server real', 'server real']);
  });

  it('are at most twenty also where one report brings more than there is room for', async () => {
    await server.createFlag('many', { clientSide: true });
    await post(server.serverKey.secret, reportOf('many', names(15)));
    await post(server.serverKey.secret, reportOf('many', names(20, 10)));
    const expected = names(20).map((name) => `server ${name}`);
    expect(await kept('many')).toEqual({ defaults: expected, skips: expected });
  });
});

describe('when a flag was last evaluated', () => {
  const lastOf = async (flag: string) => {
    const [row] = await server.database.sql<{ row_version: string; ago_ms: number; default_served_at: Date | null }[]>`
      select l.xmin::text as row_version, extract(epoch from clock_timestamp() - rule_served_at)::float8 * 1000 as ago_ms, default_served_at
      from telemetry_last_evaluated l join flags f on f.id = l.flag_id where f.key = ${flag}`;
    return row!;
  };

  it('is written again when it is 15 s newer, not with each report, and never set back', async () => {
    await server.createFlag('last', { clientSide: true });
    const evaluate = (agoMs = 0) => {
      const sentAt = Date.now();
      const counts = [{ ...counted, flag: 'last', n: 1 }];
      return post(server.clientKey.secret, { counts, from: 0, to: sentAt - agoMs, sentAt });
    };
    await evaluate();
    const first = await lastOf('last');
    await evaluate();
    await evaluate(3_600_000);
    expect((await lastOf('last')).row_version).toBe(first.row_version);
    await server.database.sql`
      update telemetry_last_evaluated l set rule_served_at = rule_served_at - interval '15 s' from flags f where f.id = l.flag_id and f.key = 'last'`;
    await evaluate();
    const newer = await lastOf('last');
    expect(newer.ago_ms).toBeLessThan(10_000);
    expect(newer.default_served_at).toBeNull();
  });

  it('by its code default is written at once, though its rules served a moment ago', async () => {
    await post(server.clientKey.secret, { counts: [{ ...counted, flag: 'last', defaultServed: true, n: 1 }] });
    expect((await lastOf('last')).default_served_at).not.toBeNull();
  });
});
