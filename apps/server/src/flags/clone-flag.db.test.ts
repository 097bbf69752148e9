import type { Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('POST /flags with cloneOf', () => {
  const split = { split: { by: 'targetingKey', hash: 2, weights: [['x', 40_000], ['y', 60_000]] } }; // biome-ignore format: a split is a line
  const path = '/projects/web/flags';
  let server: TestApp;
  let original: Flag;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeFlag(server, 'web', 'banner', {
      kind: 'experiment',
      type: 'string',
      variants: { x: 'X', y: 'Y' },
      description: 'The banner',
      owner: 'growth',
      clientSide: true,
      expiresOn: '2030-02-01',
      tags: ['content'],
      links: [{ title: 'Design', url: 'https://design.example.com/banner' }],
    });
    const production = `${path}/banner/environments/production`;
    await server.must('PATCH', production, { body: { fallthrough: split }, headers: { 'if-match': '"v1"' } });
    await server.must('POST', `${production}/unkill`);
    original = await server.must('GET', `${path}/banner`);
  });
  afterAll(() => server.close());
  const clone = (body: object) => server.call('POST', path, { body });
  const saltsOf = async (key: string) =>
    (await server.sql<{ salt: string }[]>`select salt from flags where key = ${key}`).map(({ salt }) => salt);

  it('takes over what the project says, with a salt and an expiry of its own, and is off and unconfigured everywhere', async () => {
    const flag = (await clone({ key: 'banner-2', cloneOf: 'banner' })).json<Flag>();
    const { kind, type, variants, description, owner, clientSide, tags, links } = original;
    expect(flag).toMatchObject({ kind, type, variants, description, owner, clientSide, tags, links, version: 1 });
    expect(flag.expiresOn).toBe('2030-04-15');
    expect(flag.environments).toMatchObject(Array(2).fill({ on: false, offVariant: null, fallthrough: null }));
    expect(await saltsOf('banner-2')).not.toEqual(await saltsOf('banner'));
  });

  it('takes over what each environment serves when asked to, though it stays off', async () => {
    const before = await readRecord(server);
    const flag = (await clone({ key: 'banner-3', cloneOf: 'banner', cloneConfigurations: true, owner: 'web' })).json<Flag>();
    expect(flag.owner).toBe('web');
    expect(flag.environments).toMatchObject([
      { on: false, fallthrough: null },
      { on: false, fallthrough: split },
    ]);
    const after = await readRecord(server);
    expect(after.changes.slice(before.changes.length).map(({ command, key }) => [command, key])).toEqual(
      Array(3).fill(['flag.create', 'banner-3']),
    );
    const [salt] = await saltsOf('banner-3');
    const body = after.objects.findLast(({ environment, key }) => environment === 'production' && key === 'banner-3')?.body;
    expect(JSON.parse(body ?? '').fallthrough.split.salt).toBe(salt);
  });

  it('has the type and variants of its original', async () => {
    const response = await clone({ key: 'other', cloneOf: 'banner', type: 'boolean', variants: { on: true } });
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['type', 'variants']);
  });

  it('asks for an original that exists', async () => {
    expect(refusal(await clone({ key: 'other', cloneOf: 'nope' }))).toEqual({ status: 404, code: 'not_found' });
    const alone = await clone({ key: 'other', kind: 'operational', variants: { on: true }, cloneConfigurations: true });
    expect(alone.json().error.details).toMatchObject([{ path: 'cloneConfigurations' }]);
  });

  it('asks for an owner where the clone is temporary and nobody owns the original', async () => {
    await makeFlag(server, 'web', 'breaker');
    const response = await clone({ key: 'breaker-2', cloneOf: 'breaker', kind: 'release' });
    expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'owner' }] });
  });
});
