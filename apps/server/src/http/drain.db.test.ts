import { once } from 'node:events';
import { expect, test } from 'vitest';
import { API_TOKEN, openSocket, startTestServer } from '../testing/delivery-server.ts';

test('a server that is closing answers what still arrives as ever, and closes', async () => {
  const server = await startTestServer();
  const socket = openSocket(server.url, { authorization: server.serverKey.secret });
  await once(socket, 'open');
  // Does not answer the goodbye, so that closing takes a while.
  socket.pause();
  const closed = server.closeApp();
  const call = (path: string) => fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${API_TOKEN}` } });
  expect((await call('/health/ready')).status).toBe(503);
  expect((await call('/health/live')).status).toBe(200);
  expect((await call('/api/v1/projects')).status).toBe(200);
  expect(await (await call('/api/v1/projects/nowhere')).json()).toMatchObject({ error: { code: 'not_found' } });
  await closed;
  socket.terminate();
  await server.close();
});
