// @ts-check
/**
 * A process full of SDK replicas: the state machine, the transport and the timers of `@yardarm/sdk-node` without the provider
 * around them. Notes when each was let in, how often it tried, and how long it had waited before, beside what docs/protocol.md asks for.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeRuntime } from '../../packages/sdk-node/dist/runtime.js';
import { nodeTransport } from '../../packages/sdk-node/dist/transport.js';
import { checkOptions, parseServerMessage, startClient } from '../../packages/sync/dist/index.js';
import { monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

/** Replicas that are starting at once. */
const STARTING = 32;
const POLL_MS = 20;
/** A timer may fire this much early. */
const EARLY_MS = 5;
/** The back-off as documented: full jitter below so much, doubling with each failure in a row, and in the upper half from a minute on. */
const BASE_MS = 500;
const CAP_MS = 60_000;
const HEALTHY_MS = 60_000;

/**
 * @typedef {object} Member
 * @property {boolean} welcomed
 * @property {number} attempts since the last `forget`
 * @property {number} failures in a row
 * @property {{ fromMs: number, backOffMs: number } | null} waits for the next attempt: since its last one ended, or until the instant that a
 *   refusal named; and how long its back-off makes that on average. Null: it has one
 * @property {import('../../packages/sync/dist/index.js').SyncClient} client
 *
 * @typedef {object} HerdReport since the last `forget`
 * @property {number[]} welcomedMs of monotonicMs
 * @property {{ askedMs: number, openedMs: number }[]} letIn of monotonicMs
 * @property {number[]} attempts one number for each replica
 * @property {Record<string, number>} refusals by HTTP status; `none`: no answer at all
 * @property {number} tooEarly attempts before the instant that a refusal had named
 * @property {number} waitedMs of all of them together, after that instant; and `backOffMs`, what that is on average
 * @property {number} backOffMs
 * @property {number} loopDelayMaxMs how late this process was itself: what it has not got round to nobody can answer
 */

/** @type {Member[]} */
const members = [];
/** @type {HerdReport} */
const report = { ...newReport(), attempts: [], loopDelayMaxMs: 0 };
const delay = monitorEventLoopDelay({ resolution: POLL_MS });
delay.enable();

answerQuestions({
  /** @param {{ url: string, key: string, count: number }} options; answers when all were welcomed */
  open: async ({ url, key, count }) => {
    const options = checkOptions({ url, key }, { serverKeys: true });
    for (let index = 0; index < count; index += 1) {
      while (members.length - welcomedCount() >= STARTING) await sleep(POLL_MS);
      startReplica(options);
    }
    while (welcomedCount() < count) await sleep(POLL_MS);
  },
  welcomed: welcomedCount,
  /** @param {number} revision; answers how many hold it */
  holding: (revision) => members.filter(({ client }) => client.store()?.state.revision === revision).length,
  forget: () => {
    Object.assign(report, newReport());
    for (const member of members) member.attempts = 0;
    delay.reset();
  },
  /** @returns {HerdReport} */
  report: () => ({ ...report, attempts: members.map(({ attempts }) => attempts), loopDelayMaxMs: delay.max / 1e6 }),
});

function newReport() {
  return { welcomedMs: [], letIn: [], refusals: {}, tooEarly: 0, waitedMs: 0, backOffMs: 0 };
}

function welcomedCount() {
  return members.reduce((sum, { welcomed }) => sum + Number(welcomed), 0);
}

/** @param {import('../../packages/sync/dist/index.js').CheckedOptions} options */
function startReplica(options) {
  const facts = { welcomed: false, attempts: 0, failures: 0, waits: null };
  const transport = nodeTransport(options);
  const client = startClient({
    config: { sdk: 'bench/1', app: {}, instance: crypto.randomUUID(), initializeTimeoutMs: 60_000 },
    runtime: nodeRuntime,
    correctClock: false,
    notify: () => undefined,
    transport: { ...transport, connect: (handlers) => transport.connect(watch(facts, handlers)) },
  });
  members.push(Object.assign(facts, { client }));
}

/**
 * @param {Omit<Member, 'client'>} member
 * @param {import('../../packages/sync/dist/index.js').SocketHandlers} handlers
 * @returns {import('../../packages/sync/dist/index.js').SocketHandlers}
 */
function watch(member, handlers) {
  const nowMs = monotonicMs();
  member.attempts += 1;
  if (member.waits === null) member.failures += member.attempts > 1 ? 1 : 0;
  else {
    const { fromMs, backOffMs } = member.waits;
    if (nowMs + EARLY_MS < fromMs) report.tooEarly += 1;
    report.waitedMs += Math.max(0, nowMs - fromMs);
    report.backOffMs += backOffMs;
  }
  member.waits = null;
  let welcomedMs = Number.NaN;
  return {
    ...handlers,
    opened: () => {
      report.letIn.push({ askedMs: nowMs, openedMs: monotonicMs() });
      handlers.opened();
    },
    received: (text) => {
      if (!member.welcomed && parseServerMessage(text)?.type === 'welcome') {
        member.welcomed = true;
        welcomedMs = monotonicMs();
        report.welcomedMs.push(welcomedMs);
      }
      handlers.received(text);
    },
    closed: (end) => {
      if (!member.welcomed) {
        const status = String(end.status ?? 'none');
        report.refusals[status] = (report.refusals[status] ?? 0) + 1;
      }
      member.welcomed = false;
      const closedMs = monotonicMs();
      if (closedMs - welcomedMs >= HEALTHY_MS) member.failures = 0;
      const ceilingMs = BASE_MS * 2 ** member.failures;
      const namedMs = end.retryAfterMs ?? 0;
      const backOffMs = ceilingMs >= CAP_MS ? 0.75 * CAP_MS : Math.min(ceilingMs, namedMs > 0 ? namedMs : ceilingMs) / 2;
      member.waits = { fromMs: closedMs + namedMs, backOffMs };
      member.failures += 1;
      handlers.closed(end);
    },
  };
}
