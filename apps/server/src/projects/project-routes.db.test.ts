import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord, refusal, TEST_TOKEN, type TestApp, testApp } from '../testing/test-app.ts';

describe('/projects', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
  });
  afterAll(() => server.close());

  it('asks strangers to sign in', async () => {
    for (const [method, path] of [
      ['GET', '/projects'],
      ['POST', '/projects'],
      ['GET', '/projects/web'],
    ] as const)
      expect(refusal(await server.call(method, path, { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it.each(['\\u0000', '\\ud800'])('names the trouble with %s, which the database cannot store', async (character) => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/projects',
      headers: { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json' },
      payload: `{"key":"odd","name":"a${character}b"}`,
    });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    expect(response.json().error.message).toContain('character');
  });

  it('makes a project, and records who made it and why', async () => {
    const response = await server.call('POST', '/projects', { body: { key: 'web', name: ' Web ', reason: 'New site' } });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      key: 'web',
      name: 'Web',
      defaultExpiryDays: 90,
      hygiene: { expiringDays: 14, notEvaluatedDays: 30, oneValueDays: 30, codeGoneDays: 7 },
      version: 1,
      createdAt: expect.any(String),
    });
    const { changes } = await readRecord(server);
    expect(changes).toEqual([
      {
        command: 'project.create',
        kind: 'project',
        key: 'web',
        environment: null,
        revision: null,
        before: null,
        after: { key: 'web', name: 'Web' },
        actor: 'tests',
        reason: 'New site',
      },
    ]);
  });

  it('names every problem of a body at once, with its place', async () => {
    const response = await server.call('POST', '/projects', { body: { key: '-x', name: '', colour: 'red' } });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    const paths = response.json().error.details.map((detail: { path: string }) => detail.path);
    expect(paths).toEqual(['key', 'name', 'colour']);
  });

  it('refuses a second project of the same key and records nothing', async () => {
    const before = await readRecord(server);
    expect(refusal(await server.call('POST', '/projects', { body: { key: 'web', name: 'Again' } }))).toEqual({
      status: 409,
      code: 'already_exists',
    });
    expect(await readRecord(server)).toEqual(before);
  });

  it('lists and shows projects, and says which does not exist', async () => {
    expect(await server.must('GET', '/projects')).toMatchObject({ items: [{ key: 'web', name: 'Web' }], next: null });
    expect(await server.must('GET', '/projects/web')).toMatchObject({ key: 'web' });
    const missing = await server.call('GET', '/projects/other');
    expect(refusal(missing)).toEqual({ status: 404, code: 'not_found' });
    expect(missing.json().error).toMatchObject({ message: "Project 'other' does not exist.", requestId: expect.any(String) });
  });

  it('refuses names that JavaScript objects carry already', async () => {
    for (const key of ['constructor', '__proto__', 'toString'])
      expect(refusal(await server.call('POST', '/projects', { body: { key, name: 'X' } })).code).toBe('validation_failed');
  });
});
