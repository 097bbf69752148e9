// @ts-check
/**
 * A process that offers telemetry at a fixed rate, whatever it is answered: over many connections, each request written without waiting
 * for the answer before it. A connection that was closed is opened again.
 */
import http from 'node:http';
import { connect, createServer } from 'node:net';
import { setInterval } from 'node:timers';
import { answerQuestions } from '../delivery/questions.mjs';

const TICK_MS = 5;

/** @typedef {{ port: number, request: string, connections: number, perSecond: number }} Flood */

/** @type {NodeJS.Timeout | undefined} */
let timer;
/** @type {Set<import('node:net').Socket>} */
let sockets = new Set();
/** @type {{ offered: number, written: number, opened: number, answers: Record<string, number> }} */
let result = { offered: 0, written: 0, opened: 0, answers: {} };

answerQuestions({
  /** @param {Flood} flood */
  start: (flood) => {
    result = { offered: 0, written: 0, opened: 0, answers: {} };
    const request = Buffer.from(flood.request);
    const startedMs = performance.now();
    /** @type {import('node:net').Socket[]} */
    let turn = [];
    timer = setInterval(() => {
      while (sockets.size < flood.connections) open(flood.port);
      const due = Math.floor(((performance.now() - startedMs) / 1_000) * flood.perSecond) - result.offered;
      for (let index = 0; index < due; index += 1) {
        if (turn.length === 0) turn = [...sockets];
        const socket = turn.pop();
        result.offered += 1;
        // Full: what it holds already is more than the server wants of it.
        if (socket === undefined || socket.destroyed || socket.writableNeedDrain) continue;
        socket.write(request);
        result.written += 1;
      }
    }, TICK_MS);
  },
  /** What was offered, what left this process, and what was answered. */
  stop: () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    sockets = new Set();
    return result;
  },
  /** Somebody who reads and says nothing, so that the load of this process alone can be measured. */
  sink: async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  },
  /** Node's own server, which refuses each request and closes its connection. */
  refuser: async () => {
    const server = http.createServer((request, response) => {
      request.on('error', () => undefined);
      response.writeHead(429, { 'retry-after': '5', connection: 'close' }).end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  },
});

/** @param {number} port */
function open(port) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  sockets.add(socket);
  result.opened += 1;
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (chunk) => {
    for (const [, status = ''] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g))
      result.answers[status] = (result.answers[status] ?? 0) + 1;
  });
}
