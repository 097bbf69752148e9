import type { ApiToken } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { makePerson, type Person } from '../testing/people.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
let admin: Person;
let webAdmin: Person;
let editor: Person;
beforeAll(async () => {
  server = await testApp();
  for (const project of ['web', 'api']) {
    await makeProject(server, project, ['production', 'staging']);
    await makeFlag(server, project, 'checkout');
  }
  admin = await makePerson(server, 'root', [{ role: 'admin' }]);
  webAdmin = await makePerson(server, 'web-admin', [{ role: 'admin', project: 'web' }]);
  editor = await makePerson(server, 'editor', [{ role: 'editor', project: 'web' }]);
});
afterAll(() => server.close());

type Made = ApiToken & { secret: string };
async function make(who: Person, body: object): Promise<Made> {
  const response = await who.call('POST', '/tokens', { body });
  if (response.statusCode !== 201) throw new Error(response.body);
  return response.json<Made>();
}
const kill = (project: string, token: string, environment = 'production') =>
  server.call('POST', `/projects/${project}/flags/checkout/environments/${environment}/kill`, { token });

describe('POST /tokens', () => {
  it('asks strangers to sign in', async () => {
    expect(refusal(await server.call('POST', '/tokens', { token: null, body: { name: 'x' } })).code).toBe('unauthenticated');
  });

  it('shows the secret once and stores its hash', async () => {
    const made = await make(admin, { name: 'ci', grants: [{ role: 'editor', project: 'web' }] });
    expect(made.secret).toMatch(/^yt_[\w-]{49}$/);
    expect(made).toMatchObject({ kind: 'machine', owner: null, createdBy: 'root', prefix: made.secret.slice(0, 8) });
    const stored = JSON.stringify([
      await server.sql`select * from api_tokens`,
      (await readRecord(server)).changes,
      (await admin.call('GET', '/tokens')).body,
    ]);
    expect(stored).not.toContain(made.secret);
    expect((await kill('web', made.secret)).statusCode).toBe(200);
    expect((await kill('api', made.secret)).statusCode).toBe(404);
  });

  it('gives at most what its maker holds', async () => {
    const attempts: [Person, object[], number][] = [
      [webAdmin, [{ role: 'admin', project: 'web' }], 201],
      [webAdmin, [{ role: 'viewer', project: 'api' }], 404],
      [webAdmin, [{ role: 'viewer' }], 403],
      [webAdmin, [{ role: 'viewer', project: 'web' }, { role: 'admin' }], 403],
      [editor, [{ role: 'viewer', project: 'web' }], 403],
    ];
    for (const [who, grants, expected] of attempts)
      expect((await who.call('POST', '/tokens', { body: { name: 'x', grants } })).statusCode).toBe(expected);
  });

  it('names what is wrong: no rights, an unknown action, a past expiry, an environment without project', async () => {
    const bodies = [
      { name: 'x' },
      { name: 'x', grants: [{ actions: ['flag.explode'] }] },
      { name: 'x', expiresAt: '2020-01-01T00:00:00Z', grants: [{ role: 'viewer' }] },
      { name: 'x', grants: [{ role: 'viewer', environment: 'production' }] },
    ];
    for (const body of bodies) expect(refusal(await admin.call('POST', '/tokens', { body })).code).toBe('validation_failed');
  });

  it('makes one that ends with its expiry', async () => {
    const expiresAt = new Date(server.clock.nowMs + 60_000).toISOString();
    const { id, secret } = await make(admin, { name: 'short', grants: [{ role: 'viewer' }], expiresAt });
    expect((await server.call('GET', '/session', { token: secret })).statusCode).toBe(200);
    await server.sql`update api_tokens set expires_at = now() - interval '1 second' where id = ${id}`;
    expect((await server.call('GET', '/session', { token: secret })).statusCode).toBe(401);
  });
});

describe('a personal token', () => {
  it('may do at most what its owner may do now, and no more than it was narrowed to', async () => {
    const person = await makePerson(server, 'owner', [{ role: 'editor', project: 'web' }]);
    const wide = await make(person, { name: 'wide', kind: 'personal' });
    const narrow = await make(person, {
      name: 'narrow',
      kind: 'personal',
      grants: [{ role: 'admin', project: 'web', environment: 'staging' }],
    });
    const greedy = await make(person, { name: 'greedy', kind: 'personal', grants: [{ role: 'admin' }] });
    expect((await kill('web', wide.secret)).statusCode).toBe(200);
    expect((await kill('api', wide.secret)).statusCode).toBe(404);
    expect((await kill('web', narrow.secret, 'staging')).statusCode).toBe(200);
    expect((await kill('web', narrow.secret)).statusCode).toBe(403);
    expect((await server.call('GET', '/users', { token: greedy.secret })).statusCode).toBe(403);
    await server.sql`delete from grants where user_id = ${person.user.id}`;
    expect((await kill('web', wide.secret)).statusCode).toBe(404);
  });

  it('says in the history whose hand it was', async () => {
    const { secret } = await make(admin, { name: 'laptop', kind: 'personal' });
    await server.must('POST', '/projects', { token: secret, body: { key: 'made-by-token', name: 'x' } });
    expect((await readRecord(server)).changes.at(-1)?.actor).toBe('root (laptop)');
    const { actor, person } = (await server.call('GET', '/session', { token: secret })).json();
    expect([actor, person]).toEqual([{ kind: 'token', name: 'root (laptop)' }, 'root']);
  });

  it('makes no other personal token, and never gets wider by losing its rights', async () => {
    const { id, secret } = await make(admin, { name: 'narrow', kind: 'personal', grants: [{ role: 'viewer', project: 'web' }] });
    const body = { name: 'escape', kind: 'personal' };
    expect(refusal(await server.call('POST', '/tokens', { token: secret, body })).code).toBe('forbidden');
    expect(refusal(await admin.call('POST', '/grants', { body: { token: id, role: 'admin' } })).code).toBe('forbidden');
    await server.sql`delete from grants where api_token_id = ${id}`;
    expect((await server.call('GET', '/session', { token: secret })).json().grants).toEqual([]);
  });

  it('ends when its owner is disabled', async () => {
    const person = await makePerson(server, 'leaver', [{ role: 'editor', project: 'web' }]);
    const { secret } = await make(person, { name: 'x', kind: 'personal' });
    await server.must('POST', `/users/${person.user.id}/disable`);
    expect((await server.call('GET', '/session', { token: secret })).statusCode).toBe(401);
    await server.must('POST', `/users/${person.user.id}/enable`);
    expect((await server.call('GET', '/session', { token: secret })).statusCode).toBe(401);
  });
});

describe('a break-glass token', () => {
  it('kills with nothing but curl, reads what it needs for that, and does nothing else', async () => {
    const { secret } = await make(admin, { name: 'on call', kind: 'break_glass' });
    expect((await kill('web', secret)).statusCode).toBe(200);
    expect((await kill('api', secret)).statusCode).toBe(200);
    expect((await server.call('GET', '/projects/web/flags', { token: secret })).statusCode).toBe(200);
    const unkill = await server.call('POST', '/projects/web/flags/checkout/environments/production/unkill', { token: secret });
    expect(refusal(unkill).code).toBe('forbidden');
    expect(refusal(await server.call('POST', '/projects', { token: secret, body: { key: 'x', name: 'x' } })).code).toBe(
      'forbidden',
    );
  });

  it('can be held to a project, and cannot be given anything else', async () => {
    const grants = [{ actions: ['flag.kill'], project: 'web' }];
    const { secret } = await make(webAdmin, { name: 'web on call', kind: 'break_glass', grants });
    expect([(await kill('web', secret)).statusCode, (await kill('api', secret)).statusCode]).toEqual([200, 404]);
    const body = { name: 'x', kind: 'break_glass', grants: [{ role: 'admin' }] };
    expect(refusal(await admin.call('POST', '/tokens', { body })).code).toBe('validation_failed');
  });
});

describe('GET and DELETE /tokens', () => {
  it('show and revoke one’s own and those whose rights one could give', async () => {
    const ofWeb = await make(webAdmin, { name: 'of web', grants: [{ role: 'viewer', project: 'web' }] });
    const ofApi = await make(admin, { name: 'of api', grants: [{ role: 'viewer', project: 'api' }] });
    const own = await make(editor, { name: 'own', kind: 'personal' });
    const seen = async (who: Person) => {
      const { items } = (await who.call('GET', '/tokens')).json<{ items: ApiToken[] }>();
      return [ofWeb, ofApi, own].map(({ id }) => items.some((item) => item.id === id));
    };
    expect([await seen(admin), await seen(webAdmin), await seen(editor)]).toEqual([
      [true, true, true],
      [true, false, false],
      [false, false, true],
    ]);
    expect(refusal(await webAdmin.call('DELETE', `/tokens/${ofApi.id}`)).code).toBe('not_found');
    expect(refusal(await editor.call('DELETE', `/tokens/${ofWeb.id}`)).code).toBe('not_found');
    expect((await editor.call('DELETE', `/tokens/${own.id}`)).json()).toMatchObject({ revokedAt: expect.any(String) });
    expect((await server.call('GET', '/session', { token: own.secret })).statusCode).toBe(401);
    const { changes } = await readRecord(server);
    await editor.call('DELETE', `/tokens/${own.id}`);
    expect((await readRecord(server)).changes).toHaveLength(changes.length);
  });

  it('stamp the last use at most once a minute', async () => {
    const { id, secret } = await make(admin, { name: 'stamped', grants: [{ role: 'viewer' }] });
    const lastUsed = async () => {
      const { items } = (await admin.call('GET', '/tokens')).json<{ items: ApiToken[] }>();
      return items.find((item) => item.id === id)?.lastUsedAt;
    };
    expect(await lastUsed()).toBeNull();
    await server.call('GET', '/session', { token: secret });
    const first = await lastUsed();
    expect(first).toBe(new Date(server.clock.nowMs).toISOString());
    server.clock.nowMs += 59_000;
    await server.call('GET', '/session', { token: secret });
    expect(await lastUsed()).toBe(first);
    server.clock.nowMs += 2_000;
    await server.call('GET', '/session', { token: secret });
    expect(await lastUsed()).not.toBe(first);
  });
});
