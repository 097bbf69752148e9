import type { EditedFlags, Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

/** A project of its own with three flags, and what was recorded there since. */
async function shelf(project: string) {
  await makeProject(server, project, ['staging', 'production']);
  for (const key of ['a', 'b', 'c']) await makeFlag(server, project, key, { owner: 'search', tags: ['web'] });
  const at = (await readRecord(server)).changes.length;
  const edit = (body: object, token?: string) =>
    server.call('PATCH', `/projects/${project}/flags`, { body, ...(token && { token }) });
  const archive = (body: object, token?: string) =>
    server.call('POST', `/projects/${project}/archive`, { body, ...(token && { token }) });
  const recorded = async () => (await readRecord(server)).changes.slice(at);
  const read = (key: string) => server.must<Flag>('GET', `/projects/${project}/flags/${key}`);
  const prerequisite = async (key: string, of: string) => {
    const path = `/projects/${project}/flags/${of}/environments/staging`;
    const { version } = await server.must<{ version: number }>('GET', path);
    const body = { prerequisites: [{ flag: key, variants: ['on'] }] };
    await server.must('PATCH', path, { body, headers: { 'if-match': `"v${version}"` } });
  };
  return { edit, archive, recorded, read, prerequisite };
}

describe('PATCH /projects/:project/flags', () => {
  it('adds and takes off tags in one change set that moves no revision', async () => {
    const { edit, recorded, read } = await shelf('tags');
    const answer = (await edit({ flags: ['b', 'a'], addTags: ['q3'], removeTags: ['web'], reason: 'Tidy' })).json<EditedFlags>();
    expect(answer).toEqual({ changed: ['a', 'b'], unchanged: [], refused: [] });
    const changes = await recorded();
    expect(changes).toMatchObject(
      ['a', 'b'].map((key) => ({
        ...{ command: 'flag.update_many', key, environment: null, revision: null, reason: 'Tidy' },
        after: { tags: ['q3'], owner: 'search' },
      })),
    );
    expect(await server.sql`select 1 from change_sets where command = 'flag.update_many'`).toHaveLength(1);
    expect((await read('a')).tags).toEqual(['q3']);
    expect((await read('c')).tags).toEqual(['web']);
    expect((await edit({ flags: ['a'], addTags: ['q3'] })).json<EditedFlags>().unchanged).toEqual(['a']);
  });

  it('gives flags another owner, with one revision in every environment', async () => {
    const { edit, recorded, read } = await shelf('owners');
    await edit({ flags: ['a', 'b'], owner: 'payments' });
    const revisions = (await recorded())
      .filter(({ environment }) => environment === 'production')
      .map(({ revision }) => revision);
    expect(revisions).toEqual([4, 4]);
    expect((await read('b')).owner).toBe('payments');
  });

  it('names each flag that it cannot be made of, and edits the others', async () => {
    const { edit, archive, read } = await shelf('partly');
    await makeFlag(server, 'partly', 'short', { kind: 'release', owner: 'search' });
    await archive({ flags: ['c'] });
    const { changed, refused } = (await edit({ flags: ['a', 'c', 'short', 'nope'], owner: null })).json<EditedFlags>();
    expect(changed).toEqual(['a']);
    expect(refused.map(({ flag, code }) => [flag, code]).sort()).toEqual([
      ['c', 'archived'],
      ['nope', 'not_found'],
      ['short', 'validation_failed'],
    ]);
    expect((await read('short')).owner).toBe('search');
  });

  it('asks for the right to edit, and says what is missing', async () => {
    const { edit } = await shelf('asks');
    const viewer = await mintToken(server, { role: 'viewer', project: 'asks' });
    expect(refusal(await edit({ flags: ['a'], addTags: ['x'] }, viewer)).code).toBe('forbidden');
    expect(refusal(await edit({ flags: ['a'] })).code).toBe('validation_failed');
  });
});

describe('POST /projects/:project/archive', () => {
  it('archives several in one change set and one revision; a second time changes nothing', async () => {
    const { archive, recorded, read } = await shelf('away');
    expect((await archive({ flags: ['a', 'b'], reason: 'Done' })).json()).toEqual({
      changed: ['a', 'b'],
      unchanged: [],
      refused: [],
    });
    const changes = await recorded();
    expect(changes).toHaveLength(6);
    expect(new Set(changes.filter(({ environment }) => environment === 'staging').map(({ revision }) => revision))).toEqual(
      new Set([4]),
    );
    expect((await read('a')).lifecycle).toBe('archived');
    expect((await archive({ flags: ['a'] })).json<EditedFlags>().unchanged).toEqual(['a']);
  });

  it('keeps what a flag that stays asks for, and lets a whole chain go together', async () => {
    const { archive, prerequisite } = await shelf('chain');
    await prerequisite('a', 'b');
    await prerequisite('b', 'c');
    const { changed, refused } = (await archive({ flags: ['a', 'b'] })).json<EditedFlags>();
    expect([changed, refused.map(({ flag, code }) => `${flag} ${code}`).sort()]).toEqual([[], ['a in_use', 'b in_use']]);
    expect((await archive({ flags: ['a', 'b', 'c'] })).json<EditedFlags>().changed).toEqual(['a', 'b', 'c']);
  });
});
