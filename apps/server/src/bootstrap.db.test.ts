import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOOTSTRAP_ACTOR } from './auth/actor.ts';
import { bootstrap } from './bootstrap.ts';
import { lockHeads, lockProject } from './changes/lock-heads.ts';
import { recordChange } from './changes/record-change.ts';
import type { Config } from './config.ts';
import { makeProject } from './testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, TEST_TOKEN, type TestApp, testApp } from './testing/test-app.ts';

type Settings = Pick<Config, 'bootstrapToken' | 'bootstrapKeys' | 'demo'>;
const NOTHING: Settings = { bootstrapToken: null, bootstrapKeys: [], demo: false };

let server: TestApp;
let dataDirectory: string;
beforeEach(async () => {
  server = await testApp();
  dataDirectory = await mkdtemp(join(tmpdir(), 'yardarm-data-'));
});
afterEach(async () => {
  await server.close();
  await rm(dataDirectory, { recursive: true });
});

const start = (settings: Partial<Settings> = {}) =>
  bootstrap({
    db: server.db,
    log: pino({ level: 'silent' }),
    now: () => server.clock.nowMs,
    config: { ...NOTHING, ...settings, dataDirectory },
  });
const choose = (token: string, name: string) =>
  server.app.inject({ method: 'POST', url: '/api/v1/password', payload: { token, name, password: 'a lamp in the harbour' } });
const signIn = (token: string) => server.app.inject({ method: 'POST', url: '/api/v1/session', payload: { token } });

describe('the sign-in link of a start with the demo', () => {
  it('signs the first user in, and replaces the link of the start before', async () => {
    const first = await start({ demo: true });
    const second = await start({ demo: true });
    expect([first.link?.purpose, second.link?.purpose]).toEqual(['sign_in', 'sign_in']);
    expect(refusal(await signIn(first.link?.token ?? '')).code).toBe('unauthenticated');
    expect((await signIn(second.link?.token ?? '')).json()).toMatchObject({ actor: { kind: 'person', name: 'admin' } });
    expect(await server.sql`select name from users`).toHaveLength(1);
  });

  it('follows the first administrator, under their own name and with their password', async () => {
    await choose((await start()).link?.token ?? '', 'Ada');
    const { link } = await start({ demo: true });
    expect((await signIn(link?.token ?? '')).json()).toMatchObject({ actor: { kind: 'person', name: 'Ada' } });
    await server.sql`update users set disabled_at = now()`;
    await server.sql`insert into users (name) values ('grace')`;
    await server.sql`insert into grants (user_id, role) select id, 'admin' from users where name = 'grace'`;
    const later = await start({ demo: true });
    expect((await signIn(later.link?.token ?? '')).json()).toMatchObject({ actor: { kind: 'person', name: 'grace' } });
  });
});

describe('default credentials', () => {
  it('there are none: a first start makes a set-up link for one use, and nothing else lets anybody in', async () => {
    const { link } = await start();
    expect(link).toMatchObject({ purpose: 'set_up', token: expect.stringMatching(/^[\w-]{43}$/) });
    expect(await server.sql`select 1 from users where password_hash is not null`).toHaveLength(0);
    // It is no sign-in link either: without a password of one's own choice nobody gets in.
    expect(refusal(await signIn(link?.token ?? '')).code).toBe('unauthenticated');
    const response = await choose(link?.token ?? '', 'Ada');
    expect(response.json()).toMatchObject({ actor: { kind: 'person', name: 'Ada' }, grants: [{ role: 'admin', project: null }] });
    expect(refusal(await choose(link?.token ?? '', 'Mallory')).code).toBe('unauthenticated');
  });

  it('a start prints a fresh set-up link until somebody has used one, and none ever after', async () => {
    const first = await start();
    const second = await start();
    expect(refusal(await choose(first.link?.token ?? '', 'Mallory')).code).toBe('unauthenticated');
    expect((await choose(second.link?.token ?? '', 'Ada')).statusCode).toBe(201);
    expect((await start()).link).toBeNull();
  });
});

describe('YARDARM_BOOTSTRAP_TOKEN', () => {
  const first = 'a-token-for-automation';
  const second = 'the-token-that-follows';
  const answerTo = async (token: string) => (await server.call('GET', '/session', { token })).statusCode;

  it('becomes an API token once', async () => {
    await start({ bootstrapToken: first });
    await start({ bootstrapToken: first });
    expect((await server.call('GET', '/session', { token: first })).json()).toMatchObject({ actor: { name: 'bootstrap' } });
    expect(await server.sql`select 1 from api_tokens where name = 'bootstrap'`).toHaveLength(1);
  });

  it('replaces the value of earlier starts, with the sessions that it opened, and no other token', async () => {
    await start({ bootstrapToken: first });
    const cookie = String((await signIn(first)).headers['set-cookie']).split(';')[0]!;
    await start({ bootstrapToken: second });
    expect([await answerTo(first), await answerTo(second), await answerTo(TEST_TOKEN)]).toEqual([401, 200, 200]);
    expect((await server.call('GET', '/session', { token: null, headers: { cookie } })).statusCode).toBe(401);
  });

  it('is accepted again when it comes back', async () => {
    for (const bootstrapToken of [first, second, first]) await start({ bootstrapToken });
    expect([await answerTo(first), await answerTo(second)]).toEqual([200, 401]);
  });

  it('that somebody revoked stays revoked, and leaves the others alone', async () => {
    await start({ bootstrapToken: first });
    const { items } = await server.must<{ items: { id: string; name: string }[] }>('GET', '/tokens');
    const { id } = items.find(({ name }) => name === 'bootstrap')!;
    await server.must('DELETE', `/tokens/${id}`);
    await start({ bootstrapToken: first });
    expect(await answerTo(first)).toBe(401);
    await start({ bootstrapToken: second });
    await start({ bootstrapToken: first });
    expect([await answerTo(first), await answerTo(second)]).toEqual([401, 200]);
  });

  it('stays as it is at a start without the variable', async () => {
    for (const bootstrapToken of [first, second, null]) await start({ bootstrapToken });
    expect([await answerTo(first), await answerTo(second)]).toEqual([401, 200]);
  });
});

describe('YARDARM_BOOTSTRAP_KEYS', () => {
  const bootstrapKeys = [
    { project: 'web', environment: 'production', kind: 'server', key: 'ys_0123456789abcdef' },
    { project: 'web', environment: 'production', kind: 'client', key: 'yc_0123456789abcdef' },
    { project: 'web', environment: 'staging', kind: 'server', key: 'ys_fedcba9876543210' },
  ] as const;

  it('does not get in the way of a change that another server is making', async () => {
    await makeProject(server, 'web', ['production']);
    const [project] = await server.sql<{ id: string }[]>`select id from projects where key = 'web'`;
    const waiting = () => server.sql`select from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()`;
    let starting: Promise<unknown> | undefined;
    await server.db.transaction(async (tx) => {
      await lockProject(tx, project!.id);
      starting = start({ bootstrapKeys });
      await expect.poll(waiting).toHaveLength(1);
      const change = { command: 'test', actor: BOOTSTRAP_ACTOR, reason: null, requestId: 'test', changes: [], bodies: [] };
      const none = await lockHeads(tx, []);
      const entry = { kind: 'project', key: 'web', environmentId: null, before: null, after: null } as const;
      await recordChange(tx, none, { ...change, projectId: project!.id, changes: [entry] });
    });
    await expect(starting).resolves.toBeDefined();
  });

  it('makes the keys and the empty places that they name, once, on the record', async () => {
    await start({ bootstrapKeys });
    const { heads, changes } = await readRecord(server);
    expect(heads).toEqual([
      { project: 'web', environment: 'production', revision: 0 },
      { project: 'web', environment: 'staging', revision: 0 },
    ]);
    expect(changes.map(({ command, actor }) => `${command} by ${actor}`)).toEqual([
      'project.create by bootstrap',
      'environment.create by bootstrap',
      'environment.create by bootstrap',
      'key.create by bootstrap',
      'key.create by bootstrap',
      'key.create by bootstrap',
    ]);
    expect(JSON.stringify(changes)).not.toContain('0123456789abcdef');
    await start({ bootstrapKeys });
    expect((await readRecord(server)).changes).toEqual(changes);
  });

  it('leaves a revoked key revoked', async () => {
    await start({ bootstrapKeys });
    await server.sql`update sdk_keys set revoked_at = now()`;
    await start({ bootstrapKeys });
    expect(await server.sql`select 1 from sdk_keys where revoked_at is null`).toHaveLength(0);
  });

  it('is made once by servers that start at the same moment', async () => {
    await start();
    await server.sql`delete from sign_in_links`;
    await Promise.all([start({ bootstrapKeys, demo: true }), start({ bootstrapKeys, demo: true }), start({ bootstrapKeys })]);
    expect(
      await server.sql`select 1 from sdk_keys where key_hash in (select key_hash from sdk_keys where name = 'Bootstrap')`,
    ).toHaveLength(3);
    expect(await server.sql`select 1 from projects where key = 'web'`).toHaveLength(1);
  });
});

describe('YARDARM_DEMO', () => {
  it('makes the demo project in an empty database, everything on in production', async () => {
    const { demo } = await start({ demo: true });
    expect(demo).toMatchObject({ project: 'shop', environment: 'production', serverKey: expect.stringMatching(/^ys_/) });
    const { items } = await server.must<{ items: { key: string; environments: { environment: string; on: boolean }[] }[] }>(
      'GET',
      '/projects/shop/flags',
    );
    const onIn = (environment: string) =>
      items.filter((flag) => flag.environments.some((half) => half.environment === environment && half.on)).map(({ key }) => key);
    expect(onIn('production')).toEqual(['banner-text', 'beta-badge', 'new-checkout', 'recommendations', 'search-config']);
    expect(onIn('staging')).toEqual(['new-checkout', 'recommendations', 'search-config']);
    expect(onIn('development')).toEqual(['banner-text', 'beta-badge', 'new-checkout', 'recommendations']);
    const { changes } = await readRecord(server);
    expect(new Set(changes.map(({ actor }) => actor))).toEqual(new Set(['demo']));
  });

  it('has one flag that expires within days and one that has expired', async () => {
    await start({ demo: true });
    const { items } = await server.must<{ items: { key: string; expiresOn: string | null }[] }>('GET', '/projects/shop/flags');
    const daysLeft = Object.fromEntries(
      items.map(({ key, expiresOn }) => [key, expiresOn && Math.ceil((Date.parse(expiresOn) - TEST_NOW_MS) / 86_400_000)]),
    );
    expect(daysLeft).toMatchObject({ 'new-checkout': 6, 'beta-badge': -20, recommendations: null });
  });

  it('keeps its keys in a file for the owner only, and makes them anew when they are lost or revoked', async () => {
    const first = await start({ demo: true });
    const file = join(dataDirectory, 'demo.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await start({ demo: true })).demo).toEqual(first.demo);
    await writeFile(file, 'torn');
    const second = await start({ demo: true });
    expect(second.demo?.serverKey).not.toBe(first.demo?.serverKey);
    await server.sql`update sdk_keys set revoked_at = now()`;
    const third = await start({ demo: true });
    expect(third.demo?.clientKey).not.toBe(second.demo?.clientKey);
    expect((await start({ demo: true })).demo).toEqual(third.demo);
  });

  it('does not undo what people did to the demo', async () => {
    await start({ demo: true });
    await server.must('POST', '/projects/shop/flags/recommendations/environments/production/kill');
    const before = await readRecord(server);
    await start({ demo: true });
    expect(await readRecord(server)).toEqual(before);
  });

  it('stays out of a database that holds other projects, even one called shop', async () => {
    await server.must('POST', '/projects', { body: { key: 'shop', name: 'Our real shop' } });
    const before = await readRecord(server);
    expect((await start({ demo: true })).demo).toBeNull();
    expect(await readRecord(server)).toEqual(before);
  });
});
