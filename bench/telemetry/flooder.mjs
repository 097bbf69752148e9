// @ts-check
/**
 * A process that offers telemetry at a fixed rate, whatever it is answered: over many connections, several requests in one write, without
 * waiting for the answers. A connection that was closed is opened again. It shares the machine with whom it floods, so it does little: one
 * buffer that is made beforehand, and answers that are counted and not parsed.
 */
import http from 'node:http';
import { connect, createServer } from 'node:net';
import { setInterval } from 'node:timers';
import { answerQuestions } from '../delivery/questions.mjs';

const TICK_MS = 5;
/** Requests of one write. */
const AT_ONCE = 10;
/** As our server does with those that do not wait for an answer. */
const SINK_HOLDS_MS = 30_000;
const STATUS_LINE = Buffer.from('HTTP/1.1 ');

/** @typedef {{ port: number, request: string, connections: number, perSecond: number }} Flood */

/** @type {NodeJS.Timeout | undefined} */
let timer;
/** @type {Set<import('node:net').Socket>} */
let sockets = new Set();
let result = startResult();
let beganUs = process.cpuUsage();
let startedMs = 0;

answerQuestions({
  /** @param {Flood} flood */
  start: (flood) => {
    result = startResult();
    beganUs = process.cpuUsage();
    startedMs = performance.now();
    const requests = Buffer.concat(Array.from({ length: AT_ONCE }, () => Buffer.from(flood.request)));
    /** @type {import('node:net').Socket[]} */
    let turn = [];
    timer = setInterval(() => {
      while (sockets.size < flood.connections) open(flood.port);
      const due = Math.floor(((performance.now() - startedMs) / 1_000) * flood.perSecond) - result.offered;
      for (let offered = AT_ONCE; offered <= due; offered += AT_ONCE) {
        if (turn.length === 0) turn = [...sockets];
        const socket = turn.pop();
        result.offered += AT_ONCE;
        // Full: what it holds already is more than the server wants of it.
        if (socket === undefined || socket.destroyed || socket.writableNeedDrain) continue;
        socket.write(requests);
        result.written += AT_ONCE;
      }
    }, TICK_MS);
  },
  /** What comes from now on. */
  count: () => {
    result = startResult();
    beganUs = process.cpuUsage();
    startedMs = performance.now();
  },
  /** What was offered, what left this process, what was answered, and what that took of this process's processor. */
  stop: () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    sockets = new Set();
    const { user, system } = process.cpuUsage(beganUs);
    return { ...result, seconds: (performance.now() - startedMs) / 1_000, cpuMs: (user + system) / 1_000 };
  },
  /** Node's own server, which refuses each request and closes its connection. */
  refuser: async () => {
    const server = http.createServer((request, response) => {
      request.on('error', () => undefined);
      response.writeHead(429, { 'retry-after': '5', connection: 'close' }).end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return portOf(server);
  },
  /** Takes connections and reads nothing of them. */
  sink: async () => {
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', () => undefined);
      setTimeout(() => socket.destroy(), SINK_HOLDS_MS).unref();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return portOf(server);
  },
});

/** @param {import('node:net').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @returns {{ offered: number, written: number, opened: number, answers: Record<string, number> }} */
function startResult() {
  return { offered: 0, written: 0, opened: 0, answers: {} };
}

/** @param {number} port */
function open(port) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  sockets.add(socket);
  result.opened += 1;
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (chunk) => {
    for (let at = chunk.indexOf(STATUS_LINE); at !== -1; at = chunk.indexOf(STATUS_LINE, at + STATUS_LINE.length)) {
      const status = chunk.toString('latin1', at + STATUS_LINE.length, at + STATUS_LINE.length + 3);
      result.answers[status] = (result.answers[status] ?? 0) + 1;
    }
  });
}
