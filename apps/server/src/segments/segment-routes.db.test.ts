import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvironment, makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('/segments', () => {
  const path = '/projects/web/segments/beta';
  const when = { attribute: 'plan', op: 'equals', values: ['pro'] };
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
  });
  afterAll(() => server.close());

  it('asks strangers to sign in', async () => {
    for (const [method, url] of [
      ['GET', '/projects/web/segments'],
      ['POST', '/projects/web/segments'],
      ['GET', path],
      ['GET', `${path}/environments/production`],
      ['PATCH', `${path}/environments/production`],
    ] as const)
      expect(refusal(await server.call(method, url, { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('makes a segment with the same members in every environment', async () => {
    const segment = await makeSegment(server, 'web', 'beta', { include: ['user-1'], when });
    const half = { include: ['user-1'], exclude: [], when, version: 1 };
    expect(segment).toEqual({
      key: 'beta',
      name: 'beta',
      version: 1,
      environments: [
        { environment: 'staging', ...half },
        { environment: 'production', ...half },
      ],
    });
    const { heads, changes, objects } = await readRecord(server);
    expect(heads.map(({ revision }) => revision)).toEqual([1, 1]);
    expect(changes.filter(({ kind }) => kind === 'segment')).toHaveLength(3);
    expect(objects.map(({ body }) => body)).toEqual(
      Array(2).fill('{"exclude":[],"include":["user-1"],"when":{"attribute":"plan","op":"equals","values":["pro"]}}'),
    );
  });

  it('names every problem of a body', async () => {
    const response = await server.call('POST', '/projects/web/segments', {
      body: { key: 'x', name: '', include: [''], when: { any: 1 } },
    });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual([
      'name',
      'include[0]',
      'when.any',
    ]);
  });

  it('refuses a second segment of the same key', async () => {
    const response = await server.call('POST', '/projects/web/segments', { body: { key: 'beta', name: 'Beta' } });
    expect(refusal(response)).toEqual({ status: 409, code: 'already_exists' });
  });

  it('rejects a stale version and writes no change', async () => {
    const before = await readRecord(server);
    const options = { body: { include: [] }, headers: { 'if-match': '"v2"' } };
    const response = await server.call('PATCH', `${path}/environments/production`, options);
    expect(refusal(response)).toEqual({ status: 412, code: 'stale_version' });
    expect(response.json().error.details[0].current).toMatchObject({ version: 1, include: ['user-1'] });
    expect(await readRecord(server)).toEqual(before);
  });

  it('edits one environment: one version, one revision, one body', async () => {
    const before = await readRecord(server);
    const options = { body: { when: null, exclude: [7], reason: 'Tidy' }, headers: { 'if-match': '"v1"' } };
    const response = await server.call('PATCH', `${path}/environments/production`, options);
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"v2"');
    expect(response.json()).toEqual({
      environment: 'production',
      revision: 2,
      include: ['user-1'],
      exclude: [7],
      when: null,
      version: 2,
    });
    const after = await readRecord(server);
    expect(after.heads.map(({ revision }) => revision)).toEqual([1, 2]);
    expect(after.changes.slice(before.changes.length)).toMatchObject([
      {
        command: 'segment.configure',
        environment: 'production',
        revision: 2,
        before: { when },
        after: { when: null },
        reason: 'Tidy',
      },
    ]);
    expect(after.objects.filter(({ revision }) => revision === 2)).toMatchObject([
      { environment: 'production', key: 'beta', body: '{"exclude":[7],"include":["user-1"],"when":null}' },
    ]);
  });

  it('starts empty in an environment that is made later', async () => {
    expect(await makeEnvironment(server, 'web', 'qa')).toMatchObject({ position: 2, revision: 1 });
    const response = await server.call('GET', `${path}/environments/qa`);
    expect(response.json()).toEqual({ environment: 'qa', include: [], exclude: [], when: null, version: 1 });
    expect(await server.must('GET', '/projects/web/segments')).toMatchObject({ items: [{ key: 'beta' }], next: null });
  });
});

describe('a segment that exists', () => {
  let server: TestApp;
  const path = '/projects/web/segments/beta';
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeSegment(server, 'web', 'beta', { include: ['user-1'] });
    await makeSegment(server, 'web', 'be');
    await makeFlag(server, 'web', 'checkout');
    await makeFlag(server, 'web', 'banner', { variants: { on: true, off: false } });
  });
  afterAll(() => server.close());
  const edit = (method: 'PATCH' | 'DELETE', url: string, body?: unknown, version = 1) =>
    server.call(method, url, { ...(body !== undefined && { body }), headers: { 'if-match': `"v${version}"` } });
  const useIn = (environment: string, when: object) =>
    server.must('PATCH', `/projects/web/flags/checkout/environments/${environment}`, {
      body: { rules: [{ id: 'r1', when, serve: { variant: 'on' } }] },
      headers: { 'if-match': '"v1"' },
    });

  it('is renamed and deleted by whoever may edit, and nobody else', async () => {
    const viewer = await mintToken(server, { role: 'viewer', project: 'web' });
    for (const method of ['PATCH', 'DELETE'] as const) {
      const body = method === 'PATCH' ? { body: { name: 'x' } } : {};
      expect(refusal(await server.call(method, path, { token: null, ...body })).code).toBe('unauthenticated');
      expect(refusal(await server.call(method, path, { token: viewer, headers: { 'if-match': '"v1"' }, ...body })).code).toBe(
        'forbidden',
      );
      expect(refusal(await server.call(method, path, body)).code).toBe('precondition_required');
      expect(refusal(await edit(method, path, body.body, 9)).code).toBe('stale_version');
    }
  });

  it('gets another name without moving a revision', async () => {
    const { heads } = await readRecord(server);
    const response = await edit('PATCH', path, { name: 'Beta testers', reason: 'Clearer' });
    expect(response.json()).toMatchObject({ key: 'beta', name: 'Beta testers', version: 2 });
    const after = await readRecord(server);
    expect(after.heads).toEqual(heads);
    expect(after.changes.at(-1)).toMatchObject({
      command: 'segment.update',
      environment: null,
      before: { name: 'beta' },
      after: { name: 'Beta testers' },
    });
    expect((await edit('PATCH', path, { name: 'Beta testers' }, 2)).json()).toMatchObject({ version: 2 });
    expect(await readRecord(server)).toEqual(after);
  });

  it('says who uses it, however deep in a condition', async () => {
    expect(await server.must('GET', path)).toMatchObject({ usedBy: [] });
    await useIn('staging', { all: [{ any: [{ not: { segment: 'beta' } }] }] });
    await useIn('production', { segment: 'beta' });
    const response = await server.call('GET', path);
    expect(response.headers.etag).toBe('"v2"');
    expect(response.json()).toMatchObject({
      usedBy: [
        { flag: 'checkout', environment: 'staging' },
        { flag: 'checkout', environment: 'production' },
      ],
    });
    expect(await server.must('GET', '/projects/web/segments/be')).toMatchObject({ usedBy: [] });
  });

  it('stays while a flag uses it, which is named', async () => {
    const before = await readRecord(server);
    const response = await edit('DELETE', path, undefined, 2);
    expect(response.json().error).toMatchObject({
      code: 'in_use',
      message: "Segment 'beta' is used by 'checkout'; take it out there, then delete it.",
      details: [{ message: "Flag 'checkout' uses it in staging." }, { message: "Flag 'checkout' uses it in production." }],
    });
    expect(await readRecord(server)).toEqual(before);
  });

  it('goes from every environment in one change set otherwise', async () => {
    const before = await readRecord(server);
    expect((await edit('DELETE', '/projects/web/segments/be?reason=Unused')).statusCode).toBe(204);
    const { changes, objects, heads } = await readRecord(server);
    expect(heads.map(({ revision }, index) => revision - (before.heads[index]?.revision ?? 0))).toEqual([1, 1]);
    expect(objects.filter(({ key, body }) => key === 'be' && body === null)).toHaveLength(2);
    expect(changes.slice(before.changes.length).map(({ environment, after, reason }) => [environment, after, reason])).toEqual([
      [null, null, 'Unused'],
      ['staging', null, 'Unused'],
      ['production', null, 'Unused'],
    ]);
    expect(refusal(await server.call('GET', '/projects/web/segments/be')).code).toBe('not_found');
  });
});
