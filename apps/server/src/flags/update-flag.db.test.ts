import type { Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvironment, makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

/** A release flag in a project of its own with two environments, at version 1 and revision 1. */
async function release(project: string) {
  await makeProject(server, project, ['staging', 'production']);
  await makeFlag(server, project, 'checkout', { kind: 'release', owner: 'payments', description: 'New checkout', tags: ['q1'] });
  const path = `/projects/${project}/flags/checkout`;
  return {
    path,
    patch: (body: unknown, ifMatch: string | null = '"v1"') =>
      server.call('PATCH', path, { body, headers: ifMatch === null ? {} : { 'if-match': ifMatch } }),
    revisions: async () =>
      (await readRecord(server)).heads.filter((head) => head.project === project).map((head) => head.revision),
  };
}

describe('PATCH /flags/:flag', () => {
  it('asks strangers to sign in', async () => {
    const { path } = await release('strangers');
    const response = await server.call('PATCH', path, { token: null, body: {}, headers: { 'if-match': '"v1"' } });
    expect(refusal(response)).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('needs the ETag that reading the flag answers', async () => {
    const { path, patch } = await release('tagged');
    expect((await server.call('GET', path)).headers.etag).toBe('"v1"');
    expect(refusal(await patch({ tags: [] }, null))).toEqual({ status: 428, code: 'precondition_required' });
    expect(refusal(await patch({ tags: [] }, '"1"'))).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('rejects a stale version, shows the flag as it stands and writes no change', async () => {
    const { path, patch } = await release('stale');
    const current = await server.must<Flag>('GET', path);
    const before = await readRecord(server);
    const response = await patch({ owner: 'growth' }, '"v7"');
    expect(refusal(response)).toEqual({ status: 412, code: 'stale_version' });
    expect(response.json().error.details).toMatchObject([{ path: 'headers.if-match', current }]);
    expect(await readRecord(server)).toEqual(before);
    expect(await server.must('GET', path)).toEqual(current);
  });

  it('names every problem of the body and writes no change', async () => {
    const { patch } = await release('invalid');
    const before = await readRecord(server);
    const response = await patch({ owner: '', expiresOn: '2030-02-31', tags: [7], type: 'string' });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    const paths = response.json().error.details.map((detail: { path: string }) => detail.path);
    expect(paths.sort()).toEqual(['expiresOn', 'owner', 'tags[0]', 'type']);
    expect(await readRecord(server)).toEqual(before);
  });

  it('leaves a release flag its owner and its expiry', async () => {
    const { patch } = await release('temporary');
    const response = await patch({ owner: null, expiresOn: null });
    expect(response.json().error).toMatchObject({
      code: 'validation_failed',
      details: [
        { path: 'owner', message: expect.stringContaining('release flag needs an owner') },
        { path: 'expiresOn', message: expect.stringContaining('release flag needs an expiry') },
      ],
    });
  });

  it('lets an operational flag lose both', async () => {
    await makeProject(server, 'permanent');
    await makeFlag(server, 'permanent', 'breaker', { owner: 'ops', expiresOn: '2031-01-01' });
    const answer = { body: { owner: null, expiresOn: null }, headers: { 'if-match': '"v1"' } };
    const flag = await server.must('PATCH', '/projects/permanent/flags/breaker', answer);
    expect(flag).toMatchObject({ owner: null, expiresOn: null, version: 2 });
  });

  it('makes of another owner one change set that moves the revision of each environment', async () => {
    const { path, patch, revisions } = await release('owner');
    const before = await readRecord(server);
    const response = await patch({ owner: 'growth', reason: 'Moved to another team' });
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"v2"');
    expect(response.json()).toEqual(await server.must('GET', path));
    expect(response.json()).toMatchObject({ owner: 'growth', description: 'New checkout', tags: ['q1'], version: 2 });
    expect(await revisions()).toEqual([2, 2]);
    const after = await readRecord(server);
    const kept = { description: 'New checkout', tags: ['q1'] };
    const entry = { command: 'flag.update', kind: 'flag', key: 'checkout', reason: 'Moved to another team' };
    expect(after.changes.slice(before.changes.length)).toMatchObject([
      {
        ...entry,
        environment: null,
        revision: null,
        before: { ...kept, owner: 'payments' },
        after: { ...kept, owner: 'growth' },
      },
      { ...entry, environment: 'staging', revision: 2, before: { owner: 'payments' }, after: { owner: 'growth' } },
      { ...entry, environment: 'production', revision: 2, before: { owner: 'payments' }, after: { owner: 'growth' } },
    ]);
    expect(await server.sql`select 1 from change_sets where command = 'flag.update' and reason = ${entry.reason}`).toHaveLength(
      1,
    );
    const written = after.objects.filter(({ body }) => body?.includes('growth'));
    expect(written.map(({ body }) => JSON.parse(body ?? '').metadata)).toEqual(
      Array(2).fill({ kind: 'release', owner: 'growth' }),
    );
  });

  it('serves environments that are made later with the new owner', async () => {
    const { patch } = await release('later');
    expect((await patch({ owner: 'late-team' })).statusCode).toBe(200);
    await makeEnvironment(server, 'later', 'development');
    const { objects } = await readRecord(server);
    expect(objects.find(({ environment }) => environment === 'development')?.body).toContain('late-team');
  });

  it('moves no revision for description, tags and expiry', async () => {
    const { patch, revisions } = await release('quiet');
    const before = await readRecord(server);
    const edit = { description: 'Checkout in one page', tags: ['q1', 'web'], expiresOn: '2030-06-30' };
    const response = await patch(edit);
    expect(response.json()).toMatchObject({ ...edit, owner: 'payments', version: 2 });
    expect(await revisions()).toEqual([1, 1]);
    const after = await readRecord(server);
    expect(after.objects).toEqual(before.objects);
    expect(after.changes.slice(before.changes.length)).toMatchObject([
      { command: 'flag.update', environment: null, revision: null, before: { expiresOn: '2030-04-15' }, after: edit },
    ]);
  });

  it('edits variants, kind, clientSide and links; only what is served moves revisions', async () => {
    const { patch, revisions } = await release('wide');
    const links = [{ title: 'Ticket', url: 'https://tickets.example.com/7' }];
    expect((await patch({ links })).json()).toMatchObject({ links, version: 2 });
    expect(await revisions()).toEqual([1, 1]);
    const before = await readRecord(server);
    const edit = { kind: 'operational', clientSide: true, variants: { on: true, off: false, dark: true } };
    expect((await patch({ ...edit, owner: null, expiresOn: null }, '"v2"')).json()).toMatchObject({ ...edit, owner: null });
    expect(await revisions()).toEqual([2, 2]);
    const { changes, objects } = await readRecord(server);
    const served = { kind: 'release', clientSide: false, variants: { on: true, off: false }, owner: 'payments' };
    expect(changes.slice(before.changes.length)).toMatchObject([
      { environment: null, before: served, after: edit },
      { environment: 'staging', revision: 2, before: served, after: { ...edit, owner: null } },
      { environment: 'production', revision: 2, before: served, after: { ...edit, owner: null } },
    ]);
    expect(JSON.parse(objects.findLast(({ key }) => key === 'checkout')?.body ?? '')).toMatchObject({
      clientSide: true,
      variants: edit.variants,
      metadata: { kind: 'operational' },
    });
  });

  it('keeps a variant that something serves, and names the place', async () => {
    const { patch } = await release('used');
    const before = await readRecord(server);
    const response = await patch({ variants: { on: true } });
    expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
    expect(response.json().error.message).toContain("'off'");
    expect(await readRecord(server)).toEqual(before);
  });

  it('keeps the type', async () => {
    const { patch } = await release('typed');
    const response = await patch({ variants: { on: true, off: 'no' } });
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'variants.off' }] });
  });

  it('asks for owner and expiry when a flag becomes temporary', async () => {
    await makeProject(server, 'becomes');
    await makeFlag(server, 'becomes', 'breaker');
    const patch = (body: object) =>
      server.call('PATCH', '/projects/becomes/flags/breaker', { body, headers: { 'if-match': '"v1"' } });
    const paths = (await patch({ kind: 'release' })).json().error.details.map((detail: { path: string }) => detail.path);
    expect(paths).toEqual(['owner', 'expiresOn']);
    expect((await patch({ kind: 'release', owner: 'ops', expiresOn: '2030-03-01' })).statusCode).toBe(200);
  });

  it('sends nothing to browsers whose prerequisite is not sent', async () => {
    const { path, patch } = await release('browsers');
    await makeFlag(server, 'browsers', 'parent');
    const prerequisites = [{ flag: 'parent', variants: ['on'] }];
    await server.must('PATCH', `${path}/environments/staging`, { body: { prerequisites }, headers: { 'if-match': '"v1"' } });
    const response = await patch({ clientSide: true });
    expect(response.json().error).toMatchObject({
      code: 'validation_failed',
      details: [{ code: 'server_only_prerequisite' }],
    });
  });

  it.each(['javascript:alert(1)', 'ftp://example.com', '/local', 'data:text/html,x'])('takes no link to %s', async (url) => {
    const { patch } = await release(`link-${url.replace(/\W/g, '')}`);
    const response = await patch({ links: [{ title: 'x', url }] });
    expect(response.json().error.details).toMatchObject([{ path: 'links[0].url' }]);
  });

  it('needs the right in every environment that it reaches into', async () => {
    const { path } = await release('rights');
    const token = await mintToken(server, { role: 'editor', project: 'rights', environment: 'staging' });
    const response = await server.call('PATCH', path, { token, body: { owner: 'x' }, headers: { 'if-match': '"v1"' } });
    expect(refusal(response).code).toBe('forbidden');
  });

  it('makes no change of an edit that changes nothing', async () => {
    const { patch } = await release('same');
    const before = await readRecord(server);
    const response = await patch({ owner: 'payments', tags: ['q1'], reason: 'Nothing' });
    expect([response.statusCode, response.headers.etag]).toEqual([200, '"v1"']);
    expect(await readRecord(server)).toEqual(before);
  });

  it('does not undo a kill that happens at the same time', async () => {
    const { path, patch } = await release('race');
    await server.must('POST', `${path}/environments/production/unkill`);
    const kill = server.must('POST', `${path}/environments/production/kill`);
    const [edited] = await Promise.all([patch({ owner: 'growth' }), kill]);
    expect(edited.statusCode).toBe(200);
    const [newest] = await server.sql<
      { body: string }[]
    >`select o.body from rule_objects o join environments e on e.id = o.environment_id
      join projects p on p.id = e.project_id where p.key = 'race' and e.key = 'production' order by o.revision desc limit 1`;
    expect(JSON.parse(newest?.body ?? '')).toMatchObject({ on: false, metadata: { owner: 'growth' } });
  });

  it('dates every environment anew where what is served is another, and none where it is not', async () => {
    const { path, patch } = await release('dated');
    const dates = async () => (await server.must<Flag>('GET', path)).environments.map(({ updatedAt }) => Date.parse(updatedAt));
    server.clock.nowMs = TEST_NOW_MS + 60_000;
    await patch({ tags: ['q2'], owner: 'growth' });
    expect(await dates()).toEqual([TEST_NOW_MS, TEST_NOW_MS]);
    await patch({ variants: { on: true, off: true } }, '"v2"');
    expect(await dates()).toEqual([TEST_NOW_MS + 60_000, TEST_NOW_MS + 60_000]);
    server.clock.nowMs = TEST_NOW_MS;
  });
});

describe('the expiry of a flag', () => {
  const create = (expiresOn: string, key: string) =>
    server.call('POST', '/projects/expiry/flags', {
      body: { key, kind: 'operational', variants: { on: true, off: false }, expiresOn },
    });
  const update = (expiresOn: string) =>
    server.call('PATCH', '/projects/expiry/flags/kept', { body: { expiresOn }, headers: { 'if-match': '"v1"' } });
  beforeAll(async () => {
    await makeProject(server, 'expiry');
    await makeFlag(server, 'expiry', 'kept');
  });

  it('is refused in a sentence when it is more than ten years ahead or in no year', async () => {
    for (const response of [await create('2040-01-16', 'far'), await create('2930-01-15', 'typo'), await update('2040-01-16')])
      expect(response.json().error).toMatchObject({
        code: 'validation_failed',
        message: expect.stringMatching(/^The expiry 2\d40-01-16|^The expiry 2930-01-15/),
        details: [{ path: 'expiresOn', message: expect.stringContaining('more than 10 years ahead') }],
      });
    expect(refusal(await create('0000-01-01', 'zero')).code).toBe('validation_failed');
  });

  it('may be ten years ahead, or past', async () => {
    expect((await create('2040-01-15', 'ten-years')).statusCode).toBe(201);
    expect((await create('2020-01-01', 'past')).statusCode).toBe(201);
    expect((await update('2020-01-01')).json()).toMatchObject({ expiresOn: '2020-01-01', version: 2 });
  });

  it('from before this rule does not stand in the way of other edits', async () => {
    await makeFlag(server, 'expiry', 'old');
    await server.sql`update flags set expires_on = '2999-01-01' where key = 'old'`;
    const edit = { body: { description: 'Kept' }, headers: { 'if-match': '"v1"' } };
    expect(await server.must('PATCH', '/projects/expiry/flags/old', edit)).toMatchObject({ expiresOn: '2999-01-01' });
  });
});
