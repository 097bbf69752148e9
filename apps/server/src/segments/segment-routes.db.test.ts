import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvironment, makeProject, makeSegment } from '../testing/fixtures.ts';
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
    expect(response.json()).toEqual({ environment: 'production', include: ['user-1'], exclude: [7], when: null, version: 2 });
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
