import type { Environment } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const patch = (project: string, environment: string, body: unknown, version = 1, token?: string) =>
  server.call('PATCH', `/projects/${project}/environments/${environment}`, {
    body,
    headers: { 'if-match': `"v${version}"` },
    ...(token !== undefined && { token }),
  });

describe('PATCH /environments/:environment', () => {
  it('asks strangers to sign in, and is for administrators', async () => {
    await makeProject(server, 'guarded', ['production']);
    const path = '/projects/guarded/environments/production';
    expect(refusal(await server.call('PATCH', path, { token: null, body: {} })).code).toBe('unauthenticated');
    const releaser = await mintToken(server, { role: 'releaser', project: 'guarded' });
    expect(refusal(await patch('guarded', 'production', { protected: true }, 1, releaser)).code).toBe('forbidden');
  });

  it('needs the ETag that reading it answers', async () => {
    await makeProject(server, 'tagged', ['production']);
    const path = '/projects/tagged/environments/production';
    expect((await server.call('GET', path)).headers.etag).toBe('"v1"');
    expect(refusal(await server.call('PATCH', path, { body: { name: 'P' } })).code).toBe('precondition_required');
    expect(refusal(await patch('tagged', 'production', { name: 'P' }, 7))).toEqual({ status: 412, code: 'stale_version' });
  });

  it('edits name, colour and protection without moving the revision, and records who and why', async () => {
    await makeProject(server, 'edits', ['production']);
    const edit = { name: 'Live', color: 'red', protected: true };
    const response = await patch('edits', 'production', { ...edit, reason: 'Customers' });
    expect(response.json()).toMatchObject({ ...edit, key: 'production', version: 2, revision: 0 });
    expect(response.headers.etag).toBe('"v2"');
    expect(await server.must('GET', '/projects/edits/environments/production')).toEqual(response.json());
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'environment.update',
      kind: 'environment',
      key: 'production',
      environment: 'production',
      revision: null,
      before: { name: 'production', color: 'gray', protected: false },
      after: edit,
      reason: 'Customers',
    });
  });

  it('makes no change of an edit that changes nothing', async () => {
    await makeProject(server, 'same', ['production']);
    const before = await readRecord(server);
    expect((await patch('same', 'production', { name: 'production', position: 0 })).statusCode).toBe(200);
    expect(await readRecord(server)).toEqual(before);
  });

  it('ends a protection for a reason only', async () => {
    await makeProject(server, 'opened', ['production']);
    await patch('opened', 'production', { protected: true });
    expect(refusal(await patch('opened', 'production', { protected: false }, 2))).toEqual({
      status: 400,
      code: 'reason_required',
    });
    const response = await patch('opened', 'production', { protected: false, reason: 'Load test' }, 2);
    expect(response.json()).toMatchObject({ protected: false, version: 3 });
  });

  it('ends a protection only through somebody who may release there: it would be the way around that right', async () => {
    await makeProject(server, 'guards', ['production']);
    await patch('guards', 'production', { protected: true });
    const token = await mintToken(server, { role: 'editor', actions: ['environment.update'], project: 'guards' });
    const body = { protected: false, reason: 'Let me in' };
    expect(refusal(await patch('guards', 'production', body, 2, token))).toEqual({ status: 403, code: 'forbidden' });
    expect((await patch('guards', 'production', { name: 'Live' }, 2, token)).statusCode).toBe(200);
  });

  it('moves an environment to a place in the order, and the others make room', async () => {
    await makeProject(server, 'order', ['a', 'b', 'c']);
    const order = async () =>
      (await server.must<{ items: Environment[] }>('GET', '/projects/order/environments')).items.map(
        ({ key, position, version }) => `${key} ${position} v${version}`,
      );
    expect((await patch('order', 'c', { position: 0 })).json()).toMatchObject({ position: 0 });
    expect(await order()).toEqual(['c 0 v2', 'a 1 v2', 'b 2 v2']);
    expect((await patch('order', 'c', { position: 99 }, 2)).json()).toMatchObject({ position: 2 });
    expect(await order()).toEqual(['a 0 v3', 'b 1 v3', 'c 2 v3']);
    const { changes } = await readRecord(server);
    expect(changes.slice(-3).map(({ key, before, after }) => [key, before, after])).toMatchObject([
      ['a', { position: 1 }, { position: 0 }],
      ['b', { position: 2 }, { position: 1 }],
      ['c', { position: 0 }, { position: 2 }],
    ]);
  });

  it('names every problem of a body', async () => {
    await makeProject(server, 'invalid', ['production']);
    const response = await patch('invalid', 'production', { name: '', color: '#f00', protected: 1, position: -1 });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual([
      'name',
      'color',
      'protected',
      'position',
    ]);
  });
});

describe('POST /environments with copyFrom', () => {
  const rules = [{ id: 'r1', when: { segment: 'beta' }, serve: { variant: 'on' } }];
  beforeAll(async () => {
    await makeProject(server, 'copied', ['production']);
    await makeSegment(server, 'copied', 'beta', { include: ['user-1'] });
    for (const key of ['checkout', 'banner', 'old']) await makeFlag(server, 'copied', key);
    const checkout = '/projects/copied/flags/checkout/environments/production';
    await server.must('PATCH', checkout, { body: { rules }, headers: { 'if-match': '"v1"' } });
    for (const key of ['checkout', 'old'])
      await server.must('POST', `/projects/copied/flags/${key}/environments/production/unkill`);
    await server.must('POST', '/projects/copied/flags/old/archive');
  });

  const create = (body: object) => server.call('POST', '/projects/copied/environments', { body });
  const bodiesIn = async (environment: string) =>
    Object.fromEntries(
      (await readRecord(server)).objects
        .filter((one) => one.environment === environment)
        .map(({ key, body }) => [key, JSON.parse(body ?? 'null')]),
    );

  it('serves what the other one serves, in one revision, with every flag off', async () => {
    const response = await create({ key: 'canary', name: 'Canary', color: 'teal', copyFrom: { environment: 'production' } });
    expect(response.json()).toMatchObject({ key: 'canary', color: 'teal', position: 1, revision: 1 });
    const bodies = await bodiesIn('canary');
    expect(Object.keys(bodies).sort()).toEqual(['banner', 'beta', 'checkout']);
    expect(bodies.checkout).toMatchObject({ on: false, rules: [{ id: 'r1', when: { segment: 'beta' } }] });
    expect(bodies.beta).toMatchObject({ include: ['user-1'] });
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'environment.create',
      after: { key: 'canary', copyFrom: { environment: 'production', on: false } },
    });
  });

  it('serves exactly the same when what is on is to be on', async () => {
    await create({ key: 'mirror', name: 'Mirror', copyFrom: { environment: 'production', on: true } });
    const [mirror, production] = [await bodiesIn('mirror'), await bodiesIn('production')];
    expect(mirror).toEqual({ beta: production.beta, checkout: production.checkout, banner: production.banner });
    expect(mirror.checkout.on).toBe(true);
  });

  it('says which environment does not exist', async () => {
    const before = await readRecord(server);
    expect(refusal(await create({ key: 'x', name: 'X', copyFrom: { environment: 'nope' } })).code).toBe('not_found');
    expect(await readRecord(server)).toEqual(before);
  });
});
