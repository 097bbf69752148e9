import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADVISORY_LOCK_CLASS, PEOPLE_LOCK } from '../db/advisory-locks.ts';
import { callWith, choosePassword, cookieOf, makePerson, PASSWORD, signInWith } from '../testing/people.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';
import { LINK_MS } from './sign-in-links.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const invite = (name: string) => server.must<{ id: string; secret: string }>('POST', '/users', { body: { name } });

describe('POST /session/password', () => {
  it('signs in by name and password, whatever the case of the name and the form of its letters', async () => {
    await makePerson(server, 'Zoë');
    const response = await signInWith(server, 'zoe\u0308', PASSWORD);
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ actor: { kind: 'person', name: 'Zoë' }, grants: [] });
  });

  it('answers unknown, disabled, invited and mistaken people alike', async () => {
    const { user } = await makePerson(server, 'disabled');
    await server.must('POST', `/users/${user.id}/disable`);
    await invite('invited');
    await makePerson(server, 'known');
    const answers = [
      await signInWith(server, 'nobody', PASSWORD),
      await signInWith(server, 'disabled', PASSWORD),
      await signInWith(server, 'invited', PASSWORD),
      await signInWith(server, 'known', 'not the password'),
    ].map((response) => ({ status: response.statusCode, ...response.json().error, requestId: null, cookies: response.cookies }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, code: 'unauthenticated', cookies: [] });
  });

  it('brute force: ten attempts a minute for one account, from however many addresses', async () => {
    await makePerson(server, 'target');
    const codes: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++)
      codes.push((await signInWith(server, 'TARGET', `guess ${attempt}`)).statusCode);
    expect(codes).toEqual([...Array(10).fill(401), 429]);
    expect((await signInWith(server, 'target', PASSWORD)).statusCode).toBe(429);
    server.clock.nowMs += 60_000;
    expect((await signInWith(server, 'target', PASSWORD)).statusCode).toBe(201);
  });

  it('brute force: ten attempts a minute from one address, for however many accounts', async () => {
    const codes: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++)
      codes.push((await signInWith(server, `somebody ${attempt}`, 'guess', '10.9.9.9')).statusCode);
    expect(codes).toEqual([...Array(10).fill(401), 429]);
  });

  it('opens no session for a password that is changed, or a person who is disabled, at the same moment', async () => {
    for (const [name, change] of [
      ['hasty', { password_hash: 'another' }],
      ['leaving', { disabled_at: '2030-01-15T12:00:00Z' }],
    ] as const) {
      const { user } = await makePerson(server, name);
      let attempt: ReturnType<typeof signInWith> | undefined;
      await server.sql.begin(async (changing) => {
        await changing`update users set ${changing(change)} where id = ${user.id}`;
        // The old password fits what is still committed while this waits.
        attempt = signInWith(server, name, PASSWORD);
        await delay(500);
        await changing`delete from sessions where user_id = ${user.id}`;
      });
      expect(refusal(await (attempt as ReturnType<typeof signInWith>)).code).toBe('unauthenticated');
      expect(await server.sql`select 1 from sessions where user_id = ${user.id}`).toHaveLength(0);
    }
  });

  it('session fixation: gives a new session id, and ends the session that the browser had', async () => {
    const { cookie } = await makePerson(server, 'fixed');
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/session/password',
      headers: { cookie },
      payload: { name: 'fixed', password: PASSWORD },
      remoteAddress: '10.8.8.8',
    });
    expect(cookieOf(response)).not.toBe(cookie);
    expect((await callWith(server, cookie)('GET', '/session')).statusCode).toBe(401);
    expect((await callWith(server, cookieOf(response))('GET', '/session')).statusCode).toBe(200);
  });
});

describe('POST /password', () => {
  it('lets an invited person in once, with a password of their own choice', async () => {
    const { secret } = await invite('once');
    expect((await choosePassword(server, secret)).statusCode).toBe(201);
    expect(refusal(await choosePassword(server, secret)).code).toBe('unauthenticated');
    expect((await signInWith(server, 'once', PASSWORD)).statusCode).toBe(201);
  });

  it.each([
    ['eleven chars', 'elevenchars', 'A password has at least 12 characters.'],
    ['one that everybody tries first', 'password1234', expect.stringMatching(/first that anybody would try/)],
  ])('refuses %s and leaves the link usable', async (_, password, message) => {
    const { secret } = await invite(`refused ${password}`);
    const response = await choosePassword(server, secret, password);
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'password', message }] });
    expect((await choosePassword(server, secret)).statusCode).toBe(201);
  });

  it('counts characters, not bytes, and asks for no kinds of them', async () => {
    const { secret } = await invite('emoji');
    expect((await choosePassword(server, secret, '🐈🐕🐈🐕🐟🐈🐕🐟🐈🐕🐟')).statusCode).toBe(400);
    expect((await choosePassword(server, secret, '🐈🐕🐈🐕🐟🐈🐕🐟🐈🐕🐟🐋')).statusCode).toBe(201);
  });

  it('ends with its time: an invite after seven days, a reset after an hour', async () => {
    const invited = await invite('late');
    server.clock.nowMs += LINK_MS.invite;
    expect(refusal(await choosePassword(server, invited.secret)).code).toBe('unauthenticated');
    const reset = await server.must<{ secret: string }>('POST', `/users/${invited.id}/reset`);
    server.clock.nowMs += LINK_MS.reset;
    expect(refusal(await choosePassword(server, reset.secret)).code).toBe('unauthenticated');
  });

  it('lets only a set-up link choose a name', async () => {
    const { secret } = await invite('plain');
    expect(refusal(await choosePassword(server, secret, PASSWORD, 'Boss')).code).toBe('forbidden');
  });

  it('with a reset link ends every session that was open', async () => {
    const { user, call } = await makePerson(server, 'reset');
    const { secret } = await server.must<{ secret: string }>('POST', `/users/${user.id}/reset`);
    expect((await call('GET', '/session')).statusCode).toBe(200);
    expect((await choosePassword(server, secret, 'another lamp entirely')).statusCode).toBe(201);
    expect((await call('GET', '/session')).statusCode).toBe(401);
    expect((await signInWith(server, 'reset', PASSWORD)).statusCode).toBe(401);
  });

  it('uses a link while an administrator ends it, and neither waits for the other for ever', async () => {
    const { id, secret } = await invite('contested');
    let choice: ReturnType<typeof choosePassword> | undefined;
    await server.sql.begin(async (ending) => {
      // As disabling or resetting somebody does: people first, then the person's links.
      await ending`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${PEOPLE_LOCK})`;
      choice = choosePassword(server, secret);
      await delay(500);
      await ending`set local lock_timeout = '500ms'`;
      await ending`delete from sign_in_links where user_id = ${id}`;
    });
    expect((await choice)?.statusCode).toBe(401);
  });

  it('refuses a link for something else', async () => {
    expect(refusal(await choosePassword(server, 'never-minted')).code).toBe('unauthenticated');
  });
});

describe('PATCH /password', () => {
  it('asks for the current one: a stolen session does not become a stolen account', async () => {
    const { call } = await makePerson(server, 'careful');
    for (const body of [{ password: 'another lamp entirely' }, { current: 'wrong', password: 'another lamp entirely' }])
      expect(refusal(await call('PATCH', '/password', { body })).code).toBe('forbidden');
    expect((await signInWith(server, 'careful', PASSWORD)).statusCode).toBe(201);
  });

  it('ends all other sessions and gives this one a new id', async () => {
    const { call, cookie } = await makePerson(server, 'changing');
    const other = callWith(server, cookieOf(await signInWith(server, 'changing', PASSWORD)));
    const response = await call('PATCH', '/password', { body: { current: PASSWORD, password: 'another lamp entirely' } });
    expect(response.statusCode).toBe(201);
    expect(cookieOf(response)).not.toBe(cookie);
    expect((await other('GET', '/session')).statusCode).toBe(401);
    expect((await call('GET', '/session')).statusCode).toBe(401);
    expect((await callWith(server, cookieOf(response))('GET', '/session')).statusCode).toBe(200);
  });

  it('changes nothing where no session can be opened with the new one', async () => {
    const { call } = await makePerson(server, 'unlucky');
    await server.sql`alter table sessions add constraint unlucky check (user_agent <> 'unlucky') not valid`;
    const body = { current: PASSWORD, password: 'another lamp entirely' };
    const answer = await call('PATCH', '/password', { body, headers: { 'user-agent': 'unlucky' } });
    await server.sql`alter table sessions drop constraint unlucky`;
    expect(refusal(answer)).toEqual({ status: 500, code: 'internal' });
    expect((await call('GET', '/session')).statusCode).toBe(200);
    expect((await signInWith(server, 'unlucky', PASSWORD)).statusCode).toBe(201);
  });

  it('is not for tokens, whoever made them', async () => {
    const { call } = await makePerson(server, 'tokened');
    const { secret } = (await call('POST', '/tokens', { body: { name: 'laptop', kind: 'personal' } })).json();
    const body = { current: PASSWORD, password: 'another lamp entirely' };
    expect(refusal(await server.call('PATCH', '/password', { token: secret, body })).code).toBe('forbidden');
  });

  it('is on the record without the password or its hash', async () => {
    const { changes } = await readRecord(server);
    const own = changes.filter(({ command }) => command === 'user.set_password');
    expect(own.at(-1)).toMatchObject({ kind: 'user', after: { password: 'changed' } });
    expect(JSON.stringify(changes)).not.toMatch(/argon2|lamp/);
  });
});

describe('sessions of oneself', () => {
  it('are listed and ended one by one or all at once, and nobody else’s', async () => {
    const { call, cookie } = await makePerson(server, 'lister');
    const second = callWith(server, cookieOf(await signInWith(server, 'lister', PASSWORD)));
    const stranger = await makePerson(server, 'stranger');
    const { items } = (await second('GET', '/sessions')).json();
    expect(items).toHaveLength(2);
    expect(items.filter((item: { current: boolean }) => item.current)).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(cookie.split('=')[1]);
    const first = items.find((item: { current: boolean }) => !item.current);
    expect(refusal(await stranger.call('DELETE', `/sessions/${first.id}`)).code).toBe('not_found');
    expect((await second('DELETE', `/sessions/${first.id}`)).statusCode).toBe(204);
    expect((await call('GET', '/session')).statusCode).toBe(401);
    expect((await second('DELETE', '/sessions')).statusCode).toBe(204);
    expect((await second('GET', '/session')).statusCode).toBe(401);
    expect((await stranger.call('GET', '/session')).statusCode).toBe(200);
  });
});
