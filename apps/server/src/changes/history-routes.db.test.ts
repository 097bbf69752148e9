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
      const page: Page = await read(`?limit=2${cursor && `&before=${cursor}`}`);
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

  it('says what does not exist and which query is wrong', async () => {
    expect(refusal(await server.call('GET', '/projects/nope/changes')).code).toBe('not_found');
    expect(refusal(await server.call('GET', '/projects/web/changes?environment=nope')).code).toBe('not_found');
    const response = await server.call('GET', '/projects/web/changes?limit=0&before=x');
    expect(response.json().error.details.map((detail: { path: string }) => detail.path)).toEqual(['query.limit', 'query.before']);
  });
});
