import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { readOn, stopReading } from './hold-reading.ts';

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

/** Both ends of a connection, and what the near one has read. */
async function connect() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const { port } = server.address() as { port: number };
  const far = createConnection(port, '127.0.0.1');
  const [near] = (await accepted) as [Socket];
  open.push(far, near, { destroy: () => server.close() });
  let read = '';
  near.on('data', (chunk) => {
    read += chunk;
  });
  await once(far, 'connect');
  return { near, far, read: () => read };
}

/** More than enough for what was sent on this machine to be read. */
async function passTurns() {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}

test('what arrives on a held socket is read when it is read on, and nothing of it before', async () => {
  const { near, far, read } = await connect();
  expect([stopReading(near), stopReading(near)]).toEqual([true, false]);
  await new Promise((resolve) => far.write('held', resolve));
  await passTurns();
  expect(read()).toBe('');
  const data = once(near, 'data');
  readOn(near);
  await data;
  expect(read()).toBe('held');
  far.write(' and on');
  await once(near, 'data');
  expect(read()).toBe('held and on');
});

test('the end of a held socket is noticed when it is read on', async () => {
  const { near, far } = await connect();
  stopReading(near);
  far.destroy();
  await passTurns();
  expect(near.readableEnded).toBe(false);
  const closed = once(near, 'close');
  readOn(near);
  await closed;
});

test('a stream without a handle, or whose socket has gone, is left as it is', async () => {
  const { near } = await connect();
  stopReading(near);
  near.destroy();
  readOn(near);
  expect([stopReading(near), stopReading(new PassThrough())]).toEqual([false, false]);
});
