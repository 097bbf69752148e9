// @ts-check
/**
 * A process full of readers of the stream: each a bare `ws` client that says hello and confirms what it was sent. What all
 * of a group receive alike is parsed once, so that the readers take as little as they can of the machine they share with
 * the server. A group without a key reads from the floor, which knows no hello and no receipts.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/launch.mjs';
import { monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

const { WebSocket } = createRequire(path.join(root, 'apps/server/package.json'))('ws');

/** Handshakes under way at once, per process. */
const HANDSHAKES = 32;
const RETRY_MS = 1_000;
const ATTEMPTS = 60;

/**
 * @typedef {object} Arrivals of one revision in one group
 * @property {number} count
 * @property {number} firstMs of monotonicMs, and `lastMs` likewise
 * @property {number} lastMs
 * @property {string} frame
 *
 * @typedef {object} Opening
 * @property {string} group
 * @property {string} url of the websocket
 * @property {number} count
 * @property {string} source local address
 * @property {string | null} key null: the floor
 * @property {{ epoch: string, revision: number, digest: string } | null} have what the readers hold already
 *
 * @typedef {object} Group
 * @property {Opening} opening
 * @property {any[]} sockets welcomed ones
 * @property {Map<number, Arrivals>} arrivals by revision
 * @property {Map<number, (arrivals: Arrivals) => void>} waiting
 * @property {number[]} closed the codes of those that ended without being asked to
 * @property {Buffer} frame the last one
 * @property {any} message that it holds
 * @property {string} receipt that answers it
 */

/** @type {Map<string, Group>} */
const groups = new Map();

answerQuestions({
  /** @param {Opening} opening */
  open: async (opening) => {
    /** @type {Group} */
    const group = {
      ...{ opening, sockets: [], arrivals: new Map(), waiting: new Map(), closed: [] },
      ...{ frame: Buffer.alloc(0), message: null, receipt: '' },
    };
    groups.set(opening.group, group);
    let opened = 0;
    const openSome = async () => {
      while (opened < opening.count) {
        opened += 1;
        group.sockets.push(await openPatiently(group));
      }
    };
    await Promise.all(Array.from({ length: HANDSHAKES }, openSome));
  },
  /** @param {{ group: string, revision: number }} what resolves when every reader of the group received it */
  untilAll: ({ group: name, revision }) => {
    const group = groupOf(name);
    const arrivals = group.arrivals.get(revision);
    if (arrivals?.count === group.sockets.length) return arrivals;
    return new Promise((resolve) => group.waiting.set(revision, resolve));
  },
  /** @param {{ group: string, revision: number }} what how many received a delta to that revision */
  receivedOf: ({ group, revision }) => groupOf(group).arrivals.get(revision)?.count ?? 0,
  /** @param {{ group: string, code?: number }} what `code` left out: with any */
  closedOf: ({ group, code }) => groupOf(group).closed.filter((each) => code === undefined || each === code).length,
  /** @param {{ group: string }} what */
  close: ({ group: name }) => {
    const group = groupOf(name);
    groups.delete(name);
    for (const socket of group.sockets) socket.terminate();
  },
});

/** @param {string} name */
function groupOf(name) {
  const group = groups.get(name);
  if (group === undefined) throw new Error(`There is no group '${name}'.`);
  return group;
}

/** @param {Group} group */
async function openPatiently(group) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openOne(group);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(RETRY_MS * Math.random());
    }
  }
}

/** Resolves with a socket that was welcomed. @param {Group} group */
function openOne(group) {
  const { url, source, key, have, group: name } = group.opening;
  const socket = new WebSocket(url, key === null ? [] : ['yardarm.sync.1'], {
    ...(key !== null && { headers: { authorization: `Bearer ${key}` } }),
    ...{ localAddress: source, perMessageDeflate: false, skipUTF8Validation: true },
  });
  return new Promise((resolve, reject) => {
    let welcomed = false;
    const welcome = () => {
      welcomed = true;
      resolve(socket);
    };
    socket.on('open', () => {
      if (key === null) welcome();
      else socket.send(hello(have));
    });
    socket.on('message', (/** @type {Buffer} */ data) => {
      const receivedMs = monotonicMs();
      const message = read(group, data);
      if (message.type === 'delta') {
        if (key !== null) socket.send(group.receipt);
        arrived(group, message.to, receivedMs);
      } else if (message.type === 'welcome') welcome();
    });
    socket.on('error', reject);
    socket.on('close', (/** @type {number} */ code) => {
      reject(new Error(`${name}: closed with ${code} before it was welcomed`));
      if (welcomed && groups.get(name) === group) group.closed.push(code);
    });
  });
}

/** @param {Opening['have']} have */
function hello(have) {
  const app = { name: 'bench', version: '1' };
  return JSON.stringify({
    ...{ type: 'hello', protocol: 1, formats: [1], sdk: 'bench/1', app, instance: crypto.randomUUID() },
    ...(have !== null && { have }),
  });
}

/**
 * @param {Group} group
 * @param {Buffer} data
 */
function read(group, data) {
  if (group.message !== null && group.frame.equals(data)) return group.message;
  group.frame = Buffer.from(data);
  group.message = JSON.parse(data.toString());
  const { epoch, to: revision, digest } = group.message;
  group.receipt = JSON.stringify({ type: 'applied', epoch, revision, digest });
  return group.message;
}

/**
 * @param {Group} group
 * @param {number} revision
 * @param {number} receivedMs
 */
function arrived(group, revision, receivedMs) {
  const arrivals = group.arrivals.get(revision) ?? { count: 0, firstMs: receivedMs, lastMs: 0, frame: group.frame.toString() };
  group.arrivals.set(revision, arrivals);
  arrivals.count += 1;
  arrivals.lastMs = receivedMs;
  if (arrivals.count < group.sockets.length) return;
  group.waiting.get(revision)?.(arrivals);
  group.waiting.delete(revision);
}
