import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { APPLIED_PATH, checkOptions, deltaPath, KILLS_PATH, type PolledReceipt } from '@yardarm/sync';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { nodeTransport } from './transport.ts';

const KEY = 'ys_0123456789';
const state = { epoch: '1000-a', revision: 2, digest: '0123456789abcdef' };
const kills = { epoch: '1000-a', revision: 2, off: [{ key: 'a', offVariant: null, revision: 2 }] };
const delta = { type: 'delta', epoch: '1000-a', from: 1, to: 2, digest: state.digest, kill: kills.off, put: [], remove: [] };

interface Seen {
  readonly line: string;
  readonly key: string | undefined;
  readonly body: string;
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A transport, and what the server behind it is asked. */
async function transportTo(answers: { readonly [path: string]: unknown }) {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    const { authorization } = request.headers;
    seen.push({ line: `${request.method} ${path}`, key: authorization, body: Buffer.concat(chunks).toString() });
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, transport: nodeTransport(checkOptions({ url, key: KEY }, { serverKeys: true })) };
}

describe('over a real connection', () => {
  const path = deltaPath('1000-a', 1, 2);

  it('a delta comes by its address, and is missed where there is none', async () => {
    const { seen, transport } = await transportTo({ [path]: delta });
    expect(await transport.fetchDelta(path)).toEqual({ kind: 'delta', message: delta });
    expect(await transport.fetchDelta(deltaPath('1000-a', 0, 2))).toMatchObject({ kind: 'failed', status: 404 });
    expect(seen[0]).toEqual({ line: `GET ${path}`, key: `Bearer ${KEY}`, body: '' });
  });

  it('kills come, and are null where nobody answers them', async () => {
    const { transport } = await transportTo({ [KILLS_PATH]: kills });
    expect(await transport.fetchKills()).toEqual(kills);
    expect(await (await transportTo({})).transport.fetchKills()).toBeNull();
  });

  it('an answer that switches to another protocol, which nobody asked for, is none', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = nodeTransport(checkOptions({ url, key: KEY }, { serverKeys: true }));
    expect(await transport.fetchKills()).toBeNull();
    expect(await transport.fetchDelta(path)).toMatchObject({ kind: 'failed' });
  });

  it('a receipt is posted', async () => {
    const { seen, transport } = await transportTo({});
    const receipt: PolledReceipt = { instance: 'i', sdk: 'test/1', app: { name: 'é' }, applied: state };
    transport.sendReceipt(receipt);
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 20_000, interval: 5 });
    expect(seen[0]).toEqual({ line: `POST ${APPLIED_PATH}`, key: `Bearer ${KEY}`, body: JSON.stringify(receipt) });
  });

  it('what is said waits for a frame that has arrived by then', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    stops.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const sent = vi.spyOn(WebSocket.prototype, 'send');
    stops.push(() => sent.mockRestore());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { connect } = nodeTransport(checkOptions({ url, key: KEY }, { serverKeys: true }));
    const saidBefore: boolean[] = [];
    const stream = connect({
      opened: () => {},
      received: (text) => {
        saidBefore.push(sent.mock.calls.some(([data]) => String(data) === 'receipt'));
        if (text !== 'first') return;
        stream.send('receipt');
        for (const peer of server.clients) peer.send('second');
      },
      heard: () => {},
      closed: () => {},
    });
    stops.push(() => stream.close());
    await new Promise<void>((resolve) => {
      server.on('connection', (peer) => {
        peer.on('message', () => resolve());
        peer.send('first');
      });
    });
    expect(saidBefore).toEqual([false, false]);
  });

  it('what was said in the turn that ends a stream is heard before its end, in order', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    stops.push(() => server.close());
    const heard: string[] = [];
    const closed = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('message', (data) => heard.push(String(data)));
        socket.on('close', () => resolve());
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { connect } = nodeTransport(checkOptions({ url, key: KEY }, { serverKeys: true }));
    const stream = connect({
      opened: () => {
        stream.send('one');
        stream.send('two');
        stream.close();
      },
      received: () => {},
      heard: () => {},
      closed: () => {},
    });
    await closed;
    expect(heard).toEqual(['one', 'two']);
  });
});
