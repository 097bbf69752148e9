import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { ofrepClient } from '../testing/ofrep-client.ts';
import { ofrepProblems } from '../testing/ofrep-schema.ts';
import { TOKEN_HOUR_MS } from './stream-token.ts';

const ADA = { targetingKey: 'ada', plan: 'gold' };
const IS_GOLD = { attribute: 'plan', op: 'equals', values: ['gold'] };
const NOON_MS = Date.UTC(2035, 0, 1, 12);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout', { clientSide: true });
  await configure('checkout', {
    rules: [{ id: 'gold', when: IS_GOLD, serve: { variant: 'on' } }],
    fallthrough: { variant: 'off' },
  });
  await server.createFlag('plain');
  await configure('plain', { fallthrough: { variant: 'on' } });
  await server.createFlag('killed', { clientSide: true });
  await server.kill('killed');
  await server.createFlag('silent');
  await configure('silent', { fallthrough: null });
  await server.createFlag('halved', { clientSide: true });
  await configure('halved', {
    fallthrough: {
      split: {
        by: 'targetingKey',
        hash: 2,
        weights: [
          ['on', 50_000],
          ['off', 50_000],
        ],
      },
    },
  });
  await server.createFlag('theme', { type: 'object', offVariant: null, variants: { small: { size: 1 }, large: { size: 2.5 } } });
  await configure('theme', { fallthrough: { variant: 'large' } });
  await server.createFlag('limit', { type: 'number', offVariant: null, variants: { few: 3, many: 4.5 } });
  await configure('limit', { fallthrough: { variant: 'few' } });
  await server.createFlag('timed');
  await configure('timed', {
    rules: [{ id: 'late', when: { now: 'after', values: [NOON_MS] }, serve: { variant: 'on' } }],
    fallthrough: { variant: 'off' },
  });
  await server.delivery.poll();
});
afterAll(() => server.close());

/** Changes the configuration of a new flag in production, and turns it on. */
async function configure(flag: string, change: Record<string, unknown>): Promise<void> {
  const path = `/projects/shop/flags/${flag}/environments/production`;
  await server.api('PATCH', path, change, { 'if-match': '"v1"' });
  await server.unkill(flag);
}

const withKey = (secret: string | null = server.serverKey.secret) => ofrepClient(server.url, secret);

describe('a single evaluation', () => {
  test('gives value, variant and reason', async () => {
    const { single } = withKey();
    expect((await single('checkout', { context: ADA })).body).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
    });
    expect((await single('plain')).body).toMatchObject({ value: true, variant: 'on', reason: 'STATIC' });
    expect((await single('killed')).body).toMatchObject({ value: false, variant: 'off', reason: 'DISABLED' });
    expect((await single('halved', { context: ADA })).body).toMatchObject({ reason: 'SPLIT' });
    expect((await single('theme')).body).toMatchObject({ value: { size: 2.5 } });
    expect((await single('limit')).body).toMatchObject({ value: 3 });
  });

  test('says UNKNOWN where the reason is DEFAULT, which the protocol does not have, and the truth in the metadata', async () => {
    const { body } = await withKey().single('checkout', { context: { targetingKey: 'bob' } });
    expect(body).toMatchObject({ value: false, reason: 'UNKNOWN', metadata: { 'yardarm.reason': 'DEFAULT' } });
    expect(ofrepProblems('serverEvaluationSuccess', { ...body, reason: 'DEFAULT' })).not.toEqual([]);
  });

  test('leaves the value out where callers get their code default', async () => {
    const { status, body } = await withKey().single('silent');
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('value');
    expect(body).not.toHaveProperty('variant');
  });

  test('refuses what it cannot read, with the codes of the protocol', async () => {
    const { single } = withKey();
    expect(await single('checkout', { text: '{' })).toMatchObject({ status: 400, body: { errorCode: 'PARSE_ERROR' } });
    expect(await single('checkout', { context: [] })).toMatchObject({ status: 400, body: { errorCode: 'INVALID_CONTEXT' } });
    expect(await single('checkout', { text: '[]' })).toMatchObject({ status: 400, body: { errorCode: 'INVALID_CONTEXT' } });
    expect(await single('halved', { context: {} })).toMatchObject({ status: 400, body: { errorCode: 'TARGETING_KEY_MISSING' } });
    expect(await single('nothing')).toMatchObject({ status: 404, body: { key: 'nothing', errorCode: 'FLAG_NOT_FOUND' } });
    const large = await single('checkout', { context: { text: 'x'.repeat(200_000) } });
    expect(large).toMatchObject({ status: 400, body: { key: 'checkout', errorCode: 'INVALID_CONTEXT' } });
    const typed = await single('checkout', { headers: { 'content-type': 'text/plain' } });
    expect(typed).toMatchObject({ status: 400, body: { errorCode: 'PARSE_ERROR' } });
  });

  test('takes a context without a body, and members that JavaScript would stumble over', async () => {
    const { single } = withKey();
    expect((await single('checkout', { text: '' })).body).toMatchObject({ value: false });
    const text = '{"context":{"__proto__":{"plan":"gold"},"constructor":1,"toString":2}}';
    expect((await single('checkout', { text })).body).toMatchObject({ value: false });
  });
});

describe('keys', () => {
  test('come in Authorization or X-API-Key, and 401 and 403 have no body', async () => {
    const { secret } = server.serverKey;
    expect((await withKey(null).single('plain', { headers: { 'x-api-key': secret } })).status).toBe(200);
    const refused = [await withKey(null).single('plain'), await withKey('ys_unknown-key').bulk(), await withKey('').bulk()];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  test('of a client see only flags marked for browsers, without what the server knows about them', async () => {
    const { single, bulk } = withKey(server.clientKey.secret);
    expect((await bulk({ context: ADA })).body.flags.map(({ key }) => key)).toEqual(['checkout', 'halved', 'killed']);
    expect((await single('plain')).status).toBe(404);
    const { body } = await single('checkout', { context: ADA });
    expect(body).toEqual({ key: 'checkout', reason: 'TARGETING_MATCH', variant: 'on', value: true });
  });

  test('of a client may be bound to origins', async () => {
    const key = await server.api<{ secret: string }>('POST', '/projects/shop/environments/production/keys', {
      kind: 'client',
      name: 'bound',
      allowedOrigins: ['https://shop.example.com'],
    });
    await server.delivery.poll();
    const { bulk } = withKey(key.secret);
    expect((await bulk({ headers: { origin: 'https://shop.example.com' } })).status).toBe(200);
    const other = await bulk({ headers: { origin: 'https://other.example.com' } });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, '*']);
  });
});

describe('a bulk evaluation', () => {
  test('has every flag of the environment, those that fail with their own error', async () => {
    const { status, body } = await withKey().bulk({ context: { plan: 'gold' } });
    expect(status).toBe(200);
    expect(body.flags.map(({ key }) => key)).toEqual([
      'checkout',
      'halved',
      'killed',
      'limit',
      'plain',
      'silent',
      'theme',
      'timed',
    ]);
    expect(body.flags.filter(({ errorCode }) => errorCode !== undefined)).toMatchObject([
      { key: 'halved', errorCode: 'TARGETING_KEY_MISSING' },
    ]);
  });

  test('is answered 304 to who has it, and not to another context or key', async () => {
    const { bulk } = withKey();
    const first = await bulk({ context: ADA });
    const etag = first.headers.get('etag') as string;
    const headers = { 'if-none-match': etag };
    expect((await bulk({ context: ADA, headers })).status).toBe(304);
    expect((await bulk({ context: ADA, headers: { 'if-none-match': `W/${etag}` } })).status).toBe(304);
    expect((await bulk({ context: { ...ADA, targetingKey: 'bob' }, headers })).status).toBe(200);
    expect((await withKey(server.clientKey.secret).bulk({ context: ADA, headers })).status).toBe(200);
    const other = await server.makeKey('server');
    await server.delivery.poll();
    expect((await withKey(other.secret).bulk({ context: ADA, headers })).status).toBe(200);
  });

  test('changes its ETag with a change, with an instant of the clock, and with the hour of its stream', async () => {
    const { bulk } = withKey();
    const etagNow = async () => (await bulk({ context: ADA })).headers.get('etag');
    const before = await etagNow();
    await server.kill('plain');
    await server.delivery.poll();
    const killed = await etagNow();
    await server.unkill('plain');
    await server.delivery.poll();
    expect(killed).not.toBe(before);
    server.setClock(NOON_MS - Date.now() - 10_000);
    const early = await bulk({ context: ADA });
    server.setClock(NOON_MS - Date.now() + 10_000);
    const late = await bulk({ context: ADA, headers: { 'if-none-match': early.headers.get('etag') as string } });
    expect(late.status).toBe(200);
    const timed = (flags: readonly { key: string; value?: unknown }[]) => flags.find(({ key }) => key === 'timed')?.value;
    expect([timed(early.body.flags), timed(late.body.flags)]).toEqual([false, true]);
    server.setClock(NOON_MS - Date.now() + TOKEN_HOUR_MS + 10_000);
    expect((await bulk({ context: ADA, headers: { 'if-none-match': late.headers.get('etag') as string } })).status).toBe(200);
    server.setClock(0);
  });

  test('waits for the revision that a stream of another server told of, and no longer than two seconds', async () => {
    const { bulk } = withKey();
    const { revision } = await server.kill('killed');
    const rules = (await (await server.ruleSet(server.serverKey.secret)).json()) as { epoch: string };
    expect((await bulk({ query: `?flagConfigEtag=${rules.epoch}.${revision}` })).status).toBe(200);
    expect((await bulk({ query: `?flagConfigEtag=${rules.epoch}.${revision + 50}` })).status).toBe(200);
    expect((await bulk({ query: '?flagConfigEtag=anything&flagConfigLastModified=1' })).status).toBe(200);
  });
});

test('a page of another site may ask: the preflight names the headers, and answers expose theirs', async () => {
  const preflight = await fetch(`${server.url}/ofrep/v1/evaluate/flags`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('Content-Type, Authorization, X-API-Key, If-None-Match');
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  const { headers } = await withKey().bulk();
  expect(headers.get('access-control-expose-headers')).toBe('ETag, Retry-After');
});

test('a key that asks for too much is told how many whole seconds to stay away', async () => {
  const slow = await startTestServer({ ofrep: { perSecond: 2 } });
  await slow.createFlag('checkout', { clientSide: true });
  await slow.delivery.poll();
  const { single } = ofrepClient(slow.url, slow.clientKey.secret);
  const answers = await Promise.all(Array.from({ length: 6 }, () => single('checkout')));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect((await ofrepClient(slow.url, slow.serverKey.secret).single('checkout')).status).toBe(200);
  await slow.close();
});

test('the published schema taken literally fits none of its own examples with a value', () => {
  const example = { key: 'discount-banner', value: true, reason: 'TARGETING_MATCH', variant: 'enabled' };
  expect(ofrepProblems('serverEvaluationSuccess', example, { literal: true })).not.toEqual([]);
  expect(ofrepProblems('serverEvaluationSuccess', example)).toEqual([]);
});

test('follows every change, a deletion and a new flag included', async () => {
  const { bulk, single } = withKey();
  await server.createFlag('late');
  await server.delivery.poll();
  expect((await single('late')).status).toBe(200);
  await server.api('POST', '/projects/shop/flags/late/archive', {}, { 'if-match': '"v1"' });
  await server.delivery.poll();
  await expect.poll(async () => (await single('late')).status).toBe(404);
  expect((await bulk()).body.flags.map(({ key }) => key)).not.toContain('late');
});
