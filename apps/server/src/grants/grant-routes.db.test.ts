import type { Grant } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actionsOf } from '../auth/roles.ts';
import { makeProject } from '../testing/fixtures.ts';
import { makePerson, type Person } from '../testing/people.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
let webAdmin: Person;
let somebody: Person;
beforeAll(async () => {
  server = await testApp();
  for (const project of ['web', 'api']) await makeProject(server, project, ['production', 'staging']);
  webAdmin = await makePerson(server, 'web-admin', [{ role: 'admin', project: 'web' }]);
  somebody = await makePerson(server, 'somebody');
});
afterAll(() => server.close());

describe('/grants', () => {
  const give = (path: string, body: object, who: Pick<Person, 'call'> = webAdmin) => who.call('POST', `${path}/grants`, { body });

  it('give a person a right in a project at once, on the record of the project', async () => {
    expect((await somebody.call('GET', '/projects/web')).statusCode).toBe(404);
    const response = await give('/projects/web', { user: 'SOMEBODY', role: 'viewer', reason: 'Reads along' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      holder: { kind: 'user', name: 'somebody' },
      role: 'viewer',
      project: 'web',
      environment: null,
    });
    expect((await somebody.call('GET', '/projects/web')).statusCode).toBe(200);
    expect((await somebody.call('GET', '/session')).json().grants).toEqual([
      { role: 'viewer', actions: actionsOf('viewer'), project: 'web', environment: null },
    ]);
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'grant.create',
      kind: 'grant',
      reason: 'Reads along',
    });
    const { items } = (await webAdmin.call('GET', '/projects/web/changes')).json();
    expect(items[0]).toMatchObject({ command: 'grant.create' });
  });

  it('take single actions in one environment', async () => {
    const path = '/projects/web/environments/staging';
    expect((await give(path, { user: 'somebody', actions: ['flag.kill', 'flag.unkill'] })).statusCode).toBe(201);
    const { items } = (await webAdmin.call('GET', `${path}/grants`)).json<{ items: Grant[] }>();
    expect(items).toMatchObject([{ actions: ['flag.kill', 'flag.unkill'], role: null, environment: 'staging' }]);
    const unknown = await give(path, { user: 'somebody', actions: ['flag.kil'] });
    expect(unknown.json().error).toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'actions[0]', message: "There is no action 'flag.kil'. Did you mean 'flag.kill'?" }],
    });
  });

  it('are given to teams, whose members have them as long as they are members', async () => {
    await server.sql`insert into teams (key, name) values ('checkout', 'Checkout')`;
    await give('/projects/web', { team: 'checkout', role: 'releaser' });
    const member = await makePerson(server, 'member');
    expect((await member.call('GET', '/projects/web')).statusCode).toBe(404);
    await server.sql`insert into team_members select t.id, u.id from teams t, users u where u.name = 'member'`;
    expect((await member.call('GET', '/projects/web')).statusCode).toBe(200);
    await server.sql`delete from team_members`;
    expect((await member.call('GET', '/projects/web')).statusCode).toBe(404);
  });

  it('never give more than the giver holds, nor anywhere else', async () => {
    const granter = await makePerson(server, 'granter', [{ role: 'viewer', actions: ['grant.create'], project: 'web' }]);
    const cases: [Person, string, object, string][] = [
      [granter, '/projects/web', { user: 'somebody', role: 'editor' }, 'forbidden'],
      [granter, '/projects/web', { user: 'granter', actions: ['environment.release'] }, 'forbidden'],
      [webAdmin, '/projects/api', { user: 'web-admin', role: 'viewer' }, 'not_found'],
      [webAdmin, '', { user: 'web-admin', role: 'viewer' }, 'forbidden'],
      [somebody, '/projects/web', { user: 'somebody', role: 'admin' }, 'forbidden'],
    ];
    for (const [who, path, body, code] of cases) expect(refusal(await give(path, body, who)).code).toBe(code);
    expect((await give('/projects/web', { user: 'somebody', role: 'viewer' }, granter)).statusCode).toBe(201);
  });

  it('go to no token of another project: with rights in two, neither project could revoke it', async () => {
    const body = { name: 'api deployer', grants: [{ role: 'editor', project: 'api' }] };
    const { id } = await server.must<{ id: string }>('POST', '/tokens', { body });
    expect(refusal(await give('/projects/web', { token: id, role: 'viewer' })).code).toBe('not_found');
    expect((await give('/projects/web', { token: id, role: 'viewer' }, server)).statusCode).toBe(201);
  });

  it('name what is wrong with a body', async () => {
    for (const body of [{}, { user: 'somebody' }, { role: 'viewer' }, { user: 'somebody', team: 'checkout', role: 'viewer' }])
      expect(refusal(await give('/projects/web', body)).code).toBe('validation_failed');
    expect(refusal(await give('/projects/web', { user: 'nobody', role: 'viewer' })).code).toBe('not_found');
    expect(refusal(await give('/projects/web', { team: 'nobody', role: 'viewer' })).code).toBe('not_found');
  });

  it('are taken away where they lie and nowhere else', async () => {
    const { id } = (await give('/projects/web/environments/staging', { user: 'somebody', role: 'editor' })).json();
    for (const path of ['', '/projects/api', '/projects/web/environments/production'])
      expect(refusal(await server.call('DELETE', `${path}/grants/${id}`)).code).toBe('not_found');
    expect((await webAdmin.call('DELETE', `/projects/web/grants/${id}`)).json()).toMatchObject({ id });
    expect(refusal(await webAdmin.call('DELETE', `/projects/web/grants/${id}`)).code).toBe('not_found');
  });
});
