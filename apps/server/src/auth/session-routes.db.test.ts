import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, TEST_TOKEN, type TestApp, testApp } from '../testing/test-app.ts';
import { actionsOf } from './roles.ts';
import { mintSecret } from './secrets.ts';
import { SESSION_IDLE_MS, SESSION_MAX_MS } from './sessions.ts';
import { LINK_MS, mintLink as mint } from './sign-in-links.ts';

let server: TestApp;
let userId: string;
beforeAll(async () => {
  server = await testApp();
  const [user] = await server.sql<{ id: string }[]>`insert into users (name) values ('ada') returning id`;
  await server.sql`insert into grants (user_id, role) values (${user?.id ?? ''}, 'admin')`;
  userId = user?.id ?? '';
});
afterAll(() => server.close());

const mintLink = () =>
  server.db.transaction((tx) => mint(tx, { userId, purpose: 'sign_in' }, { nowMs: server.clock.nowMs, mintSecret }));
let address = 0;
/** From a fresh address each time: the limit per address has a test of its own. */
function signIn(token: string, { headers = {}, remoteAddress = `10.0.0.${++address}` } = {}): Promise<LightMyRequestResponse> {
  return server.app.inject({ method: 'POST', url: '/api/v1/session', headers, payload: { token }, remoteAddress });
}
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };
async function cookieOf(response: Promise<LightMyRequestResponse>): Promise<string> {
  const [cookie] = (await response).cookies;
  return `${cookie?.name}=${cookie?.value}`;
}

describe('POST /session', () => {
  it('opens a session for a one-time link, in a cookie that scripts and other sites cannot use', async () => {
    const response = await signIn(await mintLink());
    expect(response.statusCode).toBe(201);
    const expiresAt = new Date(server.clock.nowMs + SESSION_MAX_MS).toISOString();
    const grants = [{ role: 'admin', actions: actionsOf('admin'), project: null, environment: null }];
    expect(response.json()).toEqual({ actor: { kind: 'person', name: 'ada' }, person: 'ada', expiresAt, grants });
    expect(response.cookies).toMatchObject([{ name: 'yardarm', httpOnly: true, sameSite: 'Lax', path: '/' }]);
    const read = await server.call('GET', '/session', {
      token: null,
      headers: { cookie: await cookieOf(Promise.resolve(response)) },
    });
    expect(read.json()).toEqual({ actor: { kind: 'person', name: 'ada' }, person: 'ada', expiresAt, grants });
  });

  it('opens a session for an API token, which ends when the token is revoked', async () => {
    await server.sql`insert into api_tokens (name, token_hash) values ('ci', encode(sha256('secret-of-ci'), 'hex'))`;
    const cookie = await cookieOf(signIn('secret-of-ci'));
    const read = () => server.call('GET', '/session', { token: null, headers: { cookie } });
    expect((await read()).json()).toMatchObject({ actor: { kind: 'token', name: 'ci' } });
    await server.sql`update api_tokens set revoked_at = now() where name = 'ci'`;
    expect(refusal(await read()).code).toBe('unauthenticated');
    expect(refusal(await signIn('secret-of-ci')).code).toBe('unauthenticated');
  });

  it('names the person behind a personal token, and nobody behind a machine', async () => {
    await server.sql`insert into api_tokens (name, token_hash, kind, user_id) values
      ('laptop', encode(sha256('secret-of-laptop'), 'hex'), 'personal', ${userId}),
      ('robot', encode(sha256('secret-of-robot'), 'hex'), 'machine', null)`;
    for (const [secret, person] of [
      ['secret-of-laptop', 'ada'],
      ['secret-of-robot', null],
    ] as const) {
      const opened = await signIn(secret);
      expect(opened.json()).toMatchObject({ actor: { kind: 'token' }, person });
      const cookie = await cookieOf(Promise.resolve(opened));
      expect((await server.call('GET', '/session', { token: null, headers: { cookie } })).json()).toEqual(opened.json());
    }
  });

  it('lets a link work once, even for two browsers at the same moment', async () => {
    const token = await mintLink();
    const answers = await Promise.all([signIn(token), signIn(token), signIn(token)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 401, 401]);
  });

  it('answers unknown, used, expired and replaced links alike', async () => {
    const refuse = async (token: string) => {
      const response = await signIn(token);
      return { status: response.statusCode, ...response.json().error, requestId: undefined, cookies: response.cookies };
    };
    const used = await mintLink();
    await signIn(used);
    const replaced = await mintLink();
    const expired = await mintLink();
    const bodies = [await refuse('never-minted'), await refuse(used), await refuse(replaced)];
    server.clock.nowMs += LINK_MS.sign_in;
    bodies.push(await refuse(expired));
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ status: 401, code: 'unauthenticated', cookies: [] });
  });

  it('stores neither the link nor the session secret', async () => {
    const token = await mintLink();
    const stored = async () =>
      JSON.stringify([await server.sql`select * from sign_in_links`, await server.sql`select * from sessions`]);
    expect(await stored()).not.toContain(token);
    const [, secret] = (await cookieOf(signIn(token))).split('=');
    expect(await stored()).not.toContain(secret);
  });

  it('is limited per address', async () => {
    const attempts: number[] = [];
    for (let attempt = 0; attempt < 21; attempt++)
      attempts.push((await signIn('guess', { remoteAddress: '10.9.9.9' })).statusCode);
    expect(new Set(attempts.slice(0, 20))).toEqual(new Set([401]));
    const limited = await signIn('guess', { remoteAddress: '10.9.9.9' });
    expect(refusal(limited)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signIn('guess', { remoteAddress: '10.9.9.8' })).statusCode).toBe(401);
  });

  it('refuses pages of other sites', async () => {
    const response = await signIn(TEST_TOKEN, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(refusal(response)).toEqual({ status: 403, code: 'forbidden' });
  });

  it('names what is wrong with a body', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { token: '' },
      remoteAddress: '10.1.1.1',
    });
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'token' }] });
  });
});

describe('session theft: a session', () => {
  const read = (cookie: string) => server.call('GET', '/session', { token: null, headers: { cookie } });

  it('ends after twelve idle hours, and use keeps it alive', async () => {
    const cookie = await cookieOf(signIn(await mintLink()));
    server.clock.nowMs += SESSION_IDLE_MS - 1;
    expect((await read(cookie)).statusCode).toBe(200);
    server.clock.nowMs += SESSION_IDLE_MS - 1;
    expect((await read(cookie)).statusCode).toBe(200);
    server.clock.nowMs += SESSION_IDLE_MS;
    expect(refusal(await read(cookie)).code).toBe('unauthenticated');
  });

  it('ends seven days after sign-in however busy it is', async () => {
    const cookie = await cookieOf(signIn(await mintLink()));
    for (let spent = 0; spent + SESSION_IDLE_MS / 2 < SESSION_MAX_MS; spent += SESSION_IDLE_MS / 2) {
      server.clock.nowMs += SESSION_IDLE_MS / 2;
      expect((await read(cookie)).statusCode).toBe(200);
    }
    server.clock.nowMs += SESSION_IDLE_MS / 2;
    expect(refusal(await read(cookie)).code).toBe('unauthenticated');
  });

  it('ends with DELETE, on the server too', async () => {
    const cookie = await cookieOf(signIn(await mintLink()));
    const response = await server.call('DELETE', '/session', { token: null, headers: { cookie, ...SAME_ORIGIN } });
    expect(response.statusCode).toBe(204);
    expect(response.cookies).toMatchObject([{ name: 'yardarm', value: '' }]);
    expect(refusal(await read(cookie)).code).toBe('unauthenticated');
  });

  it('changes things only from our own pages', async () => {
    const cookie = await cookieOf(signIn(await mintLink()));
    const create = (key: string, headers: { [name: string]: string }) =>
      server.call('POST', '/projects', {
        token: null,
        body: { key, name: key },
        headers: { cookie, host: 'flags.test', ...headers },
      });
    const refused: { [name: string]: string }[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { origin: 'http://flags.test', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of refused) expect(refusal(await create('stolen', headers))).toEqual({ status: 403, code: 'forbidden' });
    expect((await create('one', SAME_ORIGIN)).statusCode).toBe(201);
    expect((await create('two', { origin: 'http://flags.test' })).statusCode).toBe(201);
  });

  it('does not count beside a bearer token that is wrong', async () => {
    const cookie = await cookieOf(signIn(await mintLink()));
    const response = await server.call('GET', '/session', { token: 'wrong', headers: { cookie } });
    expect(refusal(response).code).toBe('unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });
});

describe('behind https', () => {
  it('the cookie is bound to this host and to https', async () => {
    const secure = await testApp({ publicUrl: 'https://flags.example.com' });
    const payload = { token: TEST_TOKEN };
    const response = await secure.app.inject({ method: 'POST', url: '/api/v1/session', payload });
    expect(response.headers['set-cookie']).toMatch(
      /^__Host-yardarm=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(response.headers['strict-transport-security']).toMatch(/max-age/);
    await secure.close();
  });
});
