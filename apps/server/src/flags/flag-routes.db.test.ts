import type { Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const release = { key: 'new-checkout', variants: { on: true, off: false }, owner: 'payments' };

describe('POST /flags', () => {
  beforeAll(() => makeProject(server, 'create', ['staging', 'production']));

  it('asks strangers to sign in', async () => {
    const response = await server.call('POST', '/projects/create/flags', { token: null, body: release });
    expect(refusal(response)).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('makes a flag that is off everywhere, in one change set with one revision per environment', async () => {
    const response = await server.call('POST', '/projects/create/flags', { body: release });
    expect(response.statusCode).toBe(201);
    const flag = response.json<Flag>();
    expect(flag).toMatchObject({ key: 'new-checkout', kind: 'release', type: 'boolean', clientSide: false, version: 1 });
    const half = { on: false, offVariant: 'off', fallthrough: { variant: 'on' }, rules: [], targets: [], prerequisites: [] };
    expect(flag.environments).toMatchObject([
      { environment: 'staging', ...half, version: 1 },
      { environment: 'production', ...half, version: 1 },
    ]);
    const { heads, changes, objects } = await readRecord(server);
    expect(heads.map(({ revision }) => revision)).toEqual([1, 1]);
    expect(changes.filter(({ command }) => command === 'flag.create')).toMatchObject([
      { key: 'new-checkout', environment: null, revision: null, before: null, after: { owner: 'payments', kind: 'release' } },
      { key: 'new-checkout', environment: 'staging', revision: 1, before: null, after: half },
      { key: 'new-checkout', environment: 'production', revision: 1, before: null, after: half },
    ]);
    const body =
      '{"fallthrough":{"variant":"on"},"metadata":{"kind":"release","owner":"payments"},"offVariant":"off","on":false,"type":"boolean","variants":{"off":false,"on":true}}';
    expect(objects.map((object) => ({ ...object, tag: object.tag.length }))).toEqual([
      { environment: 'production', revision: 1, kind: 'flag', key: 'new-checkout', body, tag: 16 },
      { environment: 'staging', revision: 1, kind: 'flag', key: 'new-checkout', body, tag: 16 },
    ]);
  });

  it('gives a temporary flag ninety days', async () => {
    const flag = await server.must<Flag>('GET', '/projects/create/flags/new-checkout');
    expect(Date.parse(flag.expiresOn ?? '') - Date.UTC(2030, 0, 15)).toBe(90 * 24 * 3_600_000);
    expect(flag.environments[0]?.updatedAt).toBe(new Date(TEST_NOW_MS).toISOString());
  });

  it('lets an operational flag stay for ever', async () => {
    expect(await makeFlag(server, 'create', 'kill-switch')).toMatchObject({ expiresOn: null, owner: null });
  });

  it('names every problem at once: owner, variant type and weights', async () => {
    const split = { by: 'targetingKey', weights: [['on', 1]] };
    const body = { key: 'broken', variants: { on: true, off: 'no' }, fallthrough: { split } };
    const response = await server.call('POST', '/projects/create/flags', { body });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    const first = response.json().error.details.map((detail: { path: string }) => detail.path);
    expect(first).toContain('fallthrough.split.weights');
    const response2 = await server.call('POST', '/projects/create/flags', { body: { ...body, fallthrough: null } });
    const second = response2.json().error.details.map((detail: { path: string }) => detail.path);
    expect(second).toEqual(['owner', 'variants.off']);
  });

  it('refuses a second flag of the same key and records nothing', async () => {
    const before = await readRecord(server);
    const response = await server.call('POST', '/projects/create/flags', { body: release });
    expect(refusal(response)).toEqual({ status: 409, code: 'already_exists' });
    expect(await readRecord(server)).toEqual(before);
  });

  it('refuses text that Postgres cannot hold, without a word about Postgres', async () => {
    const response = await server.call('POST', '/projects/create/flags', {
      body: { ...release, key: 'nul', description: 'a\u0000b' },
    });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    expect(response.body).not.toMatch(/postgres|sqlstate|utf8/i);
  });
});

describe('GET /flags', () => {
  beforeAll(async () => {
    await makeProject(server, 'list');
    for (const key of ['c', 'a', 'b']) await makeFlag(server, 'list', key);
  });

  it('pages through the flags in order of key', async () => {
    const first = await server.must<{ items: Flag[]; next: string }>('GET', '/projects/list/flags?limit=2');
    expect(first.items.map(({ key }) => key)).toEqual(['a', 'b']);
    const second = await server.must<{ items: Flag[]; next: null }>('GET', `/projects/list/flags?limit=2&cursor=${first.next}`);
    expect(second).toMatchObject({ items: [{ key: 'c', environments: [{ environment: 'production' }] }], next: null });
  });

  it('finds a flag by the longest key there may be, and refuses a longer one', async () => {
    const key = 'k'.repeat(128);
    await makeFlag(server, 'list', key);
    expect(await server.must('GET', `/projects/list/flags/${key}`)).toMatchObject({ key });
    const response = await server.call('GET', `/projects/list/flags/${key}k`);
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'params.flag' }] });
  });

  it('says which query is wrong', async () => {
    const response = await server.call('GET', '/projects/list/flags?limit=0');
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'query.limit' }] });
  });

  it('knows no flag of another project', async () => {
    await makeProject(server, 'elsewhere');
    expect(refusal(await server.call('GET', '/projects/elsewhere/flags/a'))).toEqual({ status: 404, code: 'not_found' });
    expect(refusal(await server.call('GET', '/projects/elsewhere/flags/a/environments/production')).status).toBe(404);
  });
});

describe('PATCH /flags/:flag/environments/:environment', () => {
  const path = '/projects/edit/flags/banner/environments/production';
  beforeAll(async () => {
    await makeProject(server, 'edit', ['staging', 'production']);
    await makeFlag(server, 'edit', 'banner');
  });

  function patch(body: unknown, ifMatch: string | null = '"v1"', options: { token?: null } = {}) {
    return server.call('PATCH', path, { body, headers: ifMatch === null ? {} : { 'if-match': ifMatch }, ...options });
  }

  it('asks strangers to sign in', async () => {
    expect(refusal(await patch({}, '"v1"', { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('needs If-Match, and a well-formed one', async () => {
    expect(refusal(await patch({ rules: [] }, null))).toEqual({ status: 428, code: 'precondition_required' });
    for (const ifMatch of ['*', 'W/"v1"', '"1"', '"v0"'])
      expect(refusal(await patch({ rules: [] }, ifMatch))).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('rejects a stale version, shows the current one and writes no change', async () => {
    const before = await readRecord(server);
    const response = await patch({ offVariant: 'on' }, '"v7"');
    expect(refusal(response)).toEqual({ status: 412, code: 'stale_version' });
    expect(response.json().error.details).toMatchObject([
      { path: 'headers.if-match', current: { version: 1, offVariant: 'off' } },
    ]);
    expect(await readRecord(server)).toEqual(before);
  });

  it('names every problem of the body and writes no change', async () => {
    const before = await readRecord(server);
    const rule = { id: 'r 1', when: { attribute: 'plan', op: 'is', values: ['pro'] }, serve: { variant: 'on' } };
    const response = await patch({ rules: [rule], fallthrough: { variant: 7 }, on: false });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    const paths = response.json().error.details.map((detail: { path: string }) => detail.path);
    expect(paths).toEqual(expect.arrayContaining(['rules[0].id', 'rules[0].when.op', 'fallthrough.variant', 'on']));
    expect(await readRecord(server)).toEqual(before);
  });

  it('edits what the body names and nothing else: one version, one revision, in one environment', async () => {
    const before = await readRecord(server);
    const split = { split: { by: 'targetingKey', hash: 2, weights: [['on', 25_000], ['off', 75_000]] } }; // biome-ignore format: one line a split
    const response = await patch({ fallthrough: split, reason: 'Ramp to 25 %' });
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"v2"');
    expect(response.json()).toMatchObject({
      flag: { version: 2, on: false, offVariant: 'off', fallthrough: split },
      revision: 2,
    });
    const after = await readRecord(server);
    expect(after.heads.filter(({ project }) => project === 'edit').map(({ revision }) => revision)).toEqual([1, 2]);
    expect(after.changes.slice(before.changes.length)).toMatchObject([
      {
        command: 'flag.configure',
        environment: 'production',
        revision: 2,
        before: { fallthrough: { variant: 'on' }, offVariant: 'off' },
        after: { fallthrough: split, offVariant: 'off' },
        reason: 'Ramp to 25 %',
      },
    ]);
    const [object, ...others] = after.objects.filter((candidate) => !before.objects.some((known) => known.tag === candidate.tag));
    expect(others).toEqual([]);
    const written = JSON.parse(object?.body ?? '');
    expect(written.fallthrough.split).toMatchObject({ ...split.split, salt: expect.stringMatching(/^[\w-]{20,}$/) });
  });

  it('keeps the salt that the flag was made with when a split is written again', async () => {
    const salts = async () => {
      const { objects } = await readRecord(server);
      return objects.map(({ body }) => JSON.parse(body ?? '{}').fallthrough?.split?.salt).filter((salt) => salt !== undefined);
    };
    const [salt] = await salts();
    const split = { split: { by: 'targetingKey', weights: [['on', 50_000], ['off', 50_000]] } }; // biome-ignore format: one line a split
    expect((await patch({ fallthrough: split }, '"v2"')).statusCode).toBe(200);
    expect(await salts()).toEqual([salt, salt]);
  });

  it('makes no change of an edit that changes nothing', async () => {
    const before = await readRecord(server);
    const response = await patch({ offVariant: 'off' }, '"v3"');
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"v3"');
    expect(response.json()).toMatchObject({ flag: { version: 3 }, revision: 3 });
    expect(await readRecord(server)).toEqual(before);
  });

  it('answers the version as an ETag when read', async () => {
    const response = await server.call('GET', path);
    expect(response.headers.etag).toBe('"v3"');
    expect(response.json()).toMatchObject({ environment: 'production', version: 3 });
  });
});
