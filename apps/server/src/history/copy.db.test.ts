import type { CopiedEnvironment, CopiedFlag, FlagEnvironment } from '@yardarm/contract';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeEnvironment, makeFlag, makeProject, makeSegment, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const SPLIT = {
  split: {
    by: 'targetingKey',
    hash: 2,
    weights: [
      ['on', 25_000],
      ['off', 75_000],
    ],
  },
};
const RULE = { id: 'r1', when: { segment: 'beta' }, serve: { variant: 'on' } };

let server: TestApp;
beforeEach(async () => {
  await server?.close();
  server = await testApp();
  await makeProject(server, 'web', ['staging', 'production']);
  await makeFlag(server, 'web', 'checkout');
  await makeFlag(server, 'web', 'banner');
  await makeSegment(server, 'web', 'beta');
  await edit('flags/checkout', 'staging', { rules: [RULE], fallthrough: SPLIT });
  await server.must('POST', '/projects/web/flags/checkout/environments/staging/unkill');
  await edit('segments/beta', 'staging', { include: ['u1'] });
});
afterAll(() => server.close());

const edit = (entity: string, environment: string, body: object) =>
  server.must('PATCH', `/projects/web/${entity}/environments/${environment}`, { body, headers: { 'if-match': '"v1"' } });
const read = (flag: string, environment: string) =>
  server.must<FlagEnvironment>('GET', `/projects/web/flags/${flag}/environments/${environment}`);
const bodyOf = async (key: string, environment: string) =>
  (await readRecord(server)).objects.filter((object) => object.key === key && object.environment === environment).at(-1)?.body;

describe('POST /flags/:flag/environments/:environment/copy', () => {
  const path = '/projects/web/flags/checkout/environments/production/copy';
  const copy = (body: object, version = 1, options: object = {}) =>
    server.call('POST', path, { body, headers: { 'if-match': `"v${version}"` }, ...options });

  it('gives the flag its configuration of the other environment, with salts, and leaves it off', async () => {
    const response = await copy({ from: 'staging', reason: 'Ready' });
    expect(response.statusCode).toBe(200);
    expect(response.headers.etag).toBe('"v2"');
    const { flag, revision, items } = response.json<CopiedFlag>();
    expect(flag).toMatchObject({ on: false, rules: [RULE], fallthrough: SPLIT, version: 2 });
    expect(revision).toBe(4);
    expect(await read('checkout', 'production')).toEqual(flag);
    expect(items).toMatchObject([{ kind: 'flag', key: 'checkout', change: 'changed' }]);
    // Everything but `on` is the same text, so that nobody changes buckets between the environments.
    const off = (text: string | null | undefined) => ({ ...JSON.parse(text as string), on: false });
    expect(off(await bodyOf('checkout', 'production'))).toEqual(off(await bodyOf('checkout', 'staging')));
    expect((await readRecord(server)).changes.at(-1)).toMatchObject({
      command: 'flag.copy',
      reason: 'Ready',
      environment: 'production',
    });
  });

  it('copies the segments that its rules use when asked, in the same change set', async () => {
    const { items, revision } = (await copy({ from: 'staging', segments: true })).json<CopiedFlag>();
    expect(items.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['flag checkout', 'segment beta']);
    expect(revision).toBe(4);
    expect(JSON.parse((await bodyOf('beta', 'production')) as string).include).toEqual(['u1']);
  });

  it('changes nothing where both are equal', async () => {
    await copy({ from: 'staging' });
    const before = await readRecord(server);
    expect((await copy({ from: 'staging' }, 2)).json<CopiedFlag>()).toMatchObject({ items: [], revision: 4 });
    expect(await readRecord(server)).toEqual(before);
  });

  it('refuses a stale version, a missing one, the environment itself and one that is not there', async () => {
    const before = await readRecord(server);
    expect(refusal(await copy({ from: 'staging' }, 7)).code).toBe('stale_version');
    expect(refusal(await server.call('POST', path, { body: { from: 'staging' } })).code).toBe('precondition_required');
    expect(refusal(await copy({ from: 'production' })).code).toBe('validation_failed');
    expect(refusal(await copy({ from: 'nope' })).code).toBe('not_found');
    expect(refusal(await copy({ from: 'staging' }, 1, { token: null })).code).toBe('unauthenticated');
    expect(await readRecord(server)).toEqual(before);
  });

  it('asks for the right to edit at the target, and no less because it is a copy', async () => {
    const copier = await mintToken(server, { project: 'web', actions: ['flag.copy'] });
    const editorOfBoth = await mintToken(server, { project: 'web', actions: ['flag.copy', 'flag.configure'] });
    const refused = await copy({ from: 'staging' }, 1, { token: copier });
    expect(refusal(refused).code).toBe('forbidden');
    expect(refused.json().error.message).toContain('flag.configure');
    expect(refusal(await copy({ from: 'staging', segments: true }, 1, { token: editorOfBoth })).code).toBe('forbidden');
    expect((await copy({ from: 'staging' }, 1, { token: editorOfBoth })).statusCode).toBe(200);
  });

  it('asks a protected environment', async () => {
    await server.sql`update environments set protected = true where key = 'production'`;
    expect(refusal(await copy({ from: 'staging' })).code).toBe('reason_required');
    expect((await copy({ from: 'staging', reason: 'Ready' })).statusCode).toBe(200);
  });
});

describe('POST /environments/:environment/copy', () => {
  const copy = (body: object) => server.call('POST', '/projects/web/environments/production/copy', { body });

  it('carries everything over in one change set of one revision, and turns nothing on', async () => {
    await edit('flags/banner', 'staging', { offVariant: null });
    const { revision, items } = (await copy({ from: 'staging', reason: 'Release 7' })).json<CopiedEnvironment>();
    expect(items.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['flag banner', 'flag checkout', 'segment beta']);
    expect(revision).toBe(4);
    expect(await read('checkout', 'production')).toMatchObject({ on: false, rules: [RULE] });
    const comparison = await server.must<{ items: unknown[] }>('GET', '/projects/web/compare?from=staging&to=production');
    expect(comparison.items).toEqual([]);
  });

  /** Copies while another command has the environment locked, does `meanwhile` and moves it on. */
  async function copyDuring(body: object, meanwhile: (sql: TestApp['sql']) => Promise<unknown>) {
    const waiting = () => server.sql`select from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()`;
    let copying: ReturnType<typeof copy> | undefined;
    await server.sql.begin(async (tx) => {
      await tx`select from environment_heads for update`;
      copying = copy(body);
      await expect.poll(waiting).toHaveLength(1);
      await meanwhile(tx as unknown as TestApp['sql']);
      await tx`update environment_heads set revision = revision + 1`;
    });
    return (await copying)?.json();
  }

  it('leaves out a segment that is deleted and a flag that is archived while it waits for the environment', async () => {
    const answer = await copyDuring({ from: 'staging' }, async (sql) => {
      await sql`delete from segment_environments`;
      await sql`delete from segments`;
      await sql`update flags set archived_at = now() where key = 'checkout'`;
    });
    expect(answer).toMatchObject({ items: [] });
  });

  it('takes over what an edit did while it waits, and not what it found before', async () => {
    await edit('flags/banner', 'staging', { offVariant: null });
    const answer = await copyDuring({ from: 'staging', flags: ['banner'] }, (sql) => {
      return sql`update flag_environments set version = 7, "on" = true, targets = '[{"variant":"on","keys":["u9"]}]'
        where flag_id = (select id from flags where key = 'banner')`;
    });
    expect(answer.items[0].diff.map(({ path }: { path: string[] }) => path[0])).toEqual(['offVariant', 'targets']);
    expect(await read('banner', 'production')).toMatchObject({ on: true, offVariant: null, targets: [], version: 8 });
    expect(JSON.parse((await bodyOf('banner', 'production')) as string)).toMatchObject({ on: true, offVariant: null });
  });

  it('carries over exactly what is listed', async () => {
    await edit('flags/banner', 'staging', { offVariant: null });
    expect((await copy({ from: 'staging', flags: ['banner'] })).json<CopiedEnvironment>().items).toMatchObject([
      { key: 'banner' },
    ]);
    expect((await copy({ from: 'staging', segments: ['beta'] })).json<CopiedEnvironment>().items).toMatchObject([
      { key: 'beta' },
    ]);
    expect(await read('checkout', 'production')).toMatchObject({ rules: [] });
  });

  it('asks for the rights to what differs: to flags, to segments', async () => {
    const segmentsOnly = await mintToken(server, { project: 'web', actions: ['environment.copy', 'segment.configure'] });
    const as = (body: object) => server.call('POST', '/projects/web/environments/production/copy', { body, token: segmentsOnly });
    const before = await readRecord(server);
    expect(refusal(await as({ from: 'staging' })).code).toBe('forbidden');
    expect(await readRecord(server)).toEqual(before);
    expect((await as({ from: 'staging', segments: ['beta'] })).statusCode).toBe(200);
  });

  it('names every key that is not there and copies nothing', async () => {
    const before = await readRecord(server);
    const response = await copy({ from: 'staging', flags: ['checkout', 'nope', 'neither'] });
    expect(refusal(response)).toEqual({ status: 404, code: 'not_found' });
    expect(response.json().error.details).toHaveLength(2);
    expect(await readRecord(server)).toEqual(before);
  });

  it('copies nothing where either environment has moved since they were compared', async () => {
    const { from, to } = await server.must<{ from: { revision: number }; to: { revision: number } }>(
      'GET',
      '/projects/web/compare?from=staging&to=production',
    );
    const seen = { from: from.revision, to: to.revision };
    const before = await readRecord(server);
    for (const other of [
      { ...seen, from: seen.from - 1 },
      { ...seen, to: seen.to - 1 },
    ]) {
      expect(refusal(await copy({ from: 'staging', seen: other }))).toEqual({ status: 412, code: 'stale_version' });
      expect(refusal(await copy({ from: 'staging', flags: ['banner'], seen: other })).code).toBe('stale_version');
    }
    expect(await readRecord(server)).toEqual(before);
    expect((await copy({ from: 'staging', seen })).json<CopiedEnvironment>().items).toHaveLength(2);
  });

  it('does nothing a second time', async () => {
    await copy({ from: 'staging' });
    const before = await readRecord(server);
    expect((await copy({ from: 'staging' })).json()).toEqual({ revision: 4, items: [] });
    expect(await readRecord(server)).toEqual(before);
  });

  it('takes what was edited in a new environment, whose flags are off', async () => {
    await makeEnvironment(server, 'web', 'preview');
    await server.must('POST', '/projects/web/environments/preview/copy', { body: { from: 'staging' } });
    expect(await read('checkout', 'preview')).toMatchObject({ on: false, rules: [RULE] });
  });
});
