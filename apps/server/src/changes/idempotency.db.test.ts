import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('Idempotency-Key', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web');
  });
  afterAll(() => server.close());

  const create = (key: string, name: string) =>
    server.call('POST', '/projects', { body: { key, name }, headers: { 'idempotency-key': 'key-1' } });

  it('answers a repetition as the first time and records it once', async () => {
    const first = await create('docs', 'Docs');
    const before = await readRecord(server);
    const second = await create('docs', 'Docs');
    expect([second.statusCode, second.json()]).toEqual([201, first.json()]);
    expect(await readRecord(server)).toEqual(before);
  });

  it('refuses the same key with another request', async () => {
    expect(refusal(await create('docs', 'Other'))).toEqual({ status: 422, code: 'idempotency_conflict' });
  });

  it('is free again after a refusal', async () => {
    const headers = { 'idempotency-key': 'key-2' };
    expect(refusal(await server.call('POST', '/projects', { body: { key: 'docs', name: 'X' }, headers })).code).toBe(
      'already_exists',
    );
    expect((await server.call('POST', '/projects', { body: { key: 'docs-2', name: 'X' }, headers })).statusCode).toBe(201);
  });

  it('makes one of several simultaneous repetitions', async () => {
    const headers = { 'idempotency-key': 'key-3' };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => server.call('POST', '/projects', { body: { key: 'once', name: 'Once' }, headers })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });

  it('never stores the secret of an SDK key', async () => {
    const options = { body: { kind: 'server', name: 'K' }, headers: { 'idempotency-key': 'key-4' } };
    const path = '/projects/web/environments/production/keys';
    const first = (await server.call('POST', path, options)).json();
    const second = (await server.call('POST', path, options)).json();
    expect(first.secret).toMatch(/^ys_/);
    expect(second).toEqual({ ...first, secret: undefined });
    const [row] = await server.sql`select response::text from idempotency_keys where key = 'key-4'`;
    expect(row?.response).not.toContain(first.secret);
  });

  it('refuses one that is too long', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    expect(refusal(await server.call('POST', '/projects', { body: { key: 'y', name: 'Y' }, headers })).code).toBe(
      'validation_failed',
    );
  });
});
