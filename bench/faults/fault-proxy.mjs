// @ts-check
/**
 * A TCP proxy on loopback that does to connections what networks do: delays, throttles, goes silent without a word, resets,
 * cuts off, flips bits, closes one half, refuses. What a fault is set to holds for bytes that pass from then on, in
 * connections that are open as well. Down is from the server to the client.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutSocket } from './cut-socket.mjs';
import { createFrameEditor } from './frames.mjs';

/** Small, so that a slow reader is felt at the other end before the proxy has swallowed much. */
const CHUNK_BYTES = 16 * 1024;
const STALL_POLL_MS = 10;
/** A throttled connection sends that often. */
const THROTTLE_MS = 50;
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * @typedef {'up' | 'down'} Direction
 *
 * @typedef {object} Faults all absent: bytes pass as they come
 * @property {number} [latencyMs] of every chunk, each way
 * @property {number} [bytesPerSecond] down; the proxy reads no faster, so the server's buffers fill
 * @property {Direction | 'both'} [stall] nothing passes, nobody is told; what comes waits
 * @property {number} [cutAfterBytes] down, in all of the connection: then both ends are reset
 * @property {number} [flipBits] share of the bytes down, of the body only, in which one bit is flipped
 * @property {boolean} [refuse] new connections are reset
 * @property {string} [answer] instead of the server: sent as it is, then closed
 * @property {(frame: Buffer) => Buffer[]} [frames] of a websocket, down: text in, texts out
 *
 * @typedef {object} Connection
 * @property {number} index in order of connecting, from 0
 * @property {string} head the first bytes of the client: request line and headers, where it speaks HTTP
 * @property {number} status of the server's first answer; 0: none came
 * @property {number} bytesDown
 * @property {number} openedMs of performance.now
 *
 * @typedef {object} FaultProxy
 * @property {number} port
 * @property {string} url
 * @property {Connection[]} connections all that there ever were
 * @property {() => number} open how many are
 * @property {(faults: Faults | ((connection: Connection) => Faults)) => void} set replaces what was set before
 * @property {() => void} reset every connection, both ends
 * @property {() => void} endUp closes the client's half of every connection towards the server
 * @property {() => Promise<void>} close
 */

/** @param {string} head */
export function isStream(head) {
  return /^upgrade: *websocket/im.test(head);
}

/**
 * @param {number} targetPort on loopback
 * @param {{ random?: () => number }} [options]
 * @returns {Promise<FaultProxy>}
 */
export async function startFaultProxy(targetPort, { random = Math.random } = {}) {
  /** @type {(connection: Connection) => Faults} */
  let faultsOf = () => ({});
  /** @type {Connection[]} */
  const connections = [];
  /** @type {Set<{ client: import('node:net').Socket, server: import('node:net').Socket }>} */
  const open = new Set();

  const listener = createServer({ allowHalfOpen: true, highWaterMark: CHUNK_BYTES, noDelay: true }, (client) => {
    /** @type {Connection} */
    const connection = { index: connections.length, head: '', status: 0, bytesDown: 0, openedMs: performance.now() };
    connections.push(connection);
    client.on('error', () => undefined);
    const first = faultsOf(connection);
    if (first.refuse === true) {
      cutSocket(client);
      return;
    }
    const server = connect({
      port: targetPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    const pair = { client, server };
    open.add(pair);
    const end = () => {
      open.delete(pair);
      cutSocket(client);
      cutSocket(server);
    };
    server.on('error', end);
    client.on('error', end);
    Promise.all([passUp(connection, pair), passDown(connection, pair)]).then(
      () => open.delete(pair),
      () => end(),
    );
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());

  /** @typedef {{ client: import('node:net').Socket, server: import('node:net').Socket }} Pair */

  /** @param {Connection} connection @param {Pair} pair */
  async function passUp(connection, { client, server }) {
    for await (const chunk of client) {
      if (connection.head === '') {
        connection.head = chunk.subarray(0, MAX_HEAD_BYTES).toString('latin1');
        const { answer } = faultsOf(connection);
        if (answer !== undefined) {
          client.end(answer);
          server.destroy();
          return;
        }
      }
      await delay(connection, 'up');
      await write(server, chunk);
    }
    server.end();
  }

  /** @param {Connection} connection @param {Pair} pair */
  async function passDown(connection, { client, server }) {
    let head = '';
    let inBody = false;
    /** @type {((chunk: Buffer) => Buffer) | undefined} */
    let editor;
    for await (const received of server) {
      /** @type {Buffer} */
      let chunk = received;
      await delay(connection, 'down');
      const { frames, flipBits = 0 } = faultsOf(connection);
      if (inBody) {
        if (flipBits > 0) chunk = flipped(chunk, flipBits, random);
        if (frames !== undefined || editor !== undefined) {
          // An editor once begun stays: it may hold the beginning of a frame.
          editor ??= createFrameEditor((frame) => faultsOf(connection).frames?.(frame) ?? [frame]);
          chunk = editor(chunk);
        }
      } else {
        head += chunk.toString('latin1');
        inBody = head.includes('\r\n\r\n');
        if (inBody) connection.status = Number(head.slice(9, 12));
      }
      await writeSlowly(connection, client, chunk);
      const { cutAfterBytes } = faultsOf(connection);
      connection.bytesDown += chunk.length;
      if (cutAfterBytes !== undefined && connection.bytesDown >= cutAfterBytes) throw new Error('cut');
    }
    client.end();
  }

  /** @param {Connection} connection @param {Direction} direction */
  async function delay(connection, direction) {
    const { latencyMs = 0 } = faultsOf(connection);
    if (latencyMs > 0) await sleep(latencyMs);
    for (;;) {
      const { stall } = faultsOf(connection);
      if (stall !== 'both' && stall !== direction) return;
      await sleep(STALL_POLL_MS);
    }
  }

  /** @param {Connection} connection @param {import('node:net').Socket} client @param {Buffer} chunk */
  async function writeSlowly(connection, client, chunk) {
    for (let at = 0; at < chunk.length; ) {
      const { bytesPerSecond, cutAfterBytes = Number.POSITIVE_INFINITY } = faultsOf(connection);
      const pace = bytesPerSecond === undefined ? chunk.length : Math.ceil((bytesPerSecond * THROTTLE_MS) / 1_000);
      const upTo = Math.min(at + pace, at + Math.max(0, cutAfterBytes - connection.bytesDown - at), chunk.length);
      if (upTo === at) return;
      await write(client, chunk.subarray(at, upTo));
      at = upTo;
      if (bytesPerSecond !== undefined) await sleep(THROTTLE_MS);
    }
  }

  return {
    ...{ port, url: `http://127.0.0.1:${port}`, connections },
    open: () => open.size,
    set: (faults) => {
      faultsOf = typeof faults === 'function' ? faults : () => faults;
    },
    reset: () => {
      for (const { client, server } of open) {
        cutSocket(client);
        cutSocket(server);
      }
      open.clear();
    },
    endUp: () => {
      for (const { server } of open) server.end();
    },
    close: async () => {
      faultsOf = () => ({ refuse: true });
      listener.close();
      for (const { client, server } of open) {
        client.destroy();
        server.destroy();
      }
      await once(listener, 'close');
    },
  };
}

/** @param {import('node:net').Socket} to @param {Buffer} chunk */
async function write(to, chunk) {
  if (to.destroyed) throw new Error('gone');
  if (chunk.length > 0 && !to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
}

/** @param {Buffer} chunk @param {number} share @param {() => number} random */
function flipped(chunk, share, random) {
  const copy = Buffer.from(chunk);
  for (let at = 0; at < copy.length; at += 1) {
    if (random() < share) copy[at] = /** @type {number} */ (copy[at]) ^ (1 << Math.floor(random() * 8));
  }
  return copy;
}
