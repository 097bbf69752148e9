import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { shareFrame } from './shared-frame.ts';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
afterAll(() => server.close());

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 100_000])(
  'a text of %i bytes arrives whole among frames of the library',
  async (length) => {
    const text = 'é'.repeat(length / 2) + 'x'.repeat(length % 2);
    const { framed, payload } = shareFrame(Buffer.from(text));
    expect(payload.toString()).toBe(text);
    server.once('connection', (socket, request) => {
      socket.send('before');
      request.socket.write(framed);
      socket.send('after');
    });
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const received: string[] = [];
    client.on('message', (data) => received.push(String(data)));
    while (received.length < 3) await once(client, 'message');
    expect(received).toEqual(['before', text, 'after']);
    client.terminate();
  },
);
