import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openSocket, startTestServer, type TestServer } from '../testing/delivery-server.ts';

const MANY = { handshakesPerSecond: 1_000, memoryLimitBytes: Number.POSITIVE_INFINITY };
let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const addressOf = ({ url }: TestServer) => `${url.replace('http', 'ws')}${STREAM_PATH}`;

/** Status of a handshake with a good key. */
async function openOrRefused({ url, serverKey }: TestServer): Promise<number> {
  const socket = openSocket(url, { authorization: serverKey.secret });
  socket.on('error', () => undefined);
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => Number((response as IncomingMessage).statusCode)),
  ]);
  socket.terminate();
  return status;
}

/** A handshake that has to be refused. */
async function refusalOf(socket: WebSocket): Promise<IncomingMessage> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  socket.terminate();
  return response;
}

/** A socket with a key that nobody knows, which was answered: refused by a close frame that it never answers. */
async function openStranger({ url }: TestServer): Promise<Socket> {
  const stranger = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  stranger.on('error', () => undefined);
  stranger.write(
    [
      `GET ${STREAM_PATH} HTTP/1.1`,
      'Host: test',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
      'Authorization: Bearer ys_nobody-knows-me',
      '\r\n',
    ].join('\r\n'),
  );
  await once(stranger, 'data');
  return stranger;
}

describe('admission of streams', () => {
  test('refuses handshakes above the rate with 503 and whole seconds to wait, and lets polls pass', async () => {
    server = await startTestServer({ limits: { ...MANY, handshakesPerSecond: 2 } });
    const { url, serverKey } = server;
    const first = await Promise.all([server.connect(serverKey.secret), server.connect(serverKey.secret)]);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const response = await refusalOf(openSocket(url, { authorization: serverKey.secret }));
      expect(response.statusCode).toBe(503);
      waits.push(Number(response.headers['retry-after']));
    }
    expect(waits[0]).toBe(1);
    expect(waits.at(-1)).toBeGreaterThan(1);
    expect((await server.ruleSet(serverKey.secret)).status).toBe(200);
    for (const reader of first) expect((await reader.next('welcome')).type).toBe('welcome');
  });

  test('asks for no key before it refuses', async () => {
    server = await startTestServer({ limits: { ...MANY, handshakesPerSecond: 1 } });
    await refusalOf(new WebSocket(addressOf(server), SUBPROTOCOL));
    const statuses = new Set<number | undefined>();
    for (let attempt = 0; attempt < 3; attempt++)
      statuses.add((await refusalOf(new WebSocket(addressOf(server), SUBPROTOCOL))).statusCode);
    expect(statuses).toEqual(new Set([503]));
  });

  test('takes no new socket where memory is taken, and goes on answering polls', async () => {
    server = await startTestServer({ limits: { ...MANY, memoryLimitBytes: 1 } });
    const response = await refusalOf(openSocket(server.url, { authorization: server.serverKey.secret }));
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '30']);
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
  });

  test('answers an upgrade of anything else with 404', async () => {
    server = await startTestServer();
    const response = await refusalOf(new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/projects`));
    expect(response.statusCode).toBe(404);
  });

  test('tells a client that offers HTTP/2 over plain HTTP what to leave out', async () => {
    server = await startTestServer();
    const headers = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' };
    const request = get(`${server.url}/health/live`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(404);
    expect(await text(response)).toContain('without the header Upgrade');
  });

  test('answers 404 to a key that asks without an upgrade', async () => {
    server = await startTestServer();
    const headers = { authorization: `Bearer ${server.serverKey.secret}` };
    expect((await fetch(`${server.url}${STREAM_PATH}`, { headers })).status).toBe(404);
    expect((await fetch(`${server.url}${STREAM_PATH}`)).status).toBe(401);
  });

  test('takes nobody while as many sockets as it may have are open without a key that was let in, and then again', async () => {
    server = await startTestServer({ limits: { ...MANY, maxStrangers: 2 } });
    const strangers = await Promise.all([openStranger(server), openStranger(server)]);
    const response = await refusalOf(openSocket(server.url, { authorization: server.serverKey.secret }));
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
    await expect.poll(() => openOrRefused(server!), { timeout: 4_000, interval: 200 }).toBe(101);
    for (const stranger of strangers) stranger.destroy();
  });

  test('lets a good key in though a thousand sockets do not leave after their refusal', async () => {
    server = await startTestServer();
    const strangers = await Promise.all(Array.from({ length: 1_010 }, () => openStranger(server!)));
    // None of them ever answers, and yet nobody with a key waits for long.
    await expect.poll(async () => (await openOrRefused(server!)).toString(), { timeout: 4_000, interval: 200 }).toBe('101');
    for (const stranger of strangers) stranger.destroy();
  });
});

test('the server closes though upgrades arrive while it is closing, and though nobody answers', async () => {
  server = await startTestServer();
  const { port } = new URL(server.url);
  const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  client.write(`GET ${STREAM_PATH} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  await once(client, 'data');
  await server.closeApp();
  client.destroy();
});
