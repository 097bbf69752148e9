import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gateTelemetry } from './telemetry-gate.ts';

const REQUEST = `POST ${TELEMETRY_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`;

let server: Server;
let read: number;
let refused: number;
beforeEach(async () => {
  [read, refused] = [0, 0];
  server = createServer();
  gateTelemetry(server, {
    keys: { find: () => undefined },
    budget: { ask: () => ({ retryAfterSeconds: 1 }), charge: () => undefined, bytes: () => 0 },
    onRefused: () => refused++,
  });
  server.on('request', () => read++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What a connection was answered that sent `text`, and when it was closed. */
async function send(text: string): Promise<{ readonly answer: string; readonly closedMs: number }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve));
  return { answer, closedMs: performance.now() };
}

it('reads one request of a connection that is refused, however many were sent with it', async () => {
  const { answer } = await send(REQUEST.repeat(200));
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 429']);
  expect(answer).toMatch(/retry-after: 1\r\n/i);
  expect([read, refused]).toEqual([1, 1]);
});

it('answers no more than 60 refusals a second, so that a flood comes back no faster', async () => {
  const beganMs = performance.now();
  const closed = await Promise.all(Array.from({ length: 60 }, () => send(REQUEST)));
  expect(closed.every(({ answer }) => answer.startsWith('HTTP/1.1 429'))).toBe(true);
  expect(Math.max(...closed.map(({ closedMs }) => closedMs)) - beganMs).toBeGreaterThan(1_000 + (59 * 1_000) / 60 - 10);
});
