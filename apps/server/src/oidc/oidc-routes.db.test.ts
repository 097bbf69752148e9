import type { User } from '@yardarm/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actionsOf } from '../auth/roles.ts';
import { CLIENT, signInAt, startOpenIdProvider, type TestProvider } from '../testing/openid-provider.ts';
import { callWith, freshAddress, makePerson, PASSWORD, signInWith } from '../testing/people.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';
import type { GroupRight, OidcConfig } from './oidc-config.ts';

const PUBLIC_URL = 'http://yardarm.test';
const REDIRECT_URI = `${PUBLIC_URL}/api/v1/oidc/callback`;
const SECRET = 'the secret of the server, long enough';

let provider: TestProvider;
let server: TestApp;
const groups = new Map<string, readonly GroupRight[]>([
  ['platform', [{ role: 'admin', actions: [], project: null, environment: null }]],
  ['web', [{ role: 'editor', actions: [], project: 'web', environment: null }, { team: 'web' }]],
  ['nowhere', [{ role: 'viewer', actions: [], project: 'no-such-project', environment: null }]],
]);
const settings = (overrides: Partial<OidcConfig> = {}): OidcConfig => ({
  issuer: provider.issuer,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  clientSecretFile: null,
  scopes: 'openid profile email groups',
  name: 'Test ID',
  createUsers: true,
  groupsClaim: 'groups',
  groups,
  algorithm: 'RS256',
  ...overrides,
});
const start = (overrides: Partial<OidcConfig> = {}) =>
  testApp({
    publicUrl: PUBLIC_URL,
    oidc: { settings: settings(overrides), clientSecret: CLIENT.secret, secret: SECRET, publicUrl: PUBLIC_URL },
  });

beforeAll(async () => {
  provider = await startOpenIdProvider(REDIRECT_URI);
  server = await start();
  await server.must('POST', '/projects', { body: { key: 'web', name: 'Web' } });
  await server.must('POST', '/teams', { body: { key: 'web', name: 'Web' } });
});
beforeEach(() => {
  provider.claims = {};
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

async function leave(from = server, query = '') {
  const response = await from.app.inject({ url: `/api/v1/oidc/sign-in${query}`, remoteAddress: freshAddress() });
  const [cookie] = response.cookies;
  return { location: response.headers.location ?? '', cookie: cookie ? `${cookie.name}=${cookie.value}` : '', response };
}
const comeBack = (address: string, cookie: string, to = server) =>
  to.app.inject({ url: address.slice(PUBLIC_URL.length), headers: { cookie }, remoteAddress: freshAddress() });

/** The whole way; answers the last response and the session's cookie. */
async function signIn(login: string, from = server, query = '') {
  const { location, cookie } = await leave(from, query);
  const response = await comeBack(await signInAt(location, login, REDIRECT_URI), cookie, from);
  const session = response.cookies.find(({ name }) => name === 'yardarm');
  return { response, call: callWith(from, `yardarm=${session?.value ?? ''}`) };
}

describe('single sign-on', () => {
  it('is offered by name', async () => {
    expect((await server.call('GET', '/session/methods', { token: null })).json()).toEqual({ provider: { name: 'Test ID' } });
  });

  it('leaves with PKCE, state and nonce, in a cookie that only this server can read', async () => {
    const { location, cookie, response } = await leave();
    const asked = new URL(location).searchParams;
    expect([asked.get('code_challenge_method'), asked.get('response_type')]).toEqual(['S256', 'code']);
    expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(response.cookies).toMatchObject([{ name: 'yardarm-oidc', httpOnly: true, sameSite: 'Lax', maxAge: 600 }]);
    for (const name of ['state', 'nonce']) expect(cookie).not.toContain(asked.get(name));
  });

  it('opens a session for an account that it makes, and goes where the person was going', async () => {
    provider.claims = { preferred_username: 'grace', email: 'grace@example.com' };
    const { response, call } = await signIn('subject-of-grace', server, '?next=/projects/web/flags');
    expect([response.statusCode, response.headers.location]).toEqual([303, '/projects/web/flags']);
    expect((await call('GET', '/session')).json()).toMatchObject({ actor: { kind: 'person', name: 'grace' } });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'user.sign_in',
      kind: 'user',
      actor: provider.issuer,
    });
  });

  it('goes to no other site afterwards', async () => {
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/%0d%0aset-cookie:x'].map(
      encodeURIComponent,
    ))
      expect((await signIn('wanderer', server, `?next=${next}`)).response.headers.location).toMatch(/^\/($|%0d)/);
  });

  it('knows people by issuer and subject: a new name or address is the same person', async () => {
    provider.claims = { preferred_username: 'renamed', email: 'other@example.com' };
    const { call } = await signIn('subject-of-grace');
    expect((await call('GET', '/session')).json()).toMatchObject({ actor: { name: 'grace' } });
  });

  it('never merges by e-mail or name: whoever has those of somebody else gets an account of their own', async () => {
    const { user } = await makePerson(server, 'boss', [{ role: 'admin' }]);
    await server.sql`update users set email = 'boss@example.com' where id = ${user.id}`;
    provider.claims = { preferred_username: 'boss', email: 'boss@example.com' };
    const { call } = await signIn('subject-of-mallory');
    expect((await call('GET', '/session')).json()).toMatchObject({ actor: { name: 'boss (2)' }, grants: [] });
  });

  it('brings the rights and teams of groups, renews them at each sign-in, and leaves what people gave', async () => {
    provider.claims = { preferred_username: 'worker', groups: ['web', 'unknown group', 'nowhere'] };
    const first = await signIn('subject-of-worker');
    const rights = async (call: typeof first.call) => (await call('GET', '/session')).json().grants;
    expect(await rights(first.call)).toEqual([
      { role: 'editor', actions: actionsOf('editor'), project: 'web', environment: null },
    ]);
    expect(await server.sql`select 1 from team_members`).toHaveLength(1);
    await server.must('POST', '/projects/web/grants', { body: { user: 'worker', role: 'viewer' } });
    provider.claims = { groups: [] };
    const second = await signIn('subject-of-worker');
    expect(await rights(second.call)).toEqual([
      { role: 'viewer', actions: actionsOf('viewer'), project: 'web', environment: null },
    ]);
    expect(await server.sql`select 1 from team_members`).toHaveLength(0);
    const { changes } = await readRecord(server);
    await signIn('subject-of-worker');
    expect((await readRecord(server)).changes).toHaveLength(changes.length);
  });

  it('takes back what groups brought when no group brings anything any more', async () => {
    provider.claims = { preferred_username: 'former', groups: ['web'] };
    await signIn('subject-of-former');
    const rightsOfFormer = () => server.sql`select 1 from grants where user_id = (select id from users where name = 'former')`;
    expect(await rightsOfFormer()).toHaveLength(1);
    const without = await testApp({
      publicUrl: PUBLIC_URL,
      db: server.db,
      oidc: { settings: settings({ groups: new Map() }), clientSecret: CLIENT.secret, secret: SECRET, publicUrl: PUBLIC_URL },
    });
    await signIn('subject-of-former', without);
    expect(await rightsOfFormer()).toHaveLength(0);
    await without.close();
  });

  it('does not let in whom an administrator disabled', async () => {
    await server.sql`update users set disabled_at = now() where name = 'grace'`;
    const { response, call } = await signIn('subject-of-grace');
    expect(response.headers.location).toBe('/sign-in?error=disabled');
    expect((await call('GET', '/session')).statusCode).toBe(401);
  });

  it('lets in only those with an invite where accounts are not made, and binds the invited account to them', async () => {
    const closed = await start({ createUsers: false });
    expect((await signIn('stranger', closed)).response.headers.location).toBe('/sign-in?error=not_invited');
    const { secret } = await closed.must<User & { secret: string }>('POST', '/users', { body: { name: 'invited' } });
    const begun = await closed.app.inject({ method: 'POST', url: '/api/v1/oidc/sign-in', payload: { token: secret } });
    const [cookie] = begun.cookies;
    const address = await signInAt(begun.json().url, 'subject-of-invited', REDIRECT_URI);
    expect((await comeBack(address, `${cookie?.name}=${cookie?.value}`, closed)).headers.location).toBe('/');
    const { call } = await signIn('subject-of-invited', closed);
    expect((await call('GET', '/session')).json()).toMatchObject({ actor: { name: 'invited' } });
    await closed.close();
  });
});

describe('OIDC faults', () => {
  const refused = { statusCode: 303, location: '/sign-in?error=failed' };
  const outcome = ({ statusCode, headers }: { statusCode: number; headers: Record<string, unknown> }) => ({
    statusCode,
    location: headers.location,
  });

  it('refuses a code in a browser that did not leave for it, and one with another state', async () => {
    const mine = await leave();
    const address = await signInAt(mine.location, 'subject-of-mallory', REDIRECT_URI);
    expect(outcome(await comeBack(address, ''))).toEqual(refused);
    expect(outcome(await comeBack(address, (await leave()).cookie))).toEqual(refused);
    expect(outcome(await comeBack(address.replace(/state=[^&]+/, 'state=other'), mine.cookie))).toEqual(refused);
  });

  it('refuses a code that was used, and an attempt that is too old', async () => {
    const { location, cookie } = await leave();
    const address = await signInAt(location, 'wanderer', REDIRECT_URI);
    expect((await comeBack(address, cookie)).headers.location).toBe('/');
    expect(outcome(await comeBack(address, cookie))).toEqual(refused);
    const late = await leave();
    const lateAddress = await signInAt(late.location, 'wanderer', REDIRECT_URI);
    server.clock.nowMs += 10 * 60_000;
    expect(outcome(await comeBack(lateAddress, late.cookie))).toEqual(refused);
  });

  it('refuses an ID token with another nonce than the one of this attempt', async () => {
    const { location, cookie } = await leave();
    const elsewhere = location.replace(/nonce=[^&]+/, 'nonce=of-another-attempt');
    expect(elsewhere).not.toBe(location);
    expect(outcome(await comeBack(await signInAt(elsewhere, 'wanderer', REDIRECT_URI), cookie))).toEqual(refused);
  });

  it('refuses an ID token that is signed with another algorithm than the one of the settings', async () => {
    const strict = await start({ algorithm: 'PS256' });
    expect(outcome((await signIn('wanderer', strict)).response)).toEqual(refused);
    await strict.close();
  });

  it('refuses a provider that calls itself something else', async () => {
    const other = await start({ issuer: provider.issuer.replace('127.0.0.1', 'localhost') });
    expect((await leave(other)).response.headers.location).toBe('/sign-in?error=provider_unavailable');
    await other.close();
  });

  it('a provider that is down keeps nobody from signing in by password, and is asked again when it is back', async () => {
    const down = await start({ issuer: 'http://127.0.0.1:9' });
    expect((await leave(down)).response.headers.location).toBe('/sign-in?error=provider_unavailable');
    await makePerson(down, 'ada');
    expect((await signInWith(down, 'ada', PASSWORD)).statusCode).toBe(201);
    await down.close();
  });

  it('is not there without a provider', async () => {
    const plain = await testApp();
    expect((await plain.call('GET', '/session/methods', { token: null })).json()).toEqual({ provider: null });
    expect(refusal(await plain.app.inject({ url: '/api/v1/oidc/sign-in' }))).toEqual({ status: 404, code: 'not_found' });
    await plain.close();
  });
});
