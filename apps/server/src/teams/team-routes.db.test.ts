import { setTimeout as delay } from 'node:timers/promises';
import type { Team } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADVISORY_LOCK_CLASS, PEOPLE_LOCK } from '../db/advisory-locks.ts';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('/teams', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web');
    await server.sql`insert into users (name) values ('ada'), ('grace')`;
  });
  afterAll(() => server.close());

  const create = (key: string, more: object = {}) => server.call('POST', '/teams', { body: { key, name: key, ...more } });
  const edit = (method: 'PATCH' | 'DELETE', key: string, body: unknown, version = 1) =>
    server.call(method, `/teams/${key}`, {
      ...(body !== undefined && { body }),
      headers: { 'if-match': `"v${version}"` },
    });

  it('ask strangers to sign in, are seen by everybody and made by whoever administers everything', async () => {
    await create('guarded');
    const admin = await mintToken(server, { role: 'admin', project: 'web' });
    for (const [method, url] of [
      ['GET', '/teams'],
      ['GET', '/teams/guarded'],
      ['POST', '/teams'],
      ['PATCH', '/teams/guarded'],
      ['DELETE', '/teams/guarded'],
    ] as const) {
      expect(refusal(await server.call(method, url, { token: null })).code).toBe('unauthenticated');
      const headers = { 'if-match': '"v1"' };
      const body = method === 'POST' ? { key: 'x', name: 'X' } : method === 'PATCH' ? { name: 'X' } : undefined;
      const response = await server.call(method, url, { token: admin, headers, ...(body && { body }) });
      if (method === 'GET') expect(response.statusCode).toBe(200);
      else expect(refusal(response).code).toBe('forbidden');
    }
  });

  it('are made with members, in the record of the instance', async () => {
    const response = await create('payments', { members: ['grace', 'ada'], reason: 'Reorganised' });
    expect([response.statusCode, response.json()]).toMatchObject([201, { key: 'payments', members: ['ada', 'grace'] }]);
    const [set] =
      await server.sql`select project_id, reason from change_sets where command = 'team.create' and reason is not null`;
    expect(set).toEqual({ project_id: null, reason: 'Reorganised' });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      kind: 'team',
      key: 'payments',
      before: null,
      after: { key: 'payments', name: 'payments', members: ['ada', 'grace'] },
    });
    expect(refusal(await create('payments'))).toEqual({ status: 409, code: 'already_exists' });
  });

  it('name members who do not exist, and are not made then', async () => {
    const response = await create('ghosts', { members: ['ada', 'nobody', 'none'] });
    expect(response.json().error).toMatchObject({
      code: 'invalid_reference',
      details: [{ path: 'members[1]' }, { path: 'members[2]' }],
    });
    expect(refusal(await server.call('GET', '/teams/ghosts')).code).toBe('not_found');
  });

  it('are edited by whoever has seen them as they are', async () => {
    await create('search', { members: ['ada'] });
    expect((await server.call('GET', '/teams/search')).headers.etag).toBe('"v1"');
    expect(refusal(await server.call('PATCH', '/teams/search', { body: {} })).code).toBe('precondition_required');
    expect(refusal(await edit('PATCH', 'search', { name: 'S' }, 3)).code).toBe('stale_version');
    const response = await edit('PATCH', 'search', { name: 'Search', members: ['grace'] });
    expect(response.json()).toMatchObject({ name: 'Search', members: ['grace'], version: 2 });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'team.update',
      before: { name: 'search', members: ['ada'] },
      after: { name: 'Search', members: ['grace'] },
    });
    const before = await readRecord(server);
    expect((await edit('PATCH', 'search', { members: ['grace'] }, 2)).json()).toMatchObject({ version: 2 });
    expect(await readRecord(server)).toEqual(before);
  });

  it('give their rights to members until they leave', async () => {
    await create('editors');
    await server.sql`insert into grants (team_id, role) select id, 'viewer' from teams where key = 'editors'`;
    expect(refusal(await edit('DELETE', 'editors', undefined))).toEqual({ status: 409, code: 'in_use' });
    await server.sql`delete from grants where team_id is not null`;
    expect((await edit('DELETE', 'editors', undefined)).statusCode).toBe(204);
  });

  it('take nobody in through somebody who does not hold the rights of the team', async () => {
    await create('rulers', { members: ['ada'] });
    await server.sql`insert into grants (team_id, role) select id, 'admin' from teams where key = 'rulers'`;
    await create('plain');
    const keeper = await mintToken(server, { actions: ['team.update'] });
    const edit = (key: string, body: object) =>
      server.call('PATCH', `/teams/${key}`, { token: keeper, body, headers: { 'if-match': '"v1"' } });
    const record = await readRecord(server);
    expect(refusal(await edit('rulers', { members: ['ada', 'grace'] }))).toEqual({ status: 403, code: 'forbidden' });
    expect(await readRecord(server)).toEqual(record);
    expect((await edit('plain', { members: ['grace'] })).statusCode).toBe(200);
    expect((await edit('rulers', { name: 'Rulers', members: ['ada'] })).statusCode).toBe(200);
    await server.sql`delete from grants where team_id is not null`;
  });

  it('change while they are given rights, and neither waits for the other for ever', async () => {
    await create('busy');
    let change: ReturnType<typeof edit> | undefined;
    await server.sql.begin(async (holder) => {
      // As giving a right does: people first, then the row of the team.
      await holder`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${PEOPLE_LOCK})`;
      change = edit('PATCH', 'busy', { members: ['ada'] });
      await delay(300);
      await holder`set local lock_timeout = '500ms'`;
      await holder`insert into grants (team_id, role) select id, 'viewer' from teams where key = 'busy'`;
    });
    expect((await change)?.statusCode).toBe(200);
    await server.sql`delete from grants where team_id is not null`;
  });

  it('are not deleted while they own flags, and say how many', async () => {
    await create('owners');
    await makeFlag(server, 'web', 'a', { owner: 'owners' });
    await makeFlag(server, 'web', 'b', { owner: 'owners' });
    const refused = await edit('DELETE', 'owners', undefined);
    expect(refused.json().error).toMatchObject({
      code: 'in_use',
      message: "Team 'owners' owns 2 flags; give them another owner, then delete it.",
    });
    for (const key of ['a', 'b']) await server.must('POST', `/projects/web/flags/${key}/archive`);
    expect((await edit('DELETE', 'owners', undefined)).statusCode).toBe(204);
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({ command: 'team.delete', key: 'owners', after: null });
  });

  it('come in pages by key', async () => {
    const { items, next } = await server.must<{ items: Team[]; next: string }>('GET', '/teams?limit=1');
    expect(items).toHaveLength(1);
    const rest = await server.must<{ items: Team[] }>('GET', `/teams?cursor=${next}`);
    expect(rest.items.map(({ key }) => key)).not.toContain(items[0]?.key);
  });

  it('have members and a name, and nothing else', async () => {
    const response = await server.call('POST', '/teams', { body: { key: ' x', name: '', members: 'ada', role: 'admin' } });
    const paths = response.json().error.details.map((detail: { path: string }) => detail.path);
    expect(paths).toEqual(['key', 'name', 'members', 'role']);
  });
});
