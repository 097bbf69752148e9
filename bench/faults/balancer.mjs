// @ts-check
/** Spreads connections over servers at random and leaves out those that do not listen. One address for each client, so that its connections can be counted. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { cutSocket } from './cut-socket.mjs';
import { isStream } from './fault-proxy.mjs';

/** @param {readonly number[]} ports of servers on loopback; those that are in it when a client connects */
export function startBalancer(ports) {
  /** @type {import('node:net').Server[]} */
  const listeners = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();

  /** @param {import('node:net').Socket} client @param {readonly number[]} left servers that were not tried */
  function forward(client, left) {
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
    });
  }

  return {
    /** @returns {Promise<{ url: string, streams: () => number }>} `streams`: how many were asked for there */
    listen: async () => {
      let streams = 0;
      const listener = createServer({ noDelay: true }, (client) => {
        sockets.add(client);
        client.once('data', (chunk) => {
          if (isStream(chunk.toString('latin1'))) streams += 1;
          client.pause();
          client.unshift(chunk);
          client.once('error', () => undefined);
          forward(client, ports);
        });
      });
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      listeners.push(listener);
      const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
      return { url: `http://127.0.0.1:${port}`, streams: () => streams };
    },
    close: async () => {
      for (const listener of listeners) listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
