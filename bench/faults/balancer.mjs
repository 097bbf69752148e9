// @ts-check
/**
 * Spreads connections over servers at random and leaves out those that do not listen. One address for each client, so that its streams can be
 * counted, and what servers say before they end one.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { cutSocket } from './cut-socket.mjs';
import { isStream } from './fault-proxy.mjs';
import { createFrameEditor } from './frames.mjs';

/**
 * @typedef {{ atMs: number, retryAfterMs: number, spreadMs: number }} Goodbye `atMs` of performance.now
 *
 * @typedef {object} Stream one that a client asked for
 * @property {number} askedMs of performance.now
 * @property {boolean} isOpen
 * @property {Goodbye | null} goodbye what the server said before its end
 *
 * @typedef {{ url: string, streams: Stream[] }} Line of one client
 */

/** @param {readonly number[]} ports of servers on loopback; those that are in it when a client connects */
export function startBalancer(ports) {
  /** @type {import('node:net').Server[]} */
  const listeners = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();

  /**
   * @param {import('node:net').Socket} client
   * @param {readonly number[]} left servers that were not tried
   * @param {Stream | null} stream
   */
  function forward(client, left, stream) {
    const port = left[Math.floor(Math.random() * left.length)];
    if (port === undefined || client.destroyed) {
      cutSocket(client);
      return;
    }
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    server.once('error', () =>
      forward(
        client,
        left.filter((each) => each !== port),
        stream,
      ),
    );
    server.once('connect', () => {
      server.removeAllListeners('error');
      sockets.add(server);
      for (const [from, to] of /** @type {const} */ ([
        [client, server],
        [server, client],
      ])) {
        from.on('error', () => to.destroy());
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
      if (stream !== null) watch(server, stream);
    });
  }

  return {
    /** @returns {Promise<Line>} */
    listen: async () => {
      /** @type {Stream[]} */
      const streams = [];
      const listener = createServer({ noDelay: true }, (client) => {
        sockets.add(client);
        client.once('data', (chunk) => {
          const stream = isStream(chunk.toString('latin1')) ? { askedMs: performance.now(), isOpen: false, goodbye: null } : null;
          if (stream !== null) streams.push(stream);
          client.pause();
          client.unshift(chunk);
          client.once('error', () => undefined);
          forward(client, ports, stream);
        });
      });
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      listeners.push(listener);
      const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
      return { url: `http://127.0.0.1:${port}`, streams };
    },
    close: async () => {
      for (const listener of listeners) listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Listens in. @param {import('node:net').Socket} server @param {Stream} stream */
function watch(server, stream) {
  let head = '';
  const read = createFrameEditor((text) => {
    const message = JSON.parse(text.toString('utf8'));
    if (message.type === 'welcome') stream.isOpen = true;
    if (message.type === 'goodbye') stream.goodbye = { ...message, atMs: performance.now() };
    return [];
  });
  server.on('data', (chunk) => {
    if (head.includes('\r\n\r\n')) return void read(chunk);
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) read(Buffer.from(head.slice(end + 4), 'latin1'));
  });
  server.on('close', () => {
    stream.isOpen = false;
  });
}
