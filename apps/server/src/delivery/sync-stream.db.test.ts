import { once } from 'node:events';
import { CLOSE, parseState, STATE_HEADER, STREAM_PATH, SUBPROTOCOL, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { API_TOKEN, openSocket, startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
  await server.createFlag('banner', { clientSide: true });
  await server.unkill('checkout');
  await server.delivery.poll();
});
afterAll(() => server.close());

/** The newest state of a key's view. */
async function stateOf(secret: string): Promise<SyncState> {
  await server.delivery.poll();
  const response = await server.ruleSet(secret);
  return parseState(response.headers.get(STATE_HEADER)) as SyncState;
}

describe('WS /sync/v1/stream', () => {
  test('welcomes a reader that holds the newest state, and sends it nothing more', async () => {
    const have = await stateOf(server.serverKey.secret);
    const reader = await server.connect(server.serverKey.secret, have);
    expect(await reader.next('welcome')).toMatchObject({ view: 'server', format: 1, beatMs: 15_000, ...have });
    server.shift(15_000);
    await reader.next('beat');
    expect(reader.types()).toEqual(['welcome', 'beat']);
    reader.socket.close();
  });

  test('sends a kill as one delta that holds the kill and the whole body', async () => {
    const have = await stateOf(server.serverKey.secret);
    const reader = await server.connect(server.serverKey.secret, have);
    await reader.next('welcome');
    const { revision } = await server.kill('checkout');
    const delta = await reader.next('delta');
    expect(delta).toMatchObject({
      from: have.revision,
      to: revision,
      remove: [],
      kill: [{ key: 'checkout', offVariant: 'off', revision }],
    });
    expect(delta.put).toMatchObject([{ kind: 'flag', key: 'checkout', body: { on: false, revision } }]);
    expect(delta.digest).toBe((await stateOf(server.serverKey.secret)).digest);
    await server.unkill('checkout');
    expect(await reader.next('delta')).toMatchObject({ from: revision, to: revision + 1, kill: [] });
    reader.socket.close();
  });

  test('sends one delta to a reader that comes back from a known revision', async () => {
    const have = await stateOf(server.serverKey.secret);
    await server.kill('checkout');
    const { revision } = await server.unkill('checkout');
    await server.delivery.poll();
    const reader = await server.connect(server.serverKey.secret, have);
    expect(await reader.next('delta')).toMatchObject({ from: have.revision, to: revision, kill: [] });
    server.shift(15_000);
    await reader.next('beat');
    expect(reader.types()).toEqual(['welcome', 'delta', 'beat']);
    reader.socket.close();
  });

  test.each([
    ['nothing', () => undefined, 'gap'],
    ['another content of an old revision', (now: SyncState) => ({ ...now, revision: 1, digest: '00000000deadbeef' }), 'too_old'],
    ['another content of this revision', (now: SyncState) => ({ ...now, digest: '00000000deadbeef' }), 'digest'],
    ['an older epoch', (now: SyncState) => ({ ...now, epoch: '1-older' }), 'epoch'],
  ])('sends a reader that holds %s to the rule set', async (_name, change, reason) => {
    const reader = await server.connect(server.serverKey.secret, change(await stateOf(server.serverKey.secret)));
    await reader.next('welcome');
    expect(await reader.next('resync')).toMatchObject({ reason, url: '/sync/v1/ruleset' });
    reader.socket.close();
  });

  test('sends kills to a reader that is still fetching, and deltas once it says what it holds', async () => {
    const reader = await server.connect(server.serverKey.secret);
    await reader.next('resync');
    const { revision } = await server.kill('checkout');
    const kills = await nextAfter(reader, revision - 1);
    expect(kills).toMatchObject({ from: kills.to, kill: [{ key: 'checkout', revision }], put: [], remove: [] });
    reader.send({ type: 'applied', ...(await stateOf(server.serverKey.secret)) });
    await server.unkill('checkout');
    expect((await nextAfter(reader, revision)).put).toHaveLength(1);
    reader.socket.close();
  });

  test('lets a browser in by subprotocol and shows it the client view only', async () => {
    const have = await stateOf(server.clientKey.secret);
    const reader = await server.connectBrowser(server.clientKey.secret, have);
    expect(reader.socket.protocol).toBe(SUBPROTOCOL);
    expect(await reader.next('welcome')).toMatchObject({ view: 'client', ...have });
    await server.kill('checkout');
    expect(await reader.next('delta')).toMatchObject({ kill: [], put: [], remove: [] });
    await server.unkill('banner');
    expect(await reader.next('delta')).toMatchObject({ put: [{ key: 'banner' }] });
    await server.kill('banner');
    expect(await reader.next('delta')).toMatchObject({ kill: [{ key: 'banner' }] });
    expect(reader.frames.filter((frame) => frame.includes('checkout'))).toEqual([]);
    await server.unkill('checkout');
    reader.socket.close();
  });

  test('converges when a change commits between the hello and its answer', async () => {
    const have = await stateOf(server.serverKey.secret);
    const readers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        if (index === 5) await server.kill('checkout');
        return server.connect(server.serverKey.secret, have);
      }),
    );
    const { revision } = await server.unkill('checkout');
    for (const reader of readers) {
      expect((await nextAfter(reader, revision - 1)).to).toBe(revision);
      reader.socket.close();
    }
  });

  test('closes the sockets of a revoked key with 4001 and sends them nothing newer', async () => {
    const key = await server.makeKey('server');
    const reader = await server.connect(key.secret, await stateOf(key.secret));
    await reader.next('welcome');
    await server.api('DELETE', `/projects/shop/environments/production/keys/${key.id}`);
    expect(await reader.closed).toMatchObject({ code: CLOSE.key });
    await server.kill('checkout');
    await server.unkill('checkout');
    expect(reader.types()).toEqual(['welcome']);
  });

  test.each([
    ['an unknown key', () => ({ authorization: 'ys_unknown-key' })],
    ['a server key in the subprotocol list', () => ({ subprotocol: server.serverKey.secret })],
  ])('closes %s with 4001 before any message', async (_name, credential) => {
    const socket = openSocket(server.url, credential());
    const [code] = await once(socket, 'close');
    expect(code).toBe(CLOSE.key);
  });

  test('answers 401 to a handshake without a key', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/sync/v1/stream`, SUBPROTOCOL);
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    expect((response as { statusCode: number }).statusCode).toBe(401);
    socket.terminate();
  });

  test('does not find a key in the address', async () => {
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/sync/v1/stream?key=${server.serverKey.secret}`,
      SUBPROTOCOL,
    );
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    expect((response as { statusCode: number }).statusCode).toBe(401);
    socket.terminate();
  });

  test('closes a socket without the subprotocol with 4026', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/sync/v1/stream`, {
      headers: { authorization: `Bearer ${server.serverKey.secret}` },
    });
    const [code] = await once(socket, 'close');
    expect(code).toBe(CLOSE.version);
  });

  test.each([
    ['text that is no message', 'nonsense'],
    ['a frame before hello', JSON.stringify({ type: 'applied', epoch: '1-a', revision: 1, digest: '0' })],
  ])('closes a socket that sends %s with 4000', async (_name, frame) => {
    const socket = openSocket(server.url, { authorization: server.serverKey.secret });
    socket.on('open', () => socket.send(frame));
    const [code] = await once(socket, 'close');
    expect(code).toBe(CLOSE.protocol);
  });

  test('cuts a socket that sends a frame above 64 KiB, and goes on', async () => {
    const socket = openSocket(server.url, { authorization: server.serverKey.secret });
    socket.on('open', () => socket.send('x'.repeat(64 * 1024 + 1)));
    await once(socket, 'close');
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
  });
});

describe('WebSocket hijack', () => {
  test('a page of another site gets nothing by the cookie of an administrator: the stream knows keys only', async () => {
    const signedIn = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: API_TOKEN }),
    });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const session = await fetch(`${server.url}/api/v1/session`, { headers: { cookie } });
    expect(session.status).toBe(200);
    const address = `${server.url.replace('http', 'ws')}${STREAM_PATH}`;
    const socket = new WebSocket(address, SUBPROTOCOL, { headers: { cookie, origin: 'https://evil.example.com' } });
    await expect(once(socket, 'open')).rejects.toThrow('401');
  });
});

/** The first delta that leads beyond `revision`. */
async function nextAfter(reader: Awaited<ReturnType<TestServer['connect']>>, revision: number) {
  for (;;) {
    const delta = await reader.next('delta');
    if (delta.to > revision) return delta;
  }
}

describe('closing the server', () => {
  test('says goodbye to every socket before it closes it', async () => {
    const own = await startTestServer();
    const readers = await Promise.all([own.connect(own.serverKey.secret), own.connectBrowser(own.clientKey.secret)]);
    await Promise.all(readers.map((reader) => reader.next('welcome')));
    await own.closeApp();
    for (const reader of readers) {
      expect(await reader.closed).toMatchObject({ code: 1001 });
      expect(reader.types().at(-1)).toBe('goodbye');
    }
    await own.close();
  });
});
