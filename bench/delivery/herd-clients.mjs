// @ts-check
/**
 * A process full of SDK replicas: the state machine, the transport and the timers of `@yardarm/sdk-node` without the provider
 * around them. Notes when each was welcomed, how often it tried, and whether it came back before it had been told to.
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

/**
 * @typedef {object} Member
 * @property {boolean} welcomed
 * @property {number} attempts since the last `forget`
 * @property {number} notBeforeMs what a refusal asked for, of monotonicMs
 * @property {import('../../packages/sync/dist/index.js').SyncClient} client
 *
 * @typedef {object} HerdReport since the last `forget`
 * @property {number[]} welcomedMs of monotonicMs
 * @property {number[]} attempts one number for each replica
 * @property {Record<string, number>} refusals by HTTP status; `none`: no answer at all
 * @property {number} tooEarly attempts before the instant that a refusal had named
 * @property {number} loopDelayMaxMs how late this process was itself: what it has not got round to nobody can answer
 */

/** @type {Member[]} */
const members = [];
/** @type {HerdReport} */
const report = { welcomedMs: [], attempts: [], refusals: {}, tooEarly: 0, loopDelayMaxMs: 0 };
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
    Object.assign(report, { welcomedMs: [], refusals: {}, tooEarly: 0 });
    for (const member of members) member.attempts = 0;
    delay.reset();
  },
  /** @returns {HerdReport} */
  report: () => ({ ...report, attempts: members.map(({ attempts }) => attempts), loopDelayMaxMs: delay.max / 1e6 }),
});

function welcomedCount() {
  return members.reduce((sum, { welcomed }) => sum + Number(welcomed), 0);
}

/** @param {import('../../packages/sync/dist/index.js').CheckedOptions} options */
function startReplica(options) {
  const facts = { welcomed: false, attempts: 0, notBeforeMs: 0 };
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
  member.attempts += 1;
  if (monotonicMs() + EARLY_MS < member.notBeforeMs) report.tooEarly += 1;
  return {
    ...handlers,
    received: (text) => {
      if (!member.welcomed && parseServerMessage(text)?.type === 'welcome') {
        member.welcomed = true;
        report.welcomedMs.push(monotonicMs());
      }
      handlers.received(text);
    },
    closed: (end) => {
      if (!member.welcomed) {
        const status = String(end.status ?? 'none');
        report.refusals[status] = (report.refusals[status] ?? 0) + 1;
      }
      member.welcomed = false;
      if (end.retryAfterMs !== null) member.notBeforeMs = monotonicMs() + end.retryAfterMs;
      handlers.closed(end);
    },
  };
}
