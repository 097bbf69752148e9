// @ts-check
/**
 * A process that asks for one thing as fast as it is answered, over connections that stay open. It reads no more of an
 * answer than its length, so that the server is the slower end.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

/**
 * @typedef {object} Load
 * @property {string} host
 * @property {number} port
 * @property {string} request as it goes over the wire
 * @property {number} connections
 * @property {number} ms
 */

answerQuestions({
  /** @param {Load} load; answers a second */
  run: async (load) => {
    const bytes = await answerBytes(load);
    const startedMs = monotonicMs();
    const counts = await Promise.all(Array.from({ length: load.connections }, () => askOn(load, bytes, startedMs + load.ms)));
    const seconds = (monotonicMs() - startedMs) / 1_000;
    return counts.reduce((sum, count) => sum + count, 0) / seconds;
  },
  /** From sending one request to the end of its answer, milliseconds. @param {Load} load */
  once: async (load) => {
    const socket = await open(load);
    const startedMs = monotonicMs();
    socket.write(load.request);
    await readOne(socket);
    socket.destroy();
    return monotonicMs() - startedMs;
  },
  /** Each over a connection of its own. @param {Load & { count: number }} load; the statuses, by how often */
  refused: async (load) => {
    /** @type {Record<string, number>} */
    const statuses = {};
    for (let left = load.count; left > 0; left -= load.connections) {
      const batch = Array.from({ length: Math.min(left, load.connections) }, async () => {
        const socket = await open(load);
        socket.write(load.request);
        const [answer] = await once(socket, 'data');
        const status = String(answer).slice(9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        socket.destroy();
      });
      await Promise.all(batch);
    }
    return statuses;
  },
});

/** @param {Load} load */
async function open({ host, port }) {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** All answers to one request are equally long. @param {Load} load */
async function answerBytes(load) {
  const socket = await open(load);
  socket.write(load.request);
  const bytes = await readOne(socket);
  socket.destroy();
  return bytes;
}

/**
 * @param {import('node:net').Socket} socket
 * @returns {Promise<number>} bytes of head and body
 */
async function readOne(socket) {
  let read = Buffer.alloc(0);
  for (;;) {
    const [chunk] = await once(socket, 'data');
    read = Buffer.concat([read, chunk]);
    const end = read.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const head = read.subarray(0, end).toString('latin1');
    const status = Number(head.slice(9, 12));
    if (status !== 200 && status !== 304) throw new Error(`Answered with ${status}.`);
    const bytes = end + 4 + (status === 304 ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1]));
    if (read.length >= bytes) return bytes;
  }
}

/**
 * @param {Load} load
 * @param {number} bytes of one answer
 * @param {number} untilMs
 * @returns {Promise<number>} answers
 */
async function askOn(load, bytes, untilMs) {
  const socket = await open(load);
  return new Promise((resolve, reject) => {
    let answers = 0;
    let missing = bytes;
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing > 0) return;
      answers += 1;
      missing = bytes;
      if (monotonicMs() < untilMs) {
        socket.write(load.request);
        return;
      }
      socket.destroy();
      resolve(answers);
    });
    socket.write(load.request);
  });
}
