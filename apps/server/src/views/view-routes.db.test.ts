import type { SavedView, SavedViews, SaveViewInput } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';
import { VIEWS_CHANNEL } from './view-store.ts';

let server: TestApp;
let [ada, grace] = ['', ''];
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'shop');
  await makeProject(server, 'web');
  ada = await mintToken(server, { role: 'editor', project: 'shop' });
  grace = await mintToken(server, { role: 'viewer', project: 'shop' });
});
afterAll(() => server.close());

const save = (token: string, body: SaveViewInput) => server.call('POST', '/projects/shop/views', { token, body });
const names = async (token: string) =>
  (await server.must<SavedViews>('GET', '/projects/shop/views', { token })).items.map(({ name, shared }) => [name, shared]);

describe('saved views', () => {
  it('are of whoever saves them, or of everybody, and change nothing', async () => {
    const before = await readRecord(server);
    const response = await save(ada, { name: 'Mine', filter: { owner: 'search', on: 'production' } });
    expect(response.json<SavedView>()).toMatchObject({ shared: false, filter: { owner: 'search', on: 'production' } });
    await save(ada, { name: 'Team', shared: true, filter: { tag: 'web' } });
    expect(await names(ada)).toEqual([
      ['Mine', false],
      ['Team', true],
    ]);
    expect(await names(grace)).toEqual([['Team', true]]);
    expect(await readRecord(server)).toEqual(before);
  });

  it('take the place of one with that name, each for its owner', async () => {
    await save(grace, { name: 'Mine', filter: { q: 'old' } });
    const { id } = (await save(grace, { name: 'Mine', filter: { q: 'new' } })).json<SavedView>();
    const { items } = await server.must<SavedViews>('GET', '/projects/shop/views', { token: grace });
    expect(items.filter(({ name }) => name === 'Mine')).toMatchObject([{ id, filter: { q: 'new' } }]);
    expect(await names(ada)).toEqual([
      ['Mine', false],
      ['Team', true],
    ]);
  });

  it('are shared, and deleted where they are, by whoever may edit flags', async () => {
    expect(refusal(await save(grace, { name: 'Other', shared: true, filter: {} })).code).toBe('forbidden');
    const { items } = await server.must<SavedViews>('GET', '/projects/shop/views', { token: ada });
    const idOf = (name: string) => items.find((one) => one.name === name)?.id ?? '';
    const remove = (token: string, id: string, project = 'shop') =>
      server.call('DELETE', `/projects/${project}/views/${id}`, { token });
    expect(refusal(await remove(grace, idOf('Team'))).code).toBe('forbidden');
    // Of somebody else's own nobody learns, nor of one in another project.
    expect(refusal(await remove(grace, idOf('Mine'))).code).toBe('not_found');
    expect(refusal(await server.call('DELETE', `/projects/web/views/${idOf('Team')}`)).code).toBe('not_found');
    expect((await remove(ada, idOf('Team'))).statusCode).toBe(204);
    expect(await names(ada)).toEqual([['Mine', false]]);
  });

  it('are announced to every server where they are shared, once they are saved or gone, and not where they are own', async () => {
    const heard: string[] = [];
    const { unlisten } = await server.sql.listen(VIEWS_CHANNEL, (project) => heard.push(project));
    await save(ada, { name: 'Quiet', filter: { q: 'a' } });
    const { id } = (await save(ada, { name: 'Loud', shared: true, filter: { q: 'b' } })).json<SavedView>();
    await server.call('DELETE', `/projects/shop/views/${id}`, { token: ada });
    await save(ada, { name: 'Quiet', filter: { q: 'c' } });
    await server.sql.notify(VIEWS_CHANNEL, 'the end');
    await expect.poll(() => heard).toEqual(['shop', 'shop', 'the end']);
    await unlisten();
  });

  it('keep the columns of a list that leaves out many environments', async () => {
    const columns = Array.from({ length: 30 }, (_, index) => `-in:an-environment-of-the-region-${index}`).join(',');
    expect((await save(ada, { name: 'Narrow', filter: { columns } })).json<SavedView>().filter).toEqual({ columns });
    expect(refusal(await save(ada, { name: 'Narrow', filter: { columns: 'x'.repeat(2_001) } })).code).toBe('validation_failed');
  });

  it('are a hundred at most', async () => {
    await server.sql`insert into saved_views (project_id, name, filter, saved_at)
      select p.id, 'view ' || n, '{}', now() from projects p, generate_series(1, 100) n where p.key = 'shop'`;
    expect(refusal(await save(ada, { name: 'one more', shared: true, filter: {} })).code).toBe('validation_failed');
    expect((await save(ada, { name: 'view 7', shared: true, filter: { q: 'a' } })).statusCode).toBe(200);
  });
});
