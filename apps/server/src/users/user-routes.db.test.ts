import type { User } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject } from '../testing/fixtures.ts';
import { callWith, choosePassword, cookieOf, makePerson, PASSWORD, type Person, signInWith } from '../testing/people.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
let admin: Person;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web');
  admin = await makePerson(server, 'root', [{ role: 'admin' }]);
});
afterAll(() => server.close());

describe('/users', () => {
  it('is for administrators of the instance', async () => {
    const projectAdmin = await makePerson(server, 'web-admin', [{ role: 'admin', project: 'web' }]);
    expect(refusal(await server.call('GET', '/users', { token: null })).code).toBe('unauthenticated');
    expect(refusal(await projectAdmin.call('GET', '/users')).code).toBe('forbidden');
    expect(refusal(await projectAdmin.call('POST', '/users', { body: { name: 'x' } })).code).toBe('forbidden');
    const { items } = (await admin.call('GET', '/users')).json<{ items: User[] }>();
    expect(items.map(({ name, hasPassword, grants }) => [name, hasPassword, grants[0]?.role])).toEqual([
      ['root', true, 'admin'],
      ['web-admin', true, 'admin'],
    ]);
  });

  it('invites with rights and a link that is shown once, on the record without it', async () => {
    const body = { name: 'Grace', email: 'grace@example.com', grants: [{ role: 'editor', project: 'web' }], reason: 'Joined' };
    const response = await admin.call('POST', '/users', { body });
    expect(response.statusCode).toBe(201);
    const { secret, ...user } = response.json();
    expect(user).toMatchObject({ name: 'Grace', hasPassword: false, grants: [{ role: 'editor', project: 'web' }] });
    expect((await admin.call('GET', `/users/${user.id}`)).json()).toEqual(user);
    const { changes } = await readRecord(server);
    expect(changes.slice(-2)).toMatchObject([
      { command: 'user.invite', kind: 'user', key: 'Grace', actor: 'root', reason: 'Joined' },
      {
        command: 'user.invite',
        kind: 'grant',
        after: { holder: { kind: 'user', name: 'Grace' }, role: 'editor', project: 'web' },
      },
    ]);
    expect(JSON.stringify([changes, await server.sql`select * from sign_in_links`])).not.toContain(secret);
  });

  it('refuses a name or address that somebody has, whatever its case', async () => {
    for (const body of [{ name: 'ROOT' }, { name: 'other', email: 'Grace@Example.com' }])
      expect(refusal(await admin.call('POST', '/users', { body })).code).toBe('already_exists');
  });

  it('edits under If-Match', async () => {
    const { user } = await makePerson(server, 'renamed');
    const edit = (headers: Record<string, string>, body: object) => admin.call('PATCH', `/users/${user.id}`, { headers, body });
    expect(refusal(await edit({}, { name: 'x' })).code).toBe('precondition_required');
    expect(refusal(await edit({ 'if-match': '"v1"' }, { name: 'x' })).code).toBe('stale_version');
    const current = (await admin.call('GET', `/users/${user.id}`)).headers.etag as string;
    const response = await edit({ 'if-match': current }, { name: 'Renamed', email: 'r@example.com' });
    expect(response.json()).toMatchObject({ name: 'Renamed', email: 'r@example.com' });
    expect((await signInWith(server, 'renamed', PASSWORD)).statusCode).toBe(201);
    const again = response.headers.etag as string;
    expect(refusal(await edit({ 'if-match': again }, { name: 'root' })).code).toBe('already_exists');
  });

  it('disabling somebody ends every session, link and sign-in; enabling brings only the sign-in back', async () => {
    const { user, call } = await makePerson(server, 'leaver');
    const second = callWith(server, cookieOf(await signInWith(server, 'leaver', PASSWORD)));
    const { secret } = (await admin.call('POST', `/users/${user.id}/reset`)).json();
    await admin.call('POST', `/users/${user.id}/disable`, { body: { reason: 'Left' } });
    expect([(await call('GET', '/session')).statusCode, (await second('GET', '/session')).statusCode]).toEqual([401, 401]);
    expect((await signInWith(server, 'leaver', PASSWORD)).statusCode).toBe(401);
    expect((await choosePassword(server, secret)).statusCode).toBe(401);
    expect(refusal(await admin.call('POST', `/users/${user.id}/reset`)).code).toBe('forbidden');
    await admin.call('POST', `/users/${user.id}/enable`);
    expect((await call('GET', '/session')).statusCode).toBe(401);
    expect((await signInWith(server, 'leaver', PASSWORD)).statusCode).toBe(201);
  });

  it('whoever may only hand out reset links hands out none for somebody with more rights: the link would bring them', async () => {
    const help = await makePerson(server, 'help desk', [{ actions: ['user.reset'] }]);
    const plain = await makePerson(server, 'forgetful');
    const editor = await makePerson(server, 'web editor', [{ role: 'editor', project: 'web' }]);
    for (const { user } of [admin, editor]) {
      expect(refusal(await help.call('POST', `/users/${user.id}/reset`)).code).toBe('forbidden');
      expect((await admin.call('POST', `/users/${user.id}/reset`)).statusCode).toBe(200);
    }
    expect((await help.call('POST', `/users/${plain.user.id}/reset`)).statusCode).toBe(200);
  });
});

describe('the last administrator', () => {
  it('cannot be disabled or lose the right, nor can two go at the same moment', async () => {
    const alone = await testApp();
    const [one, two] = [await makePerson(alone, 'one', [{ role: 'admin' }]), await makePerson(alone, 'two', [{ role: 'admin' }])];
    const both = await Promise.all([one, two].map(({ user }) => alone.call('POST', `/users/${user.id}/disable`)));
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    expect(both.map((response) => response.json().error?.code).filter(Boolean)).toEqual(['last_administrator']);
    const { items } = (await alone.call('GET', '/grants')).json();
    const left = both[0]?.statusCode === 409 ? 'one' : 'two';
    const right = items.find((grant: { holder: { name: string } }) => grant.holder.name === left);
    expect(refusal(await alone.call('DELETE', `/grants/${right.id}`)).code).toBe('last_administrator');
    // Somebody who was invited and never came does not count: nobody could sign in.
    await alone.must('POST', '/users', { body: { name: 'three', grants: [{ role: 'admin' }] } });
    expect(refusal(await alone.call('DELETE', `/grants/${right.id}`)).code).toBe('last_administrator');
    await makePerson(alone, 'four', [{ role: 'admin' }]);
    expect((await alone.call('DELETE', `/grants/${right.id}`)).statusCode).toBe(200);
    await alone.close();
  });
});
