import { TELEMETRY_PATH, type TelemetryReport } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout', { clientSide: true });
  await server.createFlag('banner');
});
afterAll(() => server.close());

const checkout = { flag: 'checkout', variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'd1', n: 3 };
let instances = 0;
function reportOf(more: Partial<TelemetryReport> = {}): TelemetryReport {
  const to = Date.now();
  const app = { name: 'shop', version: '1.2.0', commit: 'abc' };
  const times = { from: to - 60_000, to, sentAt: to };
  return { instance: `i${instances++}`, sdk: 'test/1', app, seq: 1, ...times, counts: [checkout], lost: 0, ...more };
}

const post = (report: object, secret = server.serverKey.secret, headers: Record<string, string> = {}) =>
  fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(report),
  });

const counts = (flag = 'checkout') => server.database.sql<{ key_kind: string; variant: string; app: string; n: number }[]>`
  select s.key_kind, s.variant, s.app, sum(h.n)::int as n from telemetry_hours h join telemetry_series s on s.id = h.series_id
  join flags f on f.id = s.flag_id where f.key = ${flag} group by 1, 2, 3 order by 1, 2, 3`;
const totalOf = async (flag?: string) => (await counts(flag)).reduce((sum, { n }) => sum + n, 0);

describe(`POST ${TELEMETRY_PATH}`, () => {
  it('answers when the counts are in the database, kept apart by kind of key', async () => {
    const answers = await Promise.all([
      post(reportOf()),
      post(reportOf({ counts: [checkout, { ...checkout, defaultServed: true, variant: null, reason: 'ERROR', n: 2 }] })),
      post(reportOf({ counts: [{ ...checkout, n: 1_000 }] }), server.clientKey.secret, { origin: 'https://shop.example' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(answers[0]?.headers.get('access-control-allow-origin')).toBe('*');
    expect(await counts()).toEqual([
      { key_kind: 'client', variant: 'on', app: 'shop', n: 1_000 },
      { key_kind: 'server', variant: '', app: 'shop', n: 2 },
      { key_kind: 'server', variant: 'on', app: 'shop', n: 6 },
    ]);
    const last = await server.database.sql`
      select key_kind, now() - rule_served_at < interval '1 min' as rule, now() - default_served_at < interval '1 min' as default_served
      from telemetry_last_evaluated order by 1`;
    expect([...last]).toEqual([
      { key_kind: 'client', rule: true, default_served: null },
      { key_kind: 'server', rule: true, default_served: true },
    ]);
  });

  it('counts a batch once, however often it comes, in whichever order and at the same time', async () => {
    const before = await totalOf();
    const first = reportOf();
    const second = { ...first, seq: 2, counts: [{ ...checkout, n: 10 }] };
    for (const batch of [first, second]) {
      const answers = await Promise.all([post(batch), post(batch), post(batch)]);
      expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    }
    expect((await Promise.all([post(first), post(reportOf({ counts: [] }))])).map(({ status }) => status)).toEqual([204, 204]);
    expect(await totalOf()).toBe(before + 13);
  });

  it('tells an instance of one key from one of the same name with another key', async () => {
    const other = await server.makeKey('server');
    const before = await totalOf();
    const report = reportOf();
    await Promise.all([post(report), post(report, other.secret)]);
    expect(await totalOf()).toBe(before + 6);
  });

  it('stores nothing of flags that do not exist but the names of the first hundred', async () => {
    const unknown = Array.from({ length: 150 }, (_, index) => ({ ...checkout, flag: `typo-${index}` }));
    for (const _ of [1, 2]) expect((await post(reportOf({ counts: unknown }))).status).toBe(204);
    const [row] = await server.database.sql`select count(*)::int as rows, sum(n)::int as n from telemetry_unknown_flags`;
    expect(row).toEqual({ rows: 100, n: 600 });
    expect(
      await server.database.sql`select from telemetry_series s left join flags f on f.id = s.flag_id where f.id is null`,
    ).toHaveLength(0);
  });

  it('keeps when evaluations were lost last, within an hour, of an environment and whatever kind of key', async () => {
    const lostMinutesAgo = async () => {
      const rows = await server.database.sql<{ minutes: number }[]>`
        select round(extract(epoch from now() - used_at) / 60)::int as minutes from remote_uses where way = 'lost' and key_id = environment_id`;
      return rows.map(({ minutes }) => minutes);
    };
    const age = (minutes: number) =>
      server.database.sql`update remote_uses set used_at = now() - ${minutes} * interval '1 minute' where way = 'lost'`;
    const report = reportOf();
    await post(report);
    expect(await lostMinutesAgo()).toEqual([]);
    const later = { ...report, seq: 2, lost: 3 };
    await Promise.all([post(later), post(reportOf({ lost: 1 })), post(reportOf({ lost: 2 }), server.clientKey.secret)]);
    expect(await lostMinutesAgo()).toEqual([0]);
    await age(300);
    await post(later);
    await post({ ...report, seq: 3 });
    expect(await lostMinutesAgo()).toEqual([300]);
    await post({ ...report, seq: 4, lost: 1 });
    expect(await lostMinutesAgo()).toEqual([0]);
  });

  it('counts evaluations of archived flags, and variants and reasons that nobody knows as others', async () => {
    await server.createFlag('old');
    await server.api('POST', '/projects/shop/flags/old/archive', {});
    await post(reportOf({ counts: [{ ...checkout, flag: 'old', variant: 'gone', reason: 'BECAUSE' }] }));
    const [row] = await server.database.sql`
      select variant, reason from telemetry_series s join flags f on f.id = s.flag_id where f.key = 'old'`;
    expect(row).toEqual({ variant: '(other)', reason: 'UNKNOWN' });
  });

  it('knows by `sentAt` how old counts are, whatever the clock of the SDK shows', async () => {
    await server.createFlag('late');
    const wrongMs = 1_000_000_000_000;
    const counted = [{ ...checkout, flag: 'late' }];
    await post(reportOf({ from: wrongMs - 60_000, to: wrongMs, sentAt: wrongMs + 2 * 3_600_000, counts: counted }));
    const [row] = await server.database.sql<{ hours: number; ago: number }[]>`
      select extract(epoch from now())::int / 3600 - hour as hours, extract(epoch from now() - l.rule_served_at)::float8 / 3600 as ago
      from telemetry_hours h join telemetry_series s on s.id = h.series_id join flags f on f.id = s.flag_id
      join telemetry_last_evaluated l on l.flag_id = f.id where f.key = 'late'`;
    expect(row?.hours).toBe(2);
    expect(row?.ago).toBeCloseTo(2, 1);
  });

  it('keeps at most twenty code defaults and twenty skipped rules of a flag', async () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ ...checkout, flag: 'banner', defaultHash: `h${index}` }));
    const skipped = Array.from({ length: 60 }, (_, index) => ({ flag: 'banner', rule: `r${index}`, attribute: 'plan' }));
    await post(reportOf({ counts: many, skipped }));
    await post(reportOf({ counts: many.slice(30), skipped: skipped.slice(30) }));
    const rows = await server.database.sql`
      select (select count(*)::int from telemetry_defaults d where d.flag_id = f.id) as defaults,
        (select count(*)::int from telemetry_skips s where s.flag_id = f.id) as skips from flags f where f.key = 'banner'`;
    expect([...rows]).toEqual([{ defaults: 20, skips: 20 }]);
  });

  it('refuses what is malformed with every place, a strange key, and another page than the key allows', async () => {
    const malformed = await post({ ...reportOf(), seq: 0, counts: [{ ...checkout, n: -1 }] });
    expect(malformed.status).toBe(400);
    const { error } = (await malformed.json()) as { error: { details: { path: string }[] } };
    expect(error.details.map(({ path }) => path)).toEqual(['seq', 'counts[0].n']);
    const tooMany = Array.from({ length: 1_001 }, () => checkout);
    expect((await post(reportOf({ counts: tooMany }))).status).toBe(400);
    expect((await post(reportOf(), 'ys_strange')).status).toBe(401);
    const { id } = server.clientKey;
    await server.api('PATCH', `/projects/shop/environments/production/keys/${id}`, { allowedOrigins: ['https://shop.example'] });
    await server.delivery.poll();
    expect((await post(reportOf(), server.clientKey.secret, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('takes reports at their one address: every other spelling of it would go round the budget', async () => {
    for (const path of [`${TELEMETRY_PATH}?x=1`, TELEMETRY_PATH.replace('t', '%74')]) {
      const answer = await fetch(server.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.serverKey.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(reportOf()),
      });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it('takes names that a database or an index would refuse, and long ones', async () => {
    const app = { name: `\0${'ü'.repeat(5_000)}`, version: '\ud800', commit: '' };
    const odd = { ...checkout, defaultHash: '\0', reason: '\0', variant: '\ud800' };
    expect(
      (await post(reportOf({ app, counts: [odd], skipped: [{ flag: 'checkout', rule: '\0', attribute: '\ud800' }] }))).status,
    ).toBe(204);
    const flag = '\u{1F600}'.repeat(100);
    expect((await post(reportOf({ counts: [{ ...checkout, flag }] }))).status).toBe(204);
  });
});
