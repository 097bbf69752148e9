import type { SdkKey } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const HOUR_MS = 3_600_000;
const path = '/projects/web/environments/production/keys';
let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web', ['production', 'staging']);
});
afterAll(() => server.close());

const makeKey = (body: object) => server.must<SdkKey>('POST', path, { body });
const list = async () => (await server.must<{ items: SdkKey[] }>('GET', path)).items;
const hoursLeft = (key: SdkKey | undefined) => (Date.parse(key?.expiresAt ?? '') - Date.now()) / HOUR_MS;

describe('POST …/keys/{id}/rotate', () => {
  it('makes a key of the same kind, name and origins, and lets the old one end after 24 hours', async () => {
    const old = await makeKey({ kind: 'client', name: 'Shop page', allowedOrigins: ['https://shop.example.com'] });
    const response = await server.call('POST', `${path}/${old.id}/rotate`, { body: {} });
    expect(response.statusCode).toBe(201);
    expect(response.headers['cache-control']).toBe('no-store');
    const fresh = response.json<SdkKey>();
    expect(fresh).toMatchObject({
      kind: 'client',
      name: 'Shop page',
      allowedOrigins: ['https://shop.example.com'],
      expiresAt: null,
    });
    expect(fresh.secret).toMatch(/^yc_/);
    expect(fresh.secret).not.toBe(old.secret);
    const ending = (await list()).find(({ id }) => id === old.id);
    expect(hoursLeft(ending)).toBeCloseTo(24, 1);
    const { changes } = await readRecord(server);
    expect(changes.slice(-2)).toMatchObject([
      { command: 'key.rotate', key: fresh.id, before: null },
      { command: 'key.rotate', key: old.id, after: { expiresAt: ending?.expiresAt } },
    ]);
    expect(JSON.stringify(changes)).not.toContain(fresh.secret);
  });

  it('never lengthens the life of a key that is ending', async () => {
    const old = await makeKey({ kind: 'server', name: 'Twice' });
    await server.must('POST', `${path}/${old.id}/rotate`, { body: { overlapHours: 1 } });
    await server.must('POST', `${path}/${old.id}/rotate`, { body: { overlapHours: 720 } });
    expect(hoursLeft((await list()).find(({ id }) => id === old.id))).toBeCloseTo(1, 1);
  });

  it('refuses a key that has ended, an overlap out of bounds, and a key of another environment', async () => {
    const old = await makeKey({ kind: 'server', name: 'Ended' });
    await server.must('POST', `${path}/${old.id}/rotate`, { body: { overlapHours: 0 } });
    const record = await readRecord(server);
    const rotate = (body: object, url = `${path}/${old.id}/rotate`) => server.call('POST', url, { body });
    expect(refusal(await rotate({}))).toEqual({ status: 404, code: 'not_found' });
    expect((await rotate({})).json().error.message).toMatch(/has ended already/);
    for (const overlapHours of [-1, 721])
      expect(refusal(await rotate({ overlapHours }))).toEqual({ status: 400, code: 'validation_failed' });
    expect(refusal(await rotate({}, `/projects/web/environments/staging/keys/${old.id}/rotate`)).status).toBe(404);
    expect(await readRecord(server)).toEqual(record);
  });
});

describe('allowed origins', () => {
  it('take exact origins of client keys only', async () => {
    for (const origin of [
      'https://shop.example.com/',
      'https://*.example.com',
      'shop.example.com',
      'HTTPS://shop.example.com',
      'null',
      'file://',
    ])
      expect(refusal(await server.call('POST', path, { body: { kind: 'client', name: 'x', allowedOrigins: [origin] } }))).toEqual(
        {
          status: 400,
          code: 'validation_failed',
        },
      );
    const allowedOrigins = ['https://shop.example.com'];
    expect(refusal(await server.call('POST', path, { body: { kind: 'server', name: 'x', allowedOrigins } })).status).toBe(400);
    const key = await makeKey({ kind: 'server', name: 'x' });
    expect(refusal(await server.call('PATCH', `${path}/${key.id}`, { body: { allowedOrigins } })).status).toBe(400);
  });

  it('are edited together with the name, on the record, and only where something differs', async () => {
    const key = await makeKey({ kind: 'client', name: 'Page' });
    const body = { name: 'Shop page', allowedOrigins: ['http://localhost:8080'] };
    expect(await server.must('PATCH', `${path}/${key.id}`, { body })).toMatchObject(body);
    const record = await readRecord(server);
    expect(record.changes.at(-1)).toMatchObject({ command: 'key.update', before: { name: 'Page' }, after: body });
    await server.must('PATCH', `${path}/${key.id}`, { body });
    expect(await readRecord(server)).toEqual(record);
  });
});
