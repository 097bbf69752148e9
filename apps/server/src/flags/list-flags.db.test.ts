import type { Flag } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

interface Page {
  readonly items: readonly Flag[];
  readonly next: string | null;
}

describe('GET /flags', () => {
  const path = '/projects/web/flags';
  let server: TestApp;
  // The clock stands at 2030-01-15.
  beforeAll(async () => {
    server = await testApp();
    await makeProject(server, 'web', ['staging', 'production']);
    await makeProject(server, 'other');
    await makeFlag(server, 'other', 'checkout-of-another-project');
    const release = (key: string, expiresOn: string, more = {}) =>
      makeFlag(server, 'web', key, { kind: 'release', owner: 'payments', expiresOn, ...more });
    await release('checkout', '2030-01-14', { description: 'Pay on ONE page', tags: ['Money', 'web'] });
    await release('wallet', '2030-01-15');
    await release('invoice', '2030-01-29', { owner: 'billing' });
    await release('refund', '2030-01-30');
    await makeFlag(server, 'web', 'breaker', { tags: ['web'] });
    await makeFlag(server, 'web', 'limit', { kind: 'permission', type: 'number', variants: { low: 1 }, description: '100%_\\' });
    await server.must('POST', `${path}/wallet/environments/production/unkill`);
    await server.must('POST', `${path}/refund/environments/staging/unkill`);
  });
  afterAll(() => server.close());

  const page = (query: string) => server.must<Page>('GET', `${path}?${query}`);
  const keys = async (query: string) => (await page(query)).items.map(({ key }) => key);
  /** Every page of two, and no page may be empty. */
  const all = async (query: string) => {
    const found: string[][] = [];
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { items, next: following } = await page(`${query}&limit=2${cursor}`);
      found.push(items.map(({ key }) => key));
      next = following;
    }
    return found;
  };

  it('asks strangers to sign in', async () => {
    expect(refusal(await server.call('GET', path, { token: null })).code).toBe('unauthenticated');
  });

  it.each([
    ['q=ONE', ['checkout']],
    ['q=PAYMENTS', ['checkout', 'refund', 'wallet']],
    ['q=mone', ['checkout']],
    ['q=web%22', []],
    ['q=Ll', ['invoice', 'wallet']],
    ['q=%25_%5C', ['limit']],
    ['q=_', ['limit']],
    ['kind=permission', ['limit']],
    ['type=number', ['limit']],
    ['owner=billing', ['invoice']],
    ['owner=bill', []],
    ['tag=web', ['breaker', 'checkout']],
    ['tag=money', []],
    ['environment=production&state=on', ['wallet']],
    ['environment=staging&state=off&kind=release', ['checkout', 'invoice', 'wallet']],
    ['expiresBefore=2030-01-15', ['checkout']],
    ['lifecycle=expired', ['checkout']],
    ['lifecycle=expiring', ['invoice', 'wallet']],
    ['lifecycle=active', ['breaker', 'limit', 'refund']],
    ['q=pay&tag=web&kind=release', ['checkout']],
  ])('with %s finds %j', async (query, expected) => {
    expect(await keys(query)).toEqual(expected);
  });

  it('answers of each flag what reading it alone answers, and nothing else', async () => {
    for (const item of (await page('archived=true')).items) expect(item).toEqual(await server.must('GET', `${path}/${item.key}`));
  });

  it('says of each flag where it stands in its life', async () => {
    const lives = (await page('kind=release')).items.map(({ key, lifecycle }) => [key, lifecycle]);
    expect(Object.fromEntries(lives)).toEqual({
      checkout: 'expired',
      wallet: 'expiring',
      invoice: 'expiring',
      refund: 'active',
    });
  });

  it.each([
    ['key', [['breaker', 'checkout'], ['invoice', 'limit'], ['refund', 'wallet']]], // biome-ignore format: a page is a list
    ['created', [['limit', 'breaker'], ['refund', 'invoice'], ['wallet', 'checkout']]], // biome-ignore format: a page is a list
    ['expiry', [['checkout', 'wallet'], ['invoice', 'refund'], ['breaker', 'limit']]], // biome-ignore format: a page is a list
  ])('in the order of %s comes in pages without gap or repetition', async (sort, pages) => {
    expect(await all(`sort=${sort}`)).toEqual(pages);
  });

  it('comes in pages all the same where many flags were made at one moment', async () => {
    await server.sql`update flags set created_at = '2030-01-01T00:00:00.123456Z' where project_id = (select id from projects where key = 'web')`;
    expect(await all('sort=created')).toEqual([
      ['breaker', 'checkout'],
      ['invoice', 'limit'],
      ['refund', 'wallet'],
    ]);
  });

  it('goes on after the flag it stopped at, though that one is gone', async () => {
    const { next } = await page('limit=2');
    await server.must('POST', `${path}/checkout/archive`);
    expect(await keys(`limit=2&cursor=${next}`)).toEqual(['invoice', 'limit']);
    await server.must('POST', `${path}/checkout/unarchive`);
  });

  it('refuses a cursor of another order, or of nothing', async () => {
    const { next } = await page('limit=2&sort=expiry');
    for (const query of [`cursor=${next}`, 'cursor=checkout', `sort=created&cursor=${next}`]) {
      const response = await server.call('GET', `${path}?${query}`);
      expect(response.json().error).toMatchObject({ code: 'validation_failed', details: [{ path: 'query.cursor' }] });
    }
  });

  it.each(['created', 'expiry'])('refuses a cursor of order %s that somebody made up', async (sort) => {
    for (const value of ['soon', '2030-02-31', '9999999-01-01']) {
      const cursor = Buffer.from(JSON.stringify([sort, value, 'checkout'])).toString('base64url');
      const response = await server.call('GET', `${path}?sort=${sort}&cursor=${cursor}`);
      expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
    }
  });

  it.each(['state=on', 'environment=production', 'limit=201', 'sort=owner', 'lifecycle=old', 'expiresBefore=soon'])(
    'refuses %s',
    async (query) => {
      expect(refusal(await server.call('GET', `${path}?${query}`)).code).toBe('validation_failed');
    },
  );

  it('says which environment does not exist', async () => {
    const response = await server.call('GET', `${path}?environment=nope&state=on`);
    expect(refusal(response)).toEqual({ status: 404, code: 'not_found' });
  });

  it('names the team of an owner who is one', async () => {
    await server.must('POST', '/teams', { body: { key: 'billing', name: 'Billing and invoices' } });
    const owners = (await page('kind=release&sort=expiry')).items.map(({ owner, ownerTeam }) => [owner, ownerTeam]);
    expect(owners).toEqual([
      ['payments', null],
      ['payments', null],
      ['billing', { key: 'billing', name: 'Billing and invoices' }],
      ['payments', null],
    ]);
  });
});
