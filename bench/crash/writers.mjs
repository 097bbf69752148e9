// @ts-check
/**
 * Clients that write through the management API at a steady rate and remember every answer. A client whose request
 * fails repeats it with the same Idempotency-Key until it is answered, as a careful program does; so each write is
 * acknowledged in the end, and must then be in the database exactly once. Every client owns its flags, and knows
 * therefore what each answer has to be.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, mustCall } from './call.mjs';

export const PROJECT = 'crash';
export const ENVIRONMENTS = ['development', 'staging', 'production'];
const CLIENTS = 25;
const FLAGS_PER_CLIENT = 2;
const RETRY_MS = 50;

/**
 * @typedef {'create' | 'kill' | 'unkill' | 'configure'} Verb
 * @typedef {object} Write
 * @property {string} id the reason and the Idempotency-Key: finds the write in the history
 * @property {Verb} verb
 * @property {string} flag
 * @property {string | null} environment null: every one
 * @property {{ method: string, path: string, body: object, headers: Record<string, string> }} request
 * @property {unknown} answer null until it was acknowledged
 * @property {number} revision that the answer named; 0 for a creation, whose answer names none
 * @property {number} attempts
 * @property {number} acknowledgedMs of performance.now
 *
 * @typedef {object} Writers
 * @property {Write[]} acknowledged in the order of their answers
 * @property {(write: Write) => Promise<unknown>} repeat sends it once more and answers what is answered
 * @property {() => Promise<void>} stop resolves when every write was acknowledged
 */

/**
 * @param {{ target: { url: string }, random: () => number, writesPerSecond: number, onError: (error: Error) => void }} options
 *   `target.url` follows the server; `onError` gets an answer that may never come
 * @returns {Promise<Writers>}
 */
export async function startWriters({ target, random, writesPerSecond, onError }) {
  await mustCall(target, { method: 'POST', path: '/projects', body: { key: PROJECT, name: 'Crash' } });
  for (const key of ENVIRONMENTS) {
    const body = { key, name: key };
    await mustCall(target, { method: 'POST', path: `/projects/${PROJECT}/environments`, body });
  }
  /** @type {Write[]} */
  const acknowledged = [];
  /** @type {Set<Promise<void>>} */
  const running = new Set();
  const clients = Array.from({ length: CLIENTS }, (_, index) => createClient(index, random));
  const idle = [...clients];
  let count = 0;

  /** @param {Write} write */
  async function acknowledge(write) {
    while (write.answer === null) {
      write.attempts += 1;
      const { status, body } = await call(target, write.request);
      if (status >= 200 && status < 300) write.answer = body;
      else if (status === 0 || status >= 500) await sleep(RETRY_MS * (1 + random()));
      else throw new Error(`${write.id} (${write.verb}) was answered ${status}: ${JSON.stringify(body)}`);
    }
    write.revision = Number(/** @type {{ revision?: number }} */ (write.answer).revision ?? 0);
    write.acknowledgedMs = performance.now();
    acknowledged.push(write);
  }

  function tick() {
    const client = idle.shift();
    // All of them wait for answers: the server is down, or slower than the load.
    if (client === undefined) return;
    count += 1;
    const write = client.next(`w${count}`);
    const work = acknowledge(write)
      .then(() => client.settle(write))
      .catch((error) => onError(error))
      .finally(() => {
        running.delete(work);
        idle.push(client);
      });
    running.add(work);
  }
  const timer = setInterval(tick, 1_000 / writesPerSecond);
  return {
    acknowledged,
    repeat: async (write) => (await call(target, write.request)).body,
    async stop() {
      clearInterval(timer);
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/**
 * @param {number} index
 * @param {() => number} random
 */
function createClient(index, random) {
  /** @type {Map<string, { on: boolean, version: number }>} by `flag/environment` */
  const states = new Map();
  /** @type {string[]} */
  const flags = [];
  return {
    /**
     * @param {string} id
     * @returns {Write}
     */
    next(id) {
      if (flags.length < FLAGS_PER_CLIENT || random() < 0.02) return creation(id, `c${index}-${id}`);
      const flag = /** @type {string} */ (flags[Math.floor(random() * flags.length)]);
      const environment = /** @type {string} */ (ENVIRONMENTS[Math.floor(random() * ENVIRONMENTS.length)]);
      const state = states.get(`${flag}/${environment}`);
      if (state === undefined) throw new Error(`Nobody knows how ${flag} stands in ${environment}.`);
      if (random() < 0.5) return configuration(id, flag, environment, state.version);
      return flip(id, flag, environment, state.on ? 'kill' : 'unkill');
    },
    /** @param {Write} write acknowledged */
    settle({ verb, flag, environment, answer }) {
      if (verb === 'create') {
        flags.push(flag);
        if (flags.length > FLAGS_PER_CLIENT) flags.shift();
        for (const key of ENVIRONMENTS) states.set(`${flag}/${key}`, { on: false, version: 1 });
      } else {
        const { on, version } = /** @type {{ flag: { on: boolean, version: number } }} */ (answer).flag;
        states.set(`${flag}/${environment}`, { on, version });
      }
    },
  };
}

/** @param {string} id @param {string} flag @returns {Write} */
function creation(id, flag) {
  const body = { key: flag, kind: 'operational', variants: { on: true, off: false }, reason: id };
  const request = { method: 'POST', path: `/projects/${PROJECT}/flags`, body, headers: { 'idempotency-key': id } };
  return write(id, 'create', flag, null, request);
}

/** @param {string} id @param {string} flag @param {string} environment @param {'kill' | 'unkill'} verb @returns {Write} */
function flip(id, flag, environment, verb) {
  const path = `/projects/${PROJECT}/flags/${flag}/environments/${environment}/${verb}`;
  const request = { method: 'POST', path, body: { reason: id }, headers: { 'idempotency-key': id } };
  return write(id, verb, flag, environment, request);
}

/** @param {string} id @param {string} flag @param {string} environment @param {number} version @returns {Write} */
function configuration(id, flag, environment, version) {
  const body = { rules: [{ id, when: { all: [] }, serve: { variant: 'on' } }], reason: id };
  const path = `/projects/${PROJECT}/flags/${flag}/environments/${environment}`;
  const headers = { 'idempotency-key': id, 'if-match': `"v${version}"` };
  return write(id, 'configure', flag, environment, { method: 'PATCH', path, body, headers });
}

/** @param {string} id @param {Verb} verb @param {string} flag @param {string | null} environment @param {Write['request']} request @returns {Write} */
function write(id, verb, flag, environment, request) {
  return { id, verb, flag, environment, request, answer: null, revision: 0, attempts: 0, acknowledgedMs: 0 };
}
