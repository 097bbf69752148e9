import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  applyDelta,
  type DeltaMessage,
  type KillsAnswer,
  loadRuleSet,
  parseRuleSet,
  parseState,
  STATE_HEADER,
} from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

/** Until when no wait of the server ends, however long ago its time was over; of none while undefined. */
const waits = vi.hoisted(() => ({ held: undefined as Promise<void> | undefined }));
vi.mock('node:timers/promises', async (load) => {
  const real = await load<typeof import('node:timers/promises')>();
  const setTimeout: typeof real.setTimeout = async (...args) => {
    const value = await real.setTimeout(...args);
    await waits.held;
    return value;
  };
  return { ...real, setTimeout };
});

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('hidden', { variants: { on: 'long enough to be compressed '.repeat(100), off: '' }, type: 'string' });
  await server.createFlag('visible', { clientSide: true });
  await server.unkill('hidden');
  await server.unkill('visible');
  await server.delivery.poll();
});
afterAll(() => server.close());

const get = (path: string, secret: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${secret}`, ...headers } });

/** Not fetch, which undoes the encoding. */
function getRaw(path: string, headers: Record<string, string>) {
  return new Promise<{ encoding: string | undefined; body: Buffer }>((done, fail) => {
    const all = { authorization: `Bearer ${server.serverKey.secret}`, ...headers };
    const outgoing = request(`${server.url}${path}`, { headers: all }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => done({ encoding: answer.headers['content-encoding'], body: Buffer.concat(chunks) }));
    });
    outgoing.on('error', fail).end();
  });
}

/** A connection that is open already, for one request. */
async function connectRaw() {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  return async (path: string, secret: string) => {
    const closed = once(socket, 'close');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    const head = [`GET ${path} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${secret}`, 'Connection: close'];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await closed;
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
    return { status: Number(status), retryAfter: /^retry-after: (\d+)/im.exec(answer)?.[1] };
  };
}

async function stateOf(secret: string) {
  await server.delivery.poll();
  const state = parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER));
  if (state === undefined) throw new Error('The answer names no state.');
  return state;
}

describe('GET /sync/v1/kills', () => {
  test('names the flags of the view that are off, and nothing else of them', async () => {
    const { revision } = await server.kill('hidden');
    const { epoch } = await stateOf(server.serverKey.secret);
    const response = await get('/sync/v1/kills', server.serverKey.secret);
    expect((await response.json()) as KillsAnswer).toEqual({
      epoch,
      revision,
      off: [{ key: 'hidden', offVariant: null, revision }],
    });
    expect(await (await get('/sync/v1/kills', server.clientKey.secret)).json()).toEqual({ epoch, revision, off: [] });
    await server.kill('visible');
    await server.delivery.poll();
    const ofClient = (await (await get('/sync/v1/kills', server.clientKey.secret)).json()) as KillsAnswer;
    expect(ofClient.off.map(({ key }) => key)).toEqual(['visible']);
  });

  test('answers 304 until something changes', async () => {
    const etag = (await get('/sync/v1/kills', server.serverKey.secret)).headers.get('etag') ?? '';
    const again = await get('/sync/v1/kills', server.serverKey.secret, { 'if-none-match': etag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    await server.unkill('visible');
    await server.delivery.poll();
    expect((await get('/sync/v1/kills', server.serverKey.secret, { 'if-none-match': etag })).status).toBe(200);
  });

  test.each(['/sync/v1/kills', '/sync/v1/deltas/1-a/1..2'])('%s answers 401 without a key', async (path) => {
    expect((await fetch(`${server.url}${path}`)).status).toBe(401);
    expect((await get(path, 'ys_nobody-knows-me')).status).toBe(401);
  });
});

describe('GET /sync/v1/deltas/{epoch}/{from}..{to}', () => {
  test('answers a delta that leads a reader from one revision to the other, in the encoding that it takes', async () => {
    const ruleSet = parseRuleSet(await (await server.ruleSet(server.serverKey.secret)).text());
    if ('type' in ruleSet) throw new Error(ruleSet.problem);
    const { store } = loadRuleSet(ruleSet, null);
    await server.unkill('hidden');
    await server.kill('visible');
    const { epoch, revision, digest } = await stateOf(server.serverKey.secret);
    const path = `/sync/v1/deltas/${epoch}/${store.state.revision}..${revision}`;
    const response = await get(path, server.serverKey.secret);
    expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    const delta = (await response.json()) as DeltaMessage;
    expect(applyDelta(store, delta)).toMatchObject({ outcome: 'applied', store: { state: { epoch, revision, digest } } });
    const gzipped = await getRaw(path, { 'accept-encoding': 'gzip' });
    expect(gzipped.encoding).toBe('gzip');
    expect(JSON.parse(gunzipSync(gzipped.body).toString())).toEqual(delta);
  });

  test('goes on answering it after the next change', async () => {
    const { epoch, revision } = await stateOf(server.serverKey.secret);
    const path = `/sync/v1/deltas/${epoch}/${revision - 1}..${revision}`;
    const text = await (await get(path, server.serverKey.secret)).text();
    await server.kill('hidden');
    await server.delivery.poll();
    expect(await (await get(path, server.serverKey.secret)).text()).toBe(text);
  });

  test('shows a client key its own view', async () => {
    await server.unkill('hidden');
    const { epoch, revision } = await stateOf(server.clientKey.secret);
    const path = `/sync/v1/deltas/${epoch}/${revision - 1}..${revision}`;
    expect(await (await get(path, server.clientKey.secret)).json()).toMatchObject({ put: [], remove: [], kill: [] });
    expect(await (await get(path, server.serverKey.secret)).json()).toMatchObject({ put: [{ key: 'hidden' }] });
  });

  test.each([
    ['another epoch', 'x', (revision: number) => `${revision - 1}..${revision}`],
    ['a revision that led elsewhere', '', (revision: number) => `${revision - 3}..${revision - 1}`],
    ['no way', '', (revision: number) => `${revision}..${revision}`],
    ['backwards', '', (revision: number) => `${revision}..${revision - 1}`],
    ['no revisions', '', () => 'latest'],
  ])('answers 404 for %s', async (_name, prefix, revisions) => {
    const { epoch, revision } = await stateOf(server.serverKey.secret);
    const path = `/sync/v1/deltas/${prefix === '' ? epoch : '1-x'}/${revisions(revision)}`;
    const response = await get(path, server.serverKey.secret);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('GET /sync/v1/ruleset', () => {
  test('serves brotli once a revision has been asked for a few times, and never makes anybody wait for it', async () => {
    await server.kill('hidden');
    await server.delivery.poll();
    const headers = { 'accept-encoding': 'gzip, br' };
    expect((await getRaw('/sync/v1/ruleset', headers)).encoding).toBe('gzip');
    let answer = await getRaw('/sync/v1/ruleset', headers);
    for (let request = 0; request < 100 && answer.encoding !== 'br'; request++)
      answer = await getRaw('/sync/v1/ruleset', headers);
    expect(answer.encoding).toBe('br');
    expect(brotliDecompressSync(answer.body).toString()).toBe(await (await server.ruleSet(server.serverKey.secret)).text());
  });

  test('waits for a revision that the reader has seen already, and answers no older one', async () => {
    // With a server key the database would have to be behind, and would get a new epoch.
    const { secret } = server.clientKey;
    const { epoch, revision } = await stateOf(secret);
    const ask = (ahead: number) => get(`/sync/v1/ruleset?have=${epoch}.${revision + ahead}`, secret);
    const waiting = ask(1);
    await server.unkill('hidden');
    expect(parseState((await waiting).headers.get(STATE_HEADER))?.revision).toBeGreaterThan(revision);
    const late = await ask(1_000);
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(late.headers.get(STATE_HEADER)).toBeNull();
  });

  test.each(['/sync/v1/ruleset', '/sync/v1/kills'])('%s is answered alike from memory and by its route', async (path) => {
    const origin = 'https://shop.example';
    for (const known of [false, true]) {
      const { etag } = Object.fromEntries((await get(path, server.serverKey.secret)).headers);
      const headers = { origin, ...(known && { 'if-none-match': etag ?? '' }) };
      const [short, long] = await Promise.all(
        ['', '?by=route'].map(async (query) => {
          const response = await get(path + query, server.serverKey.secret, headers);
          const { date: _, ...rest } = Object.fromEntries(response.headers);
          return { status: response.status, headers: rest, text: await response.text() };
        }),
      );
      // Its route adds what is for pages of this server.
      expect(long).toMatchObject(short ?? {});
      expect(short?.status).toBe(known ? 304 : 200);
    }
  });

  test('refuses from memory what its route refuses', async () => {
    const { secret } = await server.api<{ secret: string }>('POST', '/projects/shop/environments/production/keys', {
      kind: 'client',
      name: 'of one page',
      allowedOrigins: ['https://shop.example'],
    });
    const statusFor = async (origin: string) => (await get('/sync/v1/ruleset', secret, { origin })).status;
    expect([await statusFor('https://shop.example'), await statusFor('https://evil.example')]).toEqual([200, 403]);
  });

  test('lets a bounded number of readers wait, and answers from memory meanwhile', async () => {
    const { epoch, revision } = await stateOf(server.clientKey.secret);
    const path = `/sync/v1/ruleset?have=${epoch}.${revision + 1_000}`;
    const readers = await Promise.all(Array.from({ length: 550 }, () => connectRaw()));
    let letGo: () => void = () => undefined;
    // On a busy machine the first would be answered before the last has asked.
    waits.held = new Promise((resolve) => {
      letGo = resolve;
    });
    const answers: { readonly status: number; readonly retryAfter: string | undefined }[] = [];
    const waiting = readers.map(async (ask) => answers.push(await ask(path, server.clientKey.secret)));
    await expect.poll(() => answers.length).toBe(50);
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
    waits.held = undefined;
    letGo();
    await Promise.all(waiting);
    expect(answers.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => ({ status: 503, retryAfter: '2' })));
    expect(answers.slice(50)).toEqual(Array.from({ length: 500 }, () => ({ status: 503, retryAfter: '1' })));
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
  });

  test('answers readers that say that they hold an older state, or nothing that can be read', async () => {
    const { epoch, revision } = await stateOf(server.serverKey.secret);
    for (const have of [`${epoch}.${revision}`, `${epoch}.1`, '1-a.7', 'nonsense', ''])
      expect((await get(`/sync/v1/ruleset?have=${have}`, server.serverKey.secret)).status).toBe(200);
  });
});

describe('POST /sync/v1/applied', () => {
  const receipt = { instance: 'one', sdk: 'test/1', app: { name: 'shop' }, applied: { epoch: '1-a', revision: 7, digest: '0' } };
  const post = (body: string, secret = server.serverKey.secret) =>
    fetch(`${server.url}/sync/v1/applied`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body,
    });

  test('takes the word of a reader without a stream, from pages of other sites too', async () => {
    const response = await post(JSON.stringify({ ...receipt, mood: 'of a newer SDK' }));
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });

  test.each([
    ['no body', '', 400],
    ['no instance', JSON.stringify({ ...receipt, instance: '' }), 400],
    ['a revision that is no number', JSON.stringify({ ...receipt, applied: { ...receipt.applied, revision: '7' } }), 400],
    ['an overlong name', JSON.stringify({ ...receipt, app: { name: 'x'.repeat(201) } }), 400],
    ['more than 16 KiB', JSON.stringify({ ...receipt, more: 'x'.repeat(16 * 1024) }), 413],
  ])('refuses %s', async (_name, body, status) => {
    expect((await post(body)).status).toBe(status);
  });

  test('refuses a key that it does not know, whatever it says', async () => {
    expect((await post('{}', 'ys_nobody-knows-me')).status).toBe(401);
  });
});
