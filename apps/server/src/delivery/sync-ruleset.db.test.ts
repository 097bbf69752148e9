import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { compile, type RuleSet, resolve } from '@yardarm/evaluator';
import { parseState, STATE_HEADER } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('server-only', {
    description: 'what nobody outside may read',
    type: 'string',
    variants: { on: 'long enough to be compressed '.repeat(50), off: '' },
  });
  await server.createFlag('visible', { clientSide: true, owner: 'team-web' });
  await server.delivery.poll();
});
afterAll(() => server.close());

describe('GET /sync/v1/ruleset', () => {
  test('answers the whole rule set to a server key, ready to be compiled', async () => {
    const response = await server.ruleSet(server.serverKey.secret);
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    const ruleSet = (await response.json()) as RuleSet;
    expect(Object.keys(ruleSet.flags)).toEqual(['server-only', 'visible']);
    const rules = compile(ruleSet);
    expect(rules.issues).toEqual([]);
    expect(resolve(rules, 'visible', 'boolean', {}, 0)).toMatchObject({ value: false, reason: 'DISABLED' });
    const { epoch, revision } = ruleSet;
    expect(parseState(response.headers.get(STATE_HEADER))).toMatchObject({ epoch, revision });
  });

  test('answers only flags marked for browsers to a client key, without owner or description', async () => {
    const text = await (await server.ruleSet(server.clientKey.secret)).text();
    expect(Object.keys((JSON.parse(text) as RuleSet).flags)).toEqual(['visible']);
    for (const hidden of ['server-only', 'team-web', 'nobody outside', 'metadata', 'clientSide'])
      expect(text).not.toContain(hidden);
  });

  test('answers 304 with the state and no body to the newest ETag, and 200 after a change', async () => {
    const first = await server.ruleSet(server.serverKey.secret);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[0-9a-f]{16}\.server\.1"$/);
    const again = await server.ruleSet(server.serverKey.secret, { 'if-none-match': `"other", ${etag}` });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get(STATE_HEADER)).toBe(first.headers.get(STATE_HEADER));
    expect(again.headers.get('etag')).toBe(etag);
    await server.unkill('visible');
    await server.delivery.poll();
    const changed = await server.ruleSet(server.serverKey.secret, { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  test('does not take the ETag of the other view', async () => {
    const etag = (await server.ruleSet(server.clientKey.secret)).headers.get('etag') ?? '';
    expect((await server.ruleSet(server.serverKey.secret, { 'if-none-match': etag })).status).toBe(200);
  });

  test.each([
    ['gzip, br', 'gzip'],
    ['br;q=1, gzip;q=0', null],
    ['identity', null],
  ])('with Accept-Encoding %s sends Content-Encoding %s, the same bytes inside', async (accepted, encoding) => {
    // Not fetch: it undoes the encoding.
    const { headers, body } = await new Promise<{ headers: Record<string, unknown>; body: Buffer }>((done, fail) => {
      const authorization = `Bearer ${server.serverKey.secret}`;
      const outgoing = request(
        `${server.url}/sync/v1/ruleset`,
        { headers: { authorization, 'accept-encoding': accepted } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => done({ headers: answer.headers, body: Buffer.concat(chunks) }));
        },
      );
      outgoing.on('error', fail).end();
    });
    const plain = await (await server.ruleSet(server.serverKey.secret)).text();
    expect(plain.length).toBeGreaterThan(0);
    expect(headers['content-encoding'] ?? null).toBe(encoding);
    expect(headers.vary).toMatch(/accept-encoding/);
    expect((encoding === 'gzip' ? gunzipSync(body) : body).toString()).toBe(plain);
  });

  test.each([
    ['no key', {}],
    ['an unknown key', { authorization: 'Bearer ys_nobody-knows-me' }],
    ['a token of the management API', { authorization: 'Bearer test-token-of-the-test-suite' }],
  ])('answers 401 to %s, readable by a page of another site', async (_name, headers) => {
    const response = await fetch(`${server.url}/sync/v1/ruleset`, { headers: headers as Record<string, string> });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  test('takes a key at once that was made a moment ago', async () => {
    const { secret } = await server.makeKey('server');
    expect((await server.ruleSet(secret)).status).toBe(200);
  });

  test('refuses a revoked key', async () => {
    const { id, secret } = await server.makeKey('server');
    expect((await server.ruleSet(secret)).status).toBe(200);
    await server.api('DELETE', `/projects/shop/environments/production/keys/${id}`);
    await server.delivery.poll();
    expect((await server.ruleSet(secret)).status).toBe(401);
  });

  test('answers a preflight from any origin, without credentials', async () => {
    const response = await fetch(`${server.url}/sync/v1/ruleset`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization, if-none-match',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toMatch(/authorization.*if-none-match/);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('lets a page of another site read state and ETag', async () => {
    const response = await server.ruleSet(server.clientKey.secret, { origin: 'https://shop.example' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toMatch(/etag.*yardarm-state/);
  });
});
