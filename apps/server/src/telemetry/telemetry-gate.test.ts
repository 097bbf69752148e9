import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gateTelemetry } from './telemetry-gate.ts';

const REQUEST = `POST ${TELEMETRY_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`;

let server: Server;
let endHeld: () => void;
let isRoom: boolean;
/** Of what was let in. */
let responses: ServerResponse[];
let counted: { read: number; refused: number; asked: number };
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  counted = { read: 0, refused: 0, asked: 0 };
  [isRoom, responses] = [false, []];
  server = createServer((_, response) => responses.push(response));
  endHeld = gateTelemetry(server, {
    keys: { find: () => undefined },
    budget: {
      ask: () => {
        counted.asked++;
        return isRoom ? { release: () => undefined } : { retryAfterSeconds: 1 };
      },
      charge: () => undefined,
      bytes: () => 0,
    },
    onRefused: () => counted.refused++,
  });
  server.on('request', () => counted.read++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

/** A connection that sends `text`; `answer` resolves when it is closed. */
function send(text: string) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.write(text);
  return { socket, answer: new Promise<string>((resolve) => socket.on('close', () => resolve(received))) };
}

/** Without a timer, all of which are held still. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

const statusesOf = (answer: string) => answer.match(/HTTP\/1\.1 \d+/g);

it('answers a refusal after a second, and when to come back', async () => {
  const { answer } = send(REQUEST);
  await until(() => counted.refused === 1);
  vi.advanceTimersByTime(1_000);
  expect(statusesOf(await answer)).toEqual(['HTTP/1.1 429']);
  expect(await answer).toMatch(/retry-after: 1\r\n/i);
});

it('reads two requests of a connection that does not wait, asks for room for none, and answers one after half a minute', async () => {
  const { answer, socket } = send(REQUEST.repeat(200));
  await until(() => counted.refused === 1);
  vi.advanceTimersByTime(29_999);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(statusesOf(await answer)).toEqual(['HTTP/1.1 429']);
  expect(counted).toEqual({ read: 2, refused: 1, asked: 0 });
});

it('holds one that sends more while it waits for its refusal for half a minute, too', async () => {
  const { answer, socket } = send(REQUEST);
  await until(() => counted.refused === 1);
  socket.write(REQUEST.repeat(200));
  await until(() => counted.read === 2);
  vi.advanceTimersByTime(29_999);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(statusesOf(await answer)).toEqual(['HTTP/1.1 429']);
  expect(counted).toEqual({ read: 2, refused: 1, asked: 1 });
});

it('gives the turns of those that went away to those that came after them', async () => {
  const gone = Array.from({ length: 300 }, () => send(REQUEST));
  await until(() => counted.refused === 300);
  for (const { socket } of gone) socket.destroy();
  await until(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count === 0))));
  const { answer } = send(REQUEST);
  await until(() => counted.refused === 301);
  vi.advanceTimersByTime(1_000);
  expect(statusesOf(await answer)).toEqual(['HTTP/1.1 429']);
});

it('answers no more than 60 refusals a second, so that a flood comes back no faster', async () => {
  let answered = 0;
  const all = Array.from({ length: 60 }, () => send(REQUEST).answer.then(() => answered++));
  await until(() => counted.refused === 60);
  vi.advanceTimersByTime(1_500);
  await until(() => answered >= 31);
  expect(answered).toBe(31);
  vi.advanceTimersByTime(500);
  await Promise.all(all);
});

it('lets go of those that wait when the server closes', async () => {
  const { answer } = send(REQUEST);
  await until(() => counted.refused === 1);
  endHeld();
  expect(await answer).toBe('');
});

it('answers what was let in when the server closes, and closes its connection, though more was sent behind it', async () => {
  isRoom = true;
  const { answer, socket } = send(REQUEST);
  await until(() => responses.length === 1);
  socket.write(REQUEST);
  await until(() => counted.read === 2);
  endHeld();
  responses[0]?.end('done');
  expect(statusesOf(await answer)).toEqual(['HTTP/1.1 200']);
});
