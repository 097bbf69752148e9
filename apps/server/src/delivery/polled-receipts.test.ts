/** Both ends of the receipt over HTTP: the client that every SDK runs, behind a proxy that takes no websocket, and what a server counts. */
import type { RuleSet } from '@yardarm/evaluator';
import { type FetchOutcome, loadRuleSet, startClient } from '@yardarm/sync';
import { describe, expect, it } from 'vitest';
import { measureCoverage } from '../telemetry/coverage.ts';
import { createWorld } from '../testing/simulation/world.ts';
import { toPollingReader } from './own-receipts.ts';
import { createPollers, POLLER_EXPIRES_MS } from './pollers.ts';
import { countPolling } from './receipts.ts';
import type { SdkKey } from './sdk-keys.ts';

const KEY: SdkKey = { id: 'key', environmentId: 'production', kind: 'server', allowedOrigins: [], expiresAtMs: null };
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** By then the first poll was answered that followed a failed attempt at a stream. */
const BEGUN_MS = 90_000;
/** An SDK gives up an answer after it. */
const ANSWER_MS = 15_000;
/** On its way. */
const RECEIPT_MS = 2_000;
/** The longest from a change to the receipt: a poll, its answer, and the receipt on its way. */
const APPLIED_MS = 36_000 + ANSWER_MS + RECEIPT_MS;
const SEEDS = [1, 2, 3, 4, 5];

const ruleSetAt = (revision: number): RuleSet => ({
  ...{ format: 1, project: 'shop', environment: 'production', epoch: '1-a', revision, flags: {}, segments: {} },
});
const stateOf = (ruleSet: RuleSet) => loadRuleSet(ruleSet, null).store.state;

interface Conditions {
  /** Answers take at most so long. */
  readonly answerMs?: number;
  /** Whether the receipt with this number, from 0, gets lost. */
  readonly isLost?: (index: number) => boolean;
}

function startPoller(seed: number, { answerMs = ANSWER_MS, isLost = () => false }: Conditions = {}) {
  const world = createWorld(seed, false);
  const { random } = world;
  const pollers = createPollers();
  let served = ruleSetAt(1);
  let state = stateOf(served);
  let sent = 0;
  const client = startClient({
    config: { sdk: 'test/1', app: {}, instance: 'one', initializeTimeoutMs: 3_000 },
    correctClock: false,
    notify: () => undefined,
    runtime: { nowMs: world.nowMs, wallMs: world.nowMs, random: random.next, startTimer: (run, ms) => world.after(ms, run) },
    transport: {
      connect: (handlers) => {
        world.after(5, () => handlers.closed({ code: null, status: 404, retryAfterMs: null, problem: 'no websocket' }));
        return { send: () => undefined, close: () => undefined };
      },
      fetchRuleSet: async (): Promise<FetchOutcome> => {
        await world.sleep(random.between(1, answerMs));
        return { kind: 'ruleSet', ruleSet: served, state };
      },
      fetchDelta: async () => ({ kind: 'failed', status: 404, retryAfterMs: null, problem: 'no deltas here' }),
      fetchKills: async () => null,
      sendReceipt: (receipt) => {
        if (isLost(sent++)) return;
        world.after(random.between(1, RECEIPT_MS), () => pollers.note(KEY, receipt, world.nowMs()));
      },
      sendTelemetry: () => new Promise(() => undefined),
    },
  });
  return {
    client,
    pollers: () => pollers.list(KEY.environmentId, world.nowMs()),
    counts: () => countPolling(pollers.list(KEY.environmentId, world.nowMs()), state),
    change: () => {
      served = ruleSetAt(served.revision + 1);
      state = stateOf(served);
    },
    nowMs: world.nowMs,
    between: random.between,
    /** What was counted, looked at each second: whatever differs from what was counted before. */
    pass: async (ms: number) => {
      const endMs = world.nowMs() + ms;
      const seen: { readonly atMs: number; readonly text: string }[] = [];
      while (world.nowMs() < endMs) {
        await world.run({ atMs: Math.min(world.nowMs() + SECOND_MS, endMs), afterEach: () => undefined });
        const { readers, applied } = countPolling(pollers.list(KEY.environmentId, world.nowMs()), state);
        const text = `${applied} of ${readers}`;
        if (seen.at(-1)?.text !== text) seen.push({ atMs: world.nowMs(), text });
      }
      return seen;
    },
  };
}

const texts = (seen: readonly { readonly text: string }[]) => seen.map(({ text }) => text);

describe('an instance without a stream', () => {
  it('is counted at every moment of two hours at rest, however long its answers take (I17)', async () => {
    for (const seed of SEEDS) {
      const { pass } = startPoller(seed);
      await pass(BEGUN_MS);
      expect(texts(await pass(2 * HOUR_MS))).toEqual(['1 of 1']);
    }
  });

  it('is pending from a change until it has polled it, and applied from then on', async () => {
    for (const seed of SEEDS) {
      const { pass, change, between, nowMs } = startPoller(seed);
      await pass(10 * 60_000 + between(0, 40_000));
      change();
      const changedMs = nowMs();
      const seen = await pass(HOUR_MS);
      expect(texts(seen)).toEqual(['0 of 1', '1 of 1']);
      expect((seen[1]?.atMs ?? 0) - changedMs).toBeLessThanOrEqual(APPLIED_MS + SECOND_MS);
    }
  });

  it('counts on when one of its receipts gets lost', async () => {
    for (const seed of SEEDS) {
      const { pass } = startPoller(seed, { answerMs: SECOND_MS, isLost: (index) => index % 3 === 2 });
      await pass(BEGUN_MS);
      expect(texts(await pass(HOUR_MS))).toEqual(['1 of 1']);
    }
  });

  it('is awaited by the coverage of telemetry for 90 s, and silent from then on where it reports nothing', async () => {
    const { pass, pollers, nowMs } = startPoller(1);
    const reads: string[] = [];
    for (let seconds = 0; seconds < 600; seconds++) {
      await pass(SECOND_MS);
      const readers = pollers().map((poller) => toPollingReader(poller, KEY.environmentId, undefined));
      const { server } = await measureCoverage(readers, () => false, nowMs());
      const read = `${server.awaited} awaited, ${server.silent} silent`;
      if (reads.at(-1) !== read) reads.push(read);
    }
    expect(reads).toEqual(['0 awaited, 0 silent', '1 awaited, 0 silent', '0 awaited, 1 silent']);
  });

  it('counts no more 75 s after its last word', async () => {
    const { client, pass, counts } = startPoller(1);
    await pass(BEGUN_MS);
    client.stop();
    await pass(RECEIPT_MS + POLLER_EXPIRES_MS + SECOND_MS);
    expect(counts().readers).toBe(0);
  });
});
