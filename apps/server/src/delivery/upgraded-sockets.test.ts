import { once } from 'node:events';
import { connect } from 'node:net';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { trackUpgradedSockets } from './upgraded-sockets.ts';

const UPGRADE = [
  'GET /stream HTTP/1.1',
  'Host: test',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
  '\r\n',
].join('\r\n');

it('lets the server close though an upgrade arrives while it is closing', async () => {
  const app = Fastify();
  const upgraded = trackUpgradedSockets(app.server);
  const answer = async () => {
    const { port } = app.server.address() as { port: number };
    // Never closes by itself: as a client that was killed, or a network that went away.
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end(UPGRADE);
    const [text] = await once(client, 'data');
    return String(text);
  };
  let answered = '';
  await app.register(websocket, {
    preClose: (done) => {
      void answer().then((text) => {
        answered = text;
        upgraded.end();
        done();
      });
    },
  });
  app.get('/stream', { websocket: true }, () => {});
  await app.listen({ port: 0, host: '127.0.0.1' });
  await app.close();
  expect(answered).toContain('503');
});
