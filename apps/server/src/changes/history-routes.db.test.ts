import type { Change } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

interface Page {
  items: Change[];
  next: string | null;
}

describe('GET /changes', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeProject(server, 'other');
    await makeFlag(server, 'web', 'a');
    await makeFlag(server, 'web', 'b');
    await makeFlag(server, 'other', 'a');
    await server.must('POST', '/projects/web/flags/a/environments/production/unkill', { body: { reason: 'Go' } });
  });
  afterAll(() => server.close());

  const read = (query: string) => server.must<Page>('GET', `/projects/web/changes${query}`);

  it('asks strangers to sign in', async () => {
    expect(refusal(await server.call('GET', '/projects/web/changes', { token: null })).code).toBe('unauthenticated');
  });

  it('lists the newest first, with who, why and the revision', async () => {
    const { items, next } = await read('');
    expect(items).toHaveLength(10);
    expect(next).toBeNull();
    expect(items[0]).toMatchObject({
      command: 'flag.unkill',
      kind: 'flag',
      key: 'a',
      environment: 'production',
      revision: 3,
      before: { on: false },
      after: { on: true },
      actor: { kind: 'token', name: 'tests' },
      reason: 'Go',
    });
    expect(items.at(-1)).toMatchObject({ command: 'project.create', key: 'web' });
  });

  it('pages without losing or repeating a change, within a change set too', async () => {
    const all = (await read('')).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await read(`?limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(10);
  });

  it('filters by flag and by environment', async () => {
    expect((await read('?flag=a')).items.map(({ environment }) => environment)).toEqual([
      'production',
      'production',
      'staging',
      null,
    ]);
    expect((await read('?flag=a&environment=staging')).items).toMatchObject([{ command: 'flag.create', environment: 'staging' }]);
    expect((await read('?flag=nobody')).items).toEqual([]);
  });

  it.each([
    ['?actor=tests&environment=production', ['flag.unkill', 'flag.create', 'flag.create', 'environment.create']],
    ['?actor=nobody', []],
    ['?actorKind=token&command=flag.unkill', ['flag.unkill']],
    ['?actorKind=person', []],
    ['?command=flag.unkill', ['flag.unkill']],
    ['?kind=environment', ['environment.create', 'environment.create']],
    ['?kind=environment&key=staging', ['environment.create']],
    ['?key=b&environment=staging', ['flag.create']],
    ['?q=go', ['flag.unkill']],
    ['?q=50%25', []],
    ['?since=2999-01-01T00:00:00Z', []],
    ['?until=2000-01-01T00:00:00%2B02:00', []],
    ['?since=2000-01-01T00:00:00Z&command=flag.unkill', ['flag.unkill']],
    ['?requestId=nothing', []],
  ])('filters by %s', async (query, commands) => {
    expect((await read(query)).items.map(({ command }) => command)).toEqual(commands);
  });

  it('pages through a filtered list without losing or repeating a change', async () => {
    const all = (await read('?kind=flag&actor=tests')).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await read(`?kind=flag&actor=tests&limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(all.length).toBeGreaterThan(3);
    expect(paged).toEqual(all);
  });

  it('names the request that made a change, and finds what else it did', async () => {
    const [unkill] = (await read('?command=flag.unkill')).items;
    expect(unkill?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await read(`?requestId=${unkill?.requestId}`)).items).toEqual([unkill]);
  });

  it('gives one change set whole, with its revisions and its link, in its own project only', async () => {
    const [created] = (await read('?flag=b')).items;
    const id = created?.id.split('-')[0];
    expect(await server.must('GET', `/projects/web/change-sets/${id}`)).toMatchObject({
      id,
      command: 'flag.create',
      revisions: [
        { environment: 'staging', revision: 2 },
        { environment: 'production', revision: 2 },
      ],
      link: { seq: 5, origin: 'recorded', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      changes: [{ environment: null }, { environment: 'staging' }, { environment: 'production' }],
    });
    for (const path of [
      `/projects/other/change-sets/${id}`,
      `/change-sets/${id}`,
      '/projects/web/change-sets/999999999999999999',
    ])
      expect(refusal(await server.call('GET', path))).toEqual({ status: 404, code: 'not_found' });
  });

  it("keeps the instance's own changes apart from those of projects", async () => {
    await server.must('GET', '/audit/checkpoints');
    const { items } = await server.must<Page>('GET', '/changes?kind=access');
    expect(items).toMatchObject([{ command: 'audit.checkpoints', environment: null }]);
    expect((await server.must<Page>('GET', '/changes')).items).toHaveLength(1);
    expect((await read('?kind=access')).items).toEqual([]);
  });

  it('says what does not exist and which query is wrong', async () => {
    expect(refusal(await server.call('GET', '/projects/nope/changes')).code).toBe('not_found');
    expect(refusal(await server.call('GET', '/projects/web/changes?environment=nope')).code).toBe('not_found');
    const response = await server.call('GET', '/projects/web/changes?limit=0&cursor=x');
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['query.limit', 'query.cursor']);
  });
});
