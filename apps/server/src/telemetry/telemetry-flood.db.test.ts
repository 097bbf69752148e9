import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS_TOKEN, startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  // Telemetry asks memory alone about a key. Before this server has heard of it, its reports are on the account of unknown keys.
  expect((await server.ruleSet(server.clientKey.secret)).status).toBe(200);
});
afterAll(() => server.close());

const headOf = (bytes: number) =>
  [
    ...[`POST ${TELEMETRY_PATH} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${server.clientKey.secret}`],
    ...['Content-Type: application/json', `Content-Length: ${bytes}`, '', ''],
  ].join('\r\n');
const reportOf = (instance: string) => JSON.stringify({ instance, seq: 1, from: 0, to: 0, counts: [], lost: 0 });
const requestOf = (instance: string) => headOf(reportOf(instance).length) + reportOf(instance);

function open(text: string): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

/** What one connection was answered until it was closed, and after how long, milliseconds. */
async function send(text: string): Promise<{ readonly answers: string; readonly ms: number }> {
  const startedMs = performance.now();
  const socket = open(text);
  let answers = '';
  socket.on('data', (chunk) => {
    answers += chunk;
  });
  // Not `once`: a connection that is cut with something unread closes with an error.
  await new Promise((resolve) => socket.on('close', resolve));
  return { answers, ms: performance.now() - startedMs };
}

/** Bytes of reports that are under way, as Prometheus is told. */
async function bytesUnderWay(): Promise<number> {
  const scraped = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return Number(/^yardarm_telemetry_bytes (\d+)/m.exec(await scraped.text())?.[1]);
}

async function postWithServerKey(): Promise<number> {
  const answer = await fetch(server.url + TELEMETRY_PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.serverKey.secret}`, 'content-type': 'application/json' },
    body: reportOf('server'),
  });
  return answer.status;
}

describe('a flood of telemetry', () => {
  it('is held for a second or more, told when to come back, and takes nothing from rules or from server keys', async () => {
    // Its body never comes, so that it holds all room that the key has.
    const slow = open(headOf(1024 * 1024));
    await expect.poll(bytesUnderWay).toBe(1024 * 1024);
    const flood = Promise.all(Array.from({ length: 20 }, (_, index) => send(requestOf(`flood ${index}`))));
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
    expect(await postWithServerKey()).toBe(204);
    for (const { answers, ms } of await flood) {
      expect(answers).toMatch(/^HTTP\/1\.1 429/);
      expect(answers).toMatch(/retry-after: \d+\r\n/i);
      expect(answers).toContain('"code":"rate_limited"');
      expect(ms).toBeGreaterThan(990);
    }
    slow.destroy();
  });

  it('that waits for no answer costs its key nothing: others with it go on reporting', async () => {
    const flood = Array.from({ length: 100 }, (_, index) => open(requestOf(`flood ${index}`).repeat(50)));
    await Promise.all(flood.map((socket) => once(socket, 'connect')));
    const { answers } = await send(requestOf('patient').replace('Host: localhost', 'Host: localhost\r\nConnection: close'));
    expect(answers).toMatch(/^HTTP\/1\.1 204/);
    for (const socket of flood) socket.destroy();
  });

  it('is answered by what is under way, and by nothing else, where the second report comes later', async () => {
    const socket = open(requestOf('first'));
    let answers = '';
    socket.on('data', (chunk) => {
      answers += chunk;
    });
    await once(socket, 'connect');
    await expect.poll(bytesUnderWay).toBeGreaterThan(0);
    socket.write(requestOf('second').repeat(2_000));
    await expect.poll(() => answers).not.toBe('');
    socket.destroy();
    expect([...answers.matchAll(/HTTP\/1\.1 \d+/g)].map(([line]) => line)).toEqual(['HTTP/1.1 204']);
  });
});
