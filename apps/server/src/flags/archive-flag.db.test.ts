import type { Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvironment, makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, type TestApp, testApp } from '../testing/test-app.ts';

describe('archiving a flag', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
  });
  afterAll(() => server.close());

  /** A flag of that key, on in production, in a project of its own. */
  async function checkout(project: string) {
    await makeProject(server, project, ['staging', 'production']);
    await makeFlag(server, project, 'checkout');
    const path = `/projects/${project}/flags/checkout`;
    await server.must('POST', `${path}/environments/production/unkill`);
    return {
      path,
      post: (verb: string, body?: unknown) => server.call('POST', `${path}/${verb}`, { ...(body ? { body } : {}) }),
    };
  }
  const patch = (path: string, body: unknown, version = 1) =>
    server.call('PATCH', path, { body, headers: { 'if-match': `"v${version}"` } });
  const bodiesOf = async (project: string, revision: number) => {
    const rows = await server.sql<{ environment: string; body: string | null }[]>`
      select e.key as environment, o.body from rule_objects o join environments e on e.id = o.environment_id
      join projects p on p.id = e.project_id where p.key = ${project} and o.revision = ${revision} order by e.position`;
    return rows.map(({ environment, body }) => [environment, body === null ? null : JSON.parse(body).on]);
  };

  it('asks strangers to sign in, and forbids it to whom may only look', async () => {
    const { path } = await checkout('guarded');
    const viewer = await mintToken(server, { role: 'viewer', project: 'guarded' });
    for (const verb of ['archive', 'unarchive']) {
      expect(refusal(await server.call('POST', `${path}/${verb}`, { token: null })).code).toBe('unauthenticated');
      expect(refusal(await server.call('POST', `${path}/${verb}`, { token: viewer })).code).toBe('forbidden');
    }
  });

  it('dates every environment anew, there and back: what is served is another', async () => {
    const { path, post } = await checkout('dated');
    for (const [index, verb] of ['archive', 'unarchive'].entries()) {
      server.clock.nowMs = TEST_NOW_MS + (index + 1) * 60_000;
      await post(verb);
      const { environments } = await server.must<Flag>('GET', path);
      expect(environments.map(({ updatedAt }) => Date.parse(updatedAt))).toEqual(Array(2).fill(server.clock.nowMs));
    }
    server.clock.nowMs = TEST_NOW_MS;
  });

  it('takes it out of the rule set of every environment, in one change set', async () => {
    const { path, post } = await checkout('out');
    const before = await readRecord(server);
    const response = await post('archive', { reason: 'Shipped' });
    expect(response.json()).toMatchObject({
      archivedAt: new Date(TEST_NOW_MS).toISOString(),
      lifecycle: 'archived',
      version: 2,
      environments: [{ on: false }, { on: false }],
    });
    expect(response.headers.etag).toBe('"v2"');
    expect(await server.must('GET', path)).toEqual(response.json());
    expect(await bodiesOf('out', 2)).toContainEqual(['staging', null]);
    expect(await bodiesOf('out', 3)).toEqual([['production', null]]);
    const { changes } = await readRecord(server);
    const entry = { command: 'flag.archive', kind: 'flag', key: 'checkout', reason: 'Shipped' };
    expect(changes.slice(before.changes.length)).toMatchObject([
      { ...entry, environment: null, revision: null, before: { archived: false }, after: { archived: true } },
      { ...entry, environment: 'staging', revision: 2, before: { on: false }, after: { on: false, archived: true } },
      { ...entry, environment: 'production', revision: 3, before: { on: true }, after: { on: false, archived: true } },
    ]);
  });

  it('changes nothing the second time', async () => {
    const { post } = await checkout('twice');
    await post('archive');
    const before = await readRecord(server);
    expect((await post('archive')).statusCode).toBe(200);
    expect(await readRecord(server)).toEqual(before);
  });

  it('brings it back off everywhere, with the configuration it had', async () => {
    const { path, post } = await checkout('back');
    await patch(`${path}/environments/production`, { offVariant: null });
    await post('archive');
    const flag = (await post('unarchive', { reason: 'Not yet' })).json<Flag>();
    expect(flag).toMatchObject({
      archivedAt: null,
      lifecycle: 'active',
      version: 3,
      environments: [{ on: false }, { on: false, offVariant: null }],
    });
    expect(await bodiesOf('back', 5)).toEqual([['production', false]]);
  });

  it('keeps its key: nobody makes another flag of that name', async () => {
    const { post } = await checkout('key');
    await post('archive');
    const again = await server.call('POST', '/projects/key/flags', {
      body: { key: 'checkout', kind: 'operational', variants: { on: true, off: false } },
    });
    expect(refusal(again)).toEqual({ status: 409, code: 'already_exists' });
    expect(again.json().error.message).toBe(
      "Flag 'checkout' is archived and keeps its key in project 'key'. Unarchive it, or take another key.",
    );
  });

  it('is refused while another flag has it as a prerequisite, which is named', async () => {
    const { post } = await checkout('needed');
    await makeFlag(server, 'needed', 'child');
    const child = '/projects/needed/flags/child';
    const prerequisites = [{ flag: 'checkout', variants: ['on'] }];
    expect((await patch(`${child}/environments/staging`, { prerequisites })).statusCode).toBe(200);
    const before = await readRecord(server);
    const response = await post('archive');
    expect(refusal(response)).toEqual({ status: 409, code: 'in_use' });
    expect(response.json().error).toMatchObject({
      message: "Flag 'checkout' is a prerequisite of 'child'; take it out there, then archive it.",
      details: [{ message: "Flag 'child' has it as a prerequisite in staging." }],
    });
    expect(await readRecord(server)).toEqual(before);
    // An archived dependant needs nothing; it cannot come back before this one, though.
    await server.must('POST', `${child}/archive`);
    expect((await post('archive')).statusCode).toBe(200);
    expect(refusal(await server.call('POST', `${child}/unarchive`))).toEqual({ status: 422, code: 'invalid_reference' });
  });

  it('lets nobody edit or switch on what is archived; killing it is done already', async () => {
    const { path, post } = await checkout('still');
    await post('archive');
    const before = await readRecord(server);
    const production = `${path}/environments/production`;
    for (const refused of [
      await patch(path, { description: 'x' }, 2),
      await patch(production, { offVariant: null }),
      await server.call('POST', `${production}/unkill`),
    ])
      expect(refusal(refused)).toEqual({ status: 409, code: 'archived' });
    expect((await server.call('POST', `${production}/kill`)).json()).toMatchObject({ flag: { on: false } });
    const several = { body: { flags: ['checkout'] } };
    const killed = await server.must('POST', '/projects/still/environments/production/kill', several);
    expect(killed).toMatchObject({ killed: [], alreadyOff: ['checkout'] });
    expect(await readRecord(server)).toEqual(before);
  });

  it('leaves it out of lists unless they ask for it', async () => {
    const { post } = await checkout('lists');
    await makeFlag(server, 'lists', 'other');
    await post('archive');
    const keys = async (query: string) =>
      (await server.must<{ items: Flag[] }>('GET', `/projects/lists/flags${query}`)).items.map(({ key }) => key);
    expect(await keys('')).toEqual(['other']);
    expect(await keys('?archived=true')).toEqual(['checkout', 'other']);
    expect(await keys('?archived=only')).toEqual(['checkout']);
    expect(await keys('?lifecycle=archived')).toEqual(['checkout']);
  });

  it('keeps it out of environments that are made meanwhile, and it is there in them afterwards', async () => {
    const { post } = await checkout('later');
    await post('archive');
    expect(await makeEnvironment(server, 'later', 'development')).toMatchObject({ revision: 0 });
    await post('unarchive');
    expect(await bodiesOf('later', 1)).toContainEqual(['development', false]);
  });

  it('frees the segments it used', async () => {
    const { path, post } = await checkout('frees');
    await makeSegment(server, 'frees', 'beta');
    const rules = [{ id: 'r1', when: { all: [{ not: { segment: 'beta' } }] }, serve: { variant: 'on' } }];
    await patch(`${path}/environments/staging`, { rules });
    const remove = () => server.call('DELETE', '/projects/frees/segments/beta', { headers: { 'if-match': '"v1"' } });
    expect(refusal(await remove()).code).toBe('in_use');
    await post('archive');
    expect((await remove()).statusCode).toBe(204);
    expect(refusal(await post('unarchive')).code).toBe('invalid_reference');
  });
});
