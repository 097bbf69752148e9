import type { Change, Review } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../auth/secrets.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

interface Page<Item> {
  items: Item[];
  next: string | null;
}

const BREAK_GLASS = 'token-for-emergencies';
const EDITOR = 'token-of-an-editor';
const FLAG = '/projects/web/flags/checkout/environments/production';

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web', ['production']);
  await makeProject(server, 'other');
  await makeFlag(server, 'web', 'checkout');
  await makeToken('emergency', BREAK_GLASS, 'break_glass', 'admin');
  await makeToken('editor', EDITOR, 'machine', 'editor');
});
afterAll(() => server.close());

async function makeToken(name: string, secret: string, kind: string, role: string): Promise<void> {
  await server.sql`with token as (
      insert into api_tokens (name, kind, token_hash) values (${name}, ${kind}, ${hashSecret(secret)}) returning id)
    insert into grants (api_token_id, role) select id, ${role} from token`;
}

const reviews = async (query = '', path = '/projects/web') =>
  (await server.must<Page<Review>>('GET', `${path}/reviews${query}`)).items;
const switchFlag = (verb: 'kill' | 'unkill', options: { body?: object; token?: string } = {}) =>
  server.must<{ revision: number }>('POST', `${FLAG}/${verb}`, options);
const close = (id: string, token?: string, path = '/projects/web') =>
  server.call('POST', `${path}/reviews/${id}/close`, { body: { note: 'Looked at it' }, ...(token && { token }) });

describe('a review', () => {
  it('is opened by a kill without a reason, in its own transaction, and by no other change', async () => {
    await switchFlag('unkill');
    await switchFlag('kill', { body: { reason: 'Timeouts' } });
    await switchFlag('unkill', { body: { reason: '' } });
    expect(await reviews()).toEqual([]);
    await switchFlag('kill', { body: { reason: '  ' } });
    expect(await reviews()).toMatchObject([
      {
        cause: 'no_reason',
        closedAt: null,
        changeSet: {
          command: 'flag.kill',
          actor: { kind: 'token', name: 'tests' },
          about: [{ kind: 'flag', key: 'checkout', environment: 'production' }],
        },
      },
    ]);
  });

  it('is not opened by a kill that changes nothing', async () => {
    await switchFlag('kill');
    expect(await reviews()).toHaveLength(1);
  });

  it('is opened by everything that a break-glass token does, twice by a kill without a reason', async () => {
    await switchFlag('unkill', { body: { reason: 'Over' }, token: BREAK_GLASS });
    await switchFlag('kill', { token: BREAK_GLASS });
    const causes = (await reviews()).map(({ cause, changeSet }) => [cause, changeSet.command]);
    expect(causes.slice(0, 3).sort()).toEqual([
      ['break_glass', 'flag.kill'],
      ['break_glass', 'flag.unkill'],
      ['no_reason', 'flag.kill'],
    ]);
  });

  it('is listed a page at a time and in its own project only', async () => {
    const all = (await reviews()).map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<Review> = await server.must('GET', `/projects/web/reviews?limit=1${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(paged).toEqual(all);
    expect(await reviews('', '/projects/other')).toEqual([]);
    expect(refusal(await close(all[0] ?? '', undefined, '/projects/other'))).toEqual({ status: 404, code: 'not_found' });
  });

  it('of break glass is closed by somebody else, not by its own or any other such token, and not by an editor', async () => {
    const review = (await reviews()).find(({ cause }) => cause === 'break_glass');
    const before = await readRecord(server);
    for (const token of [BREAK_GLASS, EDITOR])
      expect(refusal(await close(review?.id ?? '', token))).toEqual({ status: 403, code: 'forbidden' });
    expect(await readRecord(server)).toEqual(before);
    expect((await close(review?.id ?? '')).json()).toMatchObject({ closedBy: 'tests', note: 'Looked at it' });
  });

  it('that is closed stands in the history once, and closing it again changes nothing', async () => {
    const [open] = await reviews();
    expect((await close(open?.id ?? '')).statusCode).toBe(200);
    expect((await close(open?.id ?? '')).statusCode).toBe(200);
    const { items } = await server.must<Page<Change>>('GET', `/projects/web/changes?kind=review&key=${open?.id}`);
    expect(items).toMatchObject([
      { command: 'review.close', before: { closedBy: null }, after: { closedBy: 'tests', note: 'Looked at it' } },
    ]);
    expect((await reviews()).map(({ id }) => id)).not.toContain(open?.id);
    expect((await reviews('?state=closed')).map(({ id }) => id)).toContain(open?.id);
  });

  it('needs a note to be closed', async () => {
    const [open] = await reviews();
    const answer = await server.call('POST', `/projects/web/reviews/${open?.id}/close`, { body: { note: ' ' } });
    expect(refusal(answer)).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('of what was done to the instance is its own list, for administrators', async () => {
    await server.must('GET', '/audit/checkpoints', { token: BREAK_GLASS });
    const [open] = await reviews('', '');
    expect(open).toMatchObject({ cause: 'break_glass', changeSet: { command: 'audit.checkpoints' } });
    expect(refusal(await server.call('GET', '/reviews', { token: EDITOR })).status).toBe(403);
    expect(refusal(await close(open?.id ?? '', EDITOR, '')).status).toBe(403);
    expect((await close(open?.id ?? '', undefined, '')).statusCode).toBe(200);
  });
});

describe('a change whose review cannot be opened', () => {
  it('does not happen', async () => {
    await switchFlag('unkill');
    await server.sql`alter table reviews add constraint broken check (false) not valid`;
    const before = await readRecord(server);
    expect((await server.call('POST', `${FLAG}/kill`)).statusCode).toBe(500);
    expect(await readRecord(server)).toEqual(before);
    await server.sql`alter table reviews drop constraint broken`;
    await switchFlag('kill');
  });
});
