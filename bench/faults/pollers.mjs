// @ts-check
/**
 * A process full of SDK replicas that no stream lets in, so that they poll: the real state machine, timers and requests, over a few kept
 * connections instead of one for each request, of which one machine could not have enough.
 */
import { Agent, request } from 'node:http';
import { nodeRuntime } from '../../packages/sdk-node/dist/runtime.js';
import { boundedText, checkOptions, startClient, syncRequests } from '../../packages/sync/dist/index.js';
import { answerQuestions } from '../delivery/questions.mjs';

const CONNECTIONS = 64;
const REQUEST_MS = 15_000;
/** Replicas that are started in one turn. */
const STARTS = 50;

/**
 * @typedef {object} PollersReport since the last `forget`
 * @property {number[]} tookMs of each answered poll
 * @property {number} failed polls without an answer
 * @property {number} answered replicas that had one at least
 * @property {number[]} firstMs of epoch milliseconds: the first answer of each
 */

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
/** @type {PollersReport} */
let report = { tookMs: [], failed: 0, answered: 0, firstMs: [] };
/** @type {Set<number>} */
let heard = new Set();
/** @type {import('../../packages/sync/dist/index.js').SyncClient[]} */
const clients = [];

answerQuestions({
  /** @param {{ url: string, key: string, count: number }} what */
  start: async ({ url, key, count }) => {
    const options = checkOptions({ url, key }, { serverKeys: true });
    for (let index = 0; index < count; index += 1) {
      start(options, index);
      if (index % STARTS === 0) await new Promise(setImmediate);
    }
  },
  /** @returns {number} how many have rules */
  ready: () => clients.filter((client) => client.store() !== null).length,
  /** @param {number} revision @returns {number} how many hold it */
  holding: (revision) => clients.filter((client) => client.store()?.state.revision === revision).length,
  forget: () => {
    report = { tookMs: [], failed: 0, answered: 0, firstMs: [] };
    heard = new Set();
  },
  /** @returns {PollersReport} */
  report: () => ({ ...report, answered: heard.size }),
});

/** @param {import('../../packages/sync/dist/index.js').CheckedOptions} options @param {number} index */
function start(options, index) {
  const requests = syncRequests({ send, readText: boundedText((bytes) => new TextDecoder().decode(bytes)) }, options);
  clients.push(
    startClient({
      config: { sdk: 'bench/1', app: {}, instance: crypto.randomUUID(), initializeTimeoutMs: 60_000 },
      runtime: nodeRuntime,
      correctClock: false,
      notify: () => undefined,
      transport: {
        ...requests,
        connect: ({ closed }) => {
          setImmediate(() => closed({ code: null, status: null, retryAfterMs: null, problem: 'no websockets here' }));
          return { send: () => undefined, close: () => undefined };
        },
        fetchRuleSet: async (have) => {
          const outcome = await requests.fetchRuleSet(have);
          if (outcome.kind === 'failed') report.failed += 1;
          else if (!heard.has(index)) {
            heard.add(index);
            report.firstMs.push(Date.now());
          }
          return outcome;
        },
      },
    }),
  );
}

/**
 * @param {string} url
 * @param {{ readonly [name: string]: string }} headers
 * @param {string} [body]
 * @returns {Promise<import('../../packages/sync/dist/index.js').HttpResponse>}
 */
function send(url, headers, body) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent, timeout: REQUEST_MS }, (answer) => {
      report.tookMs.push(performance.now() - sentMs);
      const chunks = answer[Symbol.asyncIterator]();
      resolve({
        status: answer.statusCode ?? 0,
        headers: { get: (name) => [answer.headers[name.toLowerCase()]].flat()[0] ?? null },
        body: {
          getReader: () => ({
            read: async () => {
              const { done, value } = await chunks.next();
              return { done: done === true, value };
            },
            cancel: async () => void answer.destroy(),
          }),
        },
      });
    });
    // What waits here for a connection has not been sent.
    let sentMs = performance.now();
    asked.on('socket', () => {
      sentMs = performance.now();
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
    asked.end(body);
  });
}
