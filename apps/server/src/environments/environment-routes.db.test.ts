import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEnvironment, makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, type TestApp, testApp } from '../testing/test-app.ts';

describe('/environments', () => {
  const path = '/projects/web/environments';
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', []);
  });
  afterAll(() => server.close());

  it('asks strangers to sign in', async () => {
    for (const method of ['GET', 'POST'] as const)
      expect(refusal(await server.call(method, path, { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('makes an empty environment at revision 0 with an epoch of its own', async () => {
    const environment = await makeEnvironment(server, 'web', 'production');
    expect(environment).toMatchObject({ key: 'production', position: 0, protected: false, revision: 0 });
    expect(environment.epoch).toMatch(new RegExp(`^${TEST_NOW_MS}-[0-9a-f]{16}$`));
    const { changes, objects } = await readRecord(server);
    expect(changes.at(-1)).toMatchObject({
      command: 'environment.create',
      environment: 'production',
      revision: null,
      before: null,
    });
    expect(objects).toEqual([]);
  });

  it('makes one in which every flag is off, in one revision, and leaves the others alone', async () => {
    await makeFlag(server, 'web', 'a');
    await makeFlag(server, 'web', 'b', { type: 'string', variants: { x: 'X', y: 'Y' } });
    await server.must('POST', '/projects/web/flags/a/environments/production/unkill');
    expect(await makeEnvironment(server, 'web', 'staging')).toMatchObject({ position: 1, revision: 1 });
    const { heads, objects } = await readRecord(server);
    expect(heads.map(({ revision }) => revision)).toEqual([3, 1]);
    expect(
      objects.filter(({ environment }) => environment === 'staging').map(({ body }) => JSON.parse(body ?? '')),
    ).toMatchObject([
      { on: false, offVariant: 'off', fallthrough: { variant: 'on' } },
      { on: false, offVariant: null, fallthrough: null },
    ]);
  });

  it('names every problem of a body', async () => {
    const response = await server.call('POST', path, { body: { name: 7, protected: 'yes' } });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['key', 'name', 'protected']);
  });

  it('refuses a second one of the same key and records nothing', async () => {
    const before = await readRecord(server);
    expect(refusal(await server.call('POST', path, { body: { key: 'staging', name: 'S' } }))).toEqual({
      status: 409,
      code: 'already_exists',
    });
    expect(await readRecord(server)).toEqual(before);
  });

  it('lists environments in their order, with where each stands', async () => {
    expect(await server.must('GET', path)).toMatchObject({
      items: [
        { key: 'production', revision: 3 },
        { key: 'staging', revision: 1 },
      ],
      next: null,
    });
  });
});
