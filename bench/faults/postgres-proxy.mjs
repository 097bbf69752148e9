// @ts-check
/** A proxy on loopback before PostgreSQL that sees single messages of the answers, and may keep them back. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { cutSocket } from './cut-socket.mjs';

const HEADER_BYTES = 5;
/** `NotificationResponse`, and `CommandComplete`. */
export const NOTIFICATION = 'A';
export const COMPLETE = 'C';

/**
 * @typedef {(type: string, message: Buffer) => boolean} Passes whether a message reaches the client; `type` is its first byte
 * @typedef {{ urlOf: (url: string) => string, close: () => Promise<void> }} PostgresProxy `urlOf`: the same database through the proxy
 */

/**
 * Connections without TLS only.
 * @param {number} port of PostgreSQL on loopback
 * @param {Passes} passes
 * @param {Passes} [ends] after a message of which it says so, and with it, nothing reaches that client any more
 * @returns {Promise<PostgresProxy>}
 */
export async function startPostgresProxy(port, passes, ends = () => false) {
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        cutSocket(other);
      });
    }
    client.pipe(server);
    let rest = Buffer.alloc(0);
    let hasEnded = false;
    server.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= HEADER_BYTES) {
        const end = 1 + rest.readUInt32BE(1);
        if (rest.length < end) return;
        const message = rest.subarray(0, end);
        rest = rest.subarray(end);
        const type = String.fromCharCode(message[0] ?? 0);
        hasEnded ||= ends(type, message);
        if (!hasEnded && passes(type, message)) client.write(message);
      }
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  return {
    urlOf: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${own}` }).href,
    close: async () => {
      listener.close();
      for (const socket of open) cutSocket(socket);
      await once(listener, 'close');
    },
  };
}
