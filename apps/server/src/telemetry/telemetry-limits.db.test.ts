/** What is kept where more is reported than there is room for. */
import { TELEMETRY_PATH, type TelemetryReport } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { MAX_NAMED_SERIES, MAX_SERIES } from './report-store.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const counted = { variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: '' };
let instances = 0;
async function post(secret: string, more: Partial<TelemetryReport>): Promise<void> {
  const at = Date.now();
  const report = { instance: `i${instances++}`, sdk: 'test/1', app: {}, seq: 1, from: at - 1_000, to: at, sentAt: at, lost: 0, ...more };
  const answer = await fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
  });
  expect(answer.status).toBe(204);
}
const postOf = (app: string, flag: string, n: number, secret = server.clientKey.secret) =>
  post(secret, { app: { name: app, version: '1' }, counts: [{ ...counted, flag, n }] });
const setSeries = (series: number) => server.database.sql`update telemetry_sources set series = ${series} where key_kind = 'client'`;
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
