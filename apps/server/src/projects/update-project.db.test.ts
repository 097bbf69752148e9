import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

describe('PATCH /projects/:project', () => {
  const patch = (project: string, body: unknown, version = 1, token?: string) =>
    server.call('PATCH', `/projects/${project}`, {
      body,
      headers: { 'if-match': `"v${version}"` },
      ...(token !== undefined && { token }),
    });

  it('asks strangers to sign in, and is for administrators', async () => {
    await makeProject(server, 'guarded');
    expect(refusal(await server.call('PATCH', '/projects/guarded', { token: null, body: {} })).code).toBe('unauthenticated');
    const releaser = await mintToken(server, { role: 'releaser', project: 'guarded' });
    expect(refusal(await patch('guarded', { name: 'Mine' }, 1, releaser))).toEqual({ status: 403, code: 'forbidden' });
  });

  it('edits name and default expiry, and records both', async () => {
    await makeProject(server, 'edits');
    expect((await server.call('GET', '/projects/edits')).headers.etag).toBe('"v1"');
    const response = await patch('edits', { name: 'Shop', defaultExpiryDays: 30, reason: 'Tidy' });
    expect(response.json()).toMatchObject({ key: 'edits', name: 'Shop', defaultExpiryDays: 30, version: 2 });
    expect(response.headers.etag).toBe('"v2"');
    expect(refusal(await patch('edits', { name: 'Late' }, 1))).toEqual({ status: 412, code: 'stale_version' });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'project.update',
      kind: 'project',
      key: 'edits',
      before: { name: 'edits', defaultExpiryDays: 90 },
      after: { name: 'Shop', defaultExpiryDays: 30 },
      reason: 'Tidy',
    });
  });

  it('edits the windows of hygiene that are given, which decide what is expiring', async () => {
    await makeProject(server, 'windows');
    await makeFlag(server, 'windows', 'soon', { kind: 'release', owner: 'payments', expiresOn: '2030-02-04' });
    expect(await server.must('GET', '/projects/windows/flags/soon')).toMatchObject({ lifecycle: 'active' });
    const response = await patch('windows', { hygiene: { expiringDays: 20 } });
    const hygiene = { expiringDays: 20, notEvaluatedDays: 30, oneValueDays: 30, codeGoneDays: 7 };
    expect(response.json()).toMatchObject({ hygiene, version: 2 });
    expect(await server.must('GET', '/projects/windows/flags/soon')).toMatchObject({ lifecycle: 'expiring' });
    expect(await server.must('GET', '/projects/windows/flags?lifecycle=expiring')).toMatchObject({ items: [{ key: 'soon' }] });
    expect(refusal(await patch('windows', { hygiene: { expiringDays: 0 } }, 2)).code).toBe('validation_failed');
  });

  it('gives the default expiry to temporary flags that name none, from then on', async () => {
    await makeProject(server, 'expiry');
    const release = { kind: 'release', owner: 'payments' } as const;
    expect(await makeFlag(server, 'expiry', 'before', release)).toMatchObject({ expiresOn: '2030-04-15' });
    await patch('expiry', { defaultExpiryDays: 30 });
    expect(await makeFlag(server, 'expiry', 'after', release)).toMatchObject({ expiresOn: '2030-02-14' });
    expect(await makeFlag(server, 'expiry', 'stays')).toMatchObject({ expiresOn: null });
    expect(await server.must('GET', '/projects/expiry/flags/before')).toMatchObject({ expiresOn: '2030-04-15' });
  });

  it('names every problem of a body and makes no change of an edit that changes nothing', async () => {
    await makeProject(server, 'invalid');
    const before = await readRecord(server);
    const response = await patch('invalid', { name: ' ', defaultExpiryDays: 0, key: 'other' });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual([
      'name',
      'defaultExpiryDays',
      'key',
    ]);
    expect((await patch('invalid', { name: 'invalid' })).statusCode).toBe(200);
    expect(await readRecord(server)).toEqual(before);
  });
});

describe('/attributes', () => {
  const path = '/projects/declared/attributes';
  beforeAll(() => makeProject(server, 'declared'));
  const put = (name: string, body: unknown, version?: number) =>
    server.call('PUT', `${path}/${name}`, { body, headers: version === undefined ? {} : { 'if-match': `"v${version}"` } });

  it('ask strangers to sign in, and are declared by administrators', async () => {
    const editor = await mintToken(server, { role: 'editor', project: 'declared' });
    for (const [method, url] of [
      ['GET', path],
      ['GET', `${path}/email`],
      ['PUT', `${path}/email`],
      ['DELETE', `${path}/email`],
    ] as const)
      expect(refusal(await server.call(method, url, { token: null })).code).toBe('unauthenticated');
    const body = { type: 'string' };
    expect(refusal(await server.call('PUT', `${path}/email`, { token: editor, body })).code).toBe('forbidden');
    const gone = server.call('DELETE', `${path}/email`, { token: editor, headers: { 'if-match': '"v1"' } });
    expect(refusal(await gone).code).toBe('forbidden');
  });

  it('are declared by a PUT, dotted names too, and listed by name', async () => {
    const version = await put('app.version', { type: 'version', description: 'Of the app' });
    expect(version.json()).toEqual({
      name: 'app.version',
      type: 'version',
      sensitive: false,
      description: 'Of the app',
      version: 1,
    });
    expect(version.headers.etag).toBe('"v1"');
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'attribute.set',
      kind: 'attribute',
      key: 'app.version',
      revision: null,
      before: null,
      after: { type: 'version', sensitive: false },
    });
    await put('email', { type: 'string', sensitive: true });
    expect(await server.must('GET', path)).toMatchObject({ items: [{ name: 'app.version' }, { name: 'email' }], next: null });
    expect(await server.must('GET', `${path}/email`)).toMatchObject({ sensitive: true, version: 1 });
  });

  it('are replaced by whoever has seen what is said about them', async () => {
    await put('plan', { type: 'string' });
    expect(refusal(await put('plan', { type: 'number' })).code).toBe('precondition_required');
    expect(refusal(await put('plan', { type: 'number' }, 4)).code).toBe('stale_version');
    expect((await put('plan', { type: 'number' }, 1)).json()).toMatchObject({ type: 'number', version: 2 });
    const before = await readRecord(server);
    expect((await put('plan', { type: 'number' }, 2)).json()).toMatchObject({ version: 2 });
    expect(await readRecord(server)).toEqual(before);
    expect(refusal(await put('nobody', { type: 'number' }, 1)).code).toBe('not_found');
  });

  it('are deleted, and the record keeps what was said', async () => {
    await put('gone', { type: 'boolean' });
    expect(refusal(await server.call('DELETE', `${path}/gone`)).code).toBe('precondition_required');
    const response = await server.call('DELETE', `${path}/gone?reason=Unused`, { headers: { 'if-match': '"v1"' } });
    expect([response.statusCode, response.body]).toEqual([204, '']);
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'attribute.delete',
      before: { type: 'boolean' },
      after: null,
      reason: 'Unused',
    });
    expect(refusal(await server.call('GET', `${path}/gone`)).code).toBe('not_found');
  });

  it.each(['a..b', '.a', 'a.', 'a%20b', '__proto__', 'user.constructor'])('may not be called %s', async (name) => {
    expect(refusal(await put(name, { type: 'string' })).code).toBe('validation_failed');
  });

  it('name every problem of a body', async () => {
    const response = await put('bad', { type: 'text', sensitive: 'no', extra: 1 });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['type', 'sensitive', 'extra']);
  });
});
