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

  it('answers a repeated deletion, and a repeated replacement, as the first time', async () => {
    const attribute = '/projects/web/attributes/plan';
    const repeat = async (method: 'PUT' | 'DELETE', version: string, body: object | undefined, key: string) => {
      const options = { body, headers: { 'idempotency-key': key, ...(version !== '' && { 'if-match': version }) } };
      const first = await server.call(method, attribute, options);
      const before = await readRecord(server);
      const second = await server.call(method, attribute, options);
      expect([second.statusCode, second.body]).toEqual([first.statusCode, first.body]);
      expect(await readRecord(server)).toEqual(before);
      return first.statusCode;
    };
    const plan = { type: 'string', description: 'What they pay.' };
    await server.must('PUT', attribute, { body: { type: 'string' } });
    expect(await repeat('PUT', '"v1"', plan, 'key-5')).toBe(200);
    expect(await repeat('DELETE', '"v2"', undefined, 'key-6')).toBe(204);
  });

  it('does not wait for another command of the same caller', async () => {
    const withKey = (key: string, project: string) =>
      server.call('POST', '/projects', { body: { key: project, name: project }, headers: { 'idempotency-key': key } });
    await withKey('old', 'old');
    await server.sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'`;
    const other = await server.sql.reserve();
    await other`begin`;
    // As a long import does, which is not through yet.
    await other`delete from idempotency_keys where created_at < now() - interval '24 hours'`;
    const answer = await withKey('new', 'new');
    await other`rollback`;
    other.release();
    expect(answer.statusCode).toBe(201);
    await withKey('newer', 'newer');
    expect(await server.sql`select key from idempotency_keys where key = 'old'`).toEqual([]);
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
