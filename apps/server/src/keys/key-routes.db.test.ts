import type { SdkKey } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../auth/secrets.ts';
import { makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('/keys', () => {
  const path = '/projects/web/environments/production/keys';
  let server: TestApp;
  let key: SdkKey;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['production', 'staging']);
  });
  afterAll(() => server.close());

  it('asks strangers to sign in', async () => {
    for (const [method, url] of [
      ['GET', path],
      ['POST', path],
      ['DELETE', `${path}/1b671a64-40d5-491e-99b0-da01ff1f3341`],
      ['PATCH', `${path}/1b671a64-40d5-491e-99b0-da01ff1f3341`],
      ['POST', `${path}/1b671a64-40d5-491e-99b0-da01ff1f3341/rotate`],
    ] as const)
      expect(refusal(await server.call(method, url, { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('shows the secret of a new key once and stores its hash', async () => {
    const response = await server.call('POST', path, { body: { kind: 'client', name: 'Shop page', reason: 'Launch' } });
    expect(response.statusCode).toBe(201);
    expect(response.headers['cache-control']).toBe('no-store');
    key = response.json<SdkKey>();
    expect(key).toMatchObject({ environment: 'production', kind: 'client', name: 'Shop page', revokedAt: null });
    expect(key.secret).toMatch(/^yc_[\w-]{49}$/);
    expect(key.prefix).toBe(key.secret?.slice(0, 8));
    const [row] = await server.sql`select * from sdk_keys`;
    expect(row?.key_hash).toBe(hashSecret(key.secret ?? ''));
    const everything = JSON.stringify([await server.sql`select * from sdk_keys`, (await readRecord(server)).changes]);
    expect(everything).not.toContain(key.secret);
    const { items } = await server.must<{ items: SdkKey[] }>('GET', path);
    expect(items).toEqual([{ ...key, secret: undefined }]);
  });

  it('records a key without moving any revision', async () => {
    const { heads, changes } = await readRecord(server);
    expect(heads.map(({ revision }) => revision)).toEqual([0, 0]);
    expect(changes.at(-1)).toMatchObject({
      command: 'key.create',
      kind: 'key',
      key: key.id,
      environment: 'production',
      revision: null,
      after: { kind: 'client', name: 'Shop page', prefix: key.prefix },
      reason: 'Launch',
    });
  });

  it('names every problem of a body', async () => {
    const response = await server.call('POST', path, { body: { kind: 'admin' } });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['kind', 'name']);
  });

  it('does not revoke a key through another environment', async () => {
    const response = await server.call('DELETE', `/projects/web/environments/staging/keys/${key.id}`);
    expect(refusal(response)).toEqual({ status: 404, code: 'not_found' });
  });

  it('revokes once, for good', async () => {
    const revoked = await server.must<SdkKey>('DELETE', `${path}/${key.id}`);
    expect(revoked).toMatchObject({ id: key.id, revokedAt: expect.any(String) });
    const before = await readRecord(server);
    expect(before.changes.at(-1)).toMatchObject({ command: 'key.revoke', after: { revokedAt: revoked.revokedAt } });
    server.clock.nowMs += 60_000;
    expect(await server.must('DELETE', `${path}/${key.id}`)).toEqual(revoked);
    expect(await readRecord(server)).toEqual(before);
  });
});
