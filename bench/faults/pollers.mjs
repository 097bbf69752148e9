// @ts-check
/**
 * A process full of readers that poll: what each holds, and when it asks next by the SDK's own rules, over a few kept connections, with
 * requests written by hand and answers of which the head alone is read. Real SDKs cost more than the server that they ask: 50 000
 * of them on two cores never all got their rules. Whoever finds every connection taken waits for one, and that counts as time of the
 * answer: with a connection of its own it would have waited at the server.
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { POLL_MS, pollDelayMs } from '../../packages/sync/dist/backoff.js';
import { APPLIED_PATH, parseRetryAfter, parseState, RULE_SET_PATH, ruleSetEtag } from '../../packages/sync/dist/index.js';
import { cpuMs, monotonicMs } from '../delivery/clock.mjs';
import { answerQuestions } from '../delivery/questions.mjs';

const CONNECTIONS = 64;
const ANSWER_MS = 15_000;
/** Whoever is due within one is asked for together. */
const TICK_MS = 10;

/**
 * @typedef {object} Poller
 * @property {string} instance
 * @property {import('../../packages/sync/dist/index.js').SyncState | null} held
 * @property {boolean} heard since the last `forget`
 *
 * @typedef {{ poller: Poller, isReceipt: boolean, wantedMs: number }} Wish
 *
 * @typedef {object} PollersReport since the last `forget`
 * @property {number[]} tookMs of each answered poll whose turn came since then, from its turn to its last byte
 * @property {number[]} answeredMs of epoch milliseconds: when polls were answered
 * @property {number[]} firstMs of epoch milliseconds: the first answer of each
 * @property {number} failed polls that were sent and refused, or never answered
 * @property {number} cpuMs of this process
 * @property {number} seconds since then
 */

/** @type {Poller[]} */
const pollers = [];
/** Due in a tick. @type {Map<number, Poller[]>} */
const due = new Map();
/** @type {Wish[]} */
const waiting = [];
/** @type {{ host: string, port: number, key: string }} */
let server;
let open = 0;
/** @type {((wish: Wish) => void)[]} */
const idle = [];
let doneTick = tickOf(monotonicMs());
let report = newReport();
let since = { cpuMs: cpuMs(), atMs: monotonicMs() };

answerQuestions({
  /** They ask for the first time as evenly as later. @param {{ url: string, key: string, count: number }} what */
  start: ({ url, key, count }) => {
    const { hostname, port } = new URL(url);
    server = { host: hostname, port: Number(port), key };
    for (let index = 0; index < count; index += 1) {
      const poller = { instance: randomUUID(), held: null, heard: false };
      pollers.push(poller);
      askLater(poller, (index / count) * POLL_MS);
    }
    setInterval(askDue, TICK_MS);
  },
  /** @returns {number} how many have rules */
  ready: () => pollers.filter(({ held }) => held !== null).length,
  /** @param {number} revision @returns {number} how many hold it */
  holding: (revision) => pollers.filter(({ held }) => held?.revision === revision).length,
  forget: () => {
    report = newReport();
    for (const poller of pollers) poller.heard = false;
    since = { cpuMs: cpuMs(), atMs: monotonicMs() };
  },
  /** @returns {PollersReport} */
  report: () => ({ ...report, cpuMs: cpuMs() - since.cpuMs, seconds: (monotonicMs() - since.atMs) / 1e3 }),
});

/** @returns {Omit<PollersReport, 'cpuMs' | 'seconds'>} */
function newReport() {
  return { tookMs: [], answeredMs: [], firstMs: [], failed: 0 };
}

/** @param {number} atMs */
function tickOf(atMs) {
  return Math.floor(atMs / TICK_MS);
}

/** @param {Poller} poller @param {number} delayMs */
function askLater(poller, delayMs) {
  const tick = Math.max(tickOf(monotonicMs() + delayMs), doneTick + 1);
  const others = due.get(tick);
  if (others === undefined) due.set(tick, [poller]);
  else others.push(poller);
}

function askDue() {
  for (const now = tickOf(monotonicMs()); doneTick < now; ) {
    doneTick += 1;
    for (const poller of due.get(doneTick) ?? []) want(poller, false);
    due.delete(doneTick);
  }
}

/** @param {Poller} poller @param {boolean} isReceipt */
function want(poller, isReceipt) {
  const wish = { poller, isReceipt, wantedMs: monotonicMs() };
  const send = idle.pop();
  if (send !== undefined) send(wish);
  else {
    waiting.push(wish);
    if (open < CONNECTIONS) openConnection();
  }
}

/** Sent, and refused or never answered. @param {Wish} wish */
function fail({ poller, isReceipt, wantedMs }, retryAfterMs = 0) {
  // Nothing repeats a receipt: the next poll says the same.
  if (isReceipt) return;
  if (wantedMs >= since.atMs) report.failed += 1;
  askLater(poller, Math.max(pollDelayMs(POLL_MS, Math.random()), retryAfterMs));
}

/** @param {Wish} wish @param {string} head */
function take(wish, head) {
  const { poller, isReceipt, wantedMs } = wish;
  if (isReceipt) return;
  const status = Number(head.slice(9, 12));
  if (status !== 200 && status !== 304) return fail(wish, parseRetryAfter(headerOf(head, 'retry-after')) ?? 0);
  // Whose turn came before, while nobody could answer say, did not wait for an answer alone.
  if (wantedMs >= since.atMs) report.tookMs.push(monotonicMs() - wantedMs);
  report.answeredMs.push(Date.now());
  if (!poller.heard) report.firstMs.push(Date.now());
  poller.heard = true;
  const state = parseState(headerOf(head, 'yardarm-state'));
  if (state === undefined) throw new Error(`An answer without a state: ${head}`);
  poller.held = state;
  want(poller, true);
  askLater(poller, pollDelayMs(POLL_MS, Math.random()));
}

/** @param {string} head @param {string} name */
function headerOf(head, name) {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1];
}

/** @param {Wish} wish */
function requestOf({ poller: { instance, held }, isReceipt }) {
  const shared = `Host: ${server.host}\r\nAuthorization: Bearer ${server.key}\r\nAccept: application/json\r\n`;
  if (isReceipt) {
    const body = JSON.stringify({ instance, sdk: 'bench/1', app: {}, applied: held });
    return `POST ${APPLIED_PATH} HTTP/1.1\r\n${shared}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }
  const have = held === null ? '' : `?have=${held.epoch}.${held.revision}`;
  const known = held === null ? '' : `If-None-Match: ${ruleSetEtag(held.digest, 'server')}\r\n`;
  return `GET ${RULE_SET_PATH}${have} HTTP/1.1\r\n${shared}Accept-Encoding: gzip\r\n${known}\r\n`;
}

/** One request at a time; what waits comes next. Ends with its first error, and another one is opened for whoever asks then. */
function openConnection() {
  open += 1;
  const socket = connect({ host: server.host, port: server.port, noDelay: true });
  /** @type {Wish | undefined} */
  let current;
  let text = '';
  let hasOpened = false;
  let hasEnded = false;

  const send = (/** @type {Wish} */ wish) => {
    current = wish;
    text = '';
    socket.write(requestOf(wish), 'latin1');
  };
  const next = () => {
    const wish = waiting.shift();
    if (wish !== undefined) send(wish);
    else idle.push(send);
  };
  socket.setTimeout(ANSWER_MS, () => {
    if (current !== undefined) socket.destroy();
  });
  socket.on('connect', () => {
    hasOpened = true;
    next();
  });
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0 || current === undefined) return;
    const head = text.slice(0, end + 2);
    if (text.length < end + 4 + Number(headerOf(head, 'content-length') ?? 0)) return;
    const answered = current;
    current = undefined;
    take(answered, head);
    next();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (hasEnded) return;
    hasEnded = true;
    open -= 1;
    const at = idle.indexOf(send);
    if (at >= 0) idle.splice(at, 1);
    if (current !== undefined) fail(current);
    // Nobody listens. Each has an attempt of its own, as in a process of its own.
    const unheard = hasOpened ? undefined : waiting.shift();
    if (unheard?.isReceipt === false) askLater(unheard.poller, pollDelayMs(POLL_MS, Math.random()));
    if (waiting.length > 0) openConnection();
  });
}
