import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withSum } from './frame-sum.ts';
import { BEAT_MS, deltaPath, type ServerMessage } from './messages.ts';
import { parseServerMessage } from './parse.ts';
import { replicaStep } from './replica.ts';
import type { ReplicaEffect } from './replica-state.ts';
import { type Answer, runAlone, seededRandom } from './testing/alone.ts';
import { deltaOf, flagBody, ruleSetOf, stateOf } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  closed,
  failed,
  fetched,
  green,
  late,
  named,
  PATHS,
  received,
  red,
  run,
  running,
  value,
  welcome,
  woke,
} from './testing/replica-run.ts';

const HOUR_MS = 3_600_000;

describe('half-open TCP (row 9)', () => {
  it('is noticed within 40 s, and a kill that nobody pushed applies within 45 s', () => {
    const killed = ruleSetOf(6, { flags: { a: flagBody({ on: false, revision: 6 }) } });
    const heard = run([...PATHS.live, after(BEAT_MS, beat())]);
    const sinceMs = heard.nowMs;
    const noticed = run([after(2.5 * BEAT_MS, woke)], heard, sinceMs);
    expect(named(noticed.effects)).toBe('disconnect stale fetchRuleSet');
    expect(noticed.nowMs - sinceMs).toBeLessThanOrEqual(40_000);
    const polled = run([after(5_000, fetched(killed))], noticed, noticed.nowMs);
    expect(value(polled.state)).toBe('off');
    expect(polled.nowMs - sinceMs).toBeLessThanOrEqual(45_000);
  });

  it('is not waited for by the poll: a request under way may have been made on the same dead path', () => {
    const asking = run([...PATHS.live, beat(green), after(2.5 * BEAT_MS, woke)]);
    expect(named(asking.effects)).toBe('disconnect stale fetchRuleSet');
    const answered = run([late(failed(null)), fetched(green)], asking, asking.nowMs);
    expect(named(answered.effects)).toBe('changed sendReceipt ready');
  });
});

describe('a server that answers 5xx, 429 or 401 for an hour (row 14)', () => {
  const refusing =
    (status: number) =>
    (effect: ReplicaEffect): Answer | undefined => {
      const refusal = { status, retryAfterMs: null, problem: `the server answered ${status}` };
      if (effect.type === 'connect') return { afterMs: 5, event: { type: 'closed', code: null, ...refusal } };
      if (effect.type === 'fetchRuleSet')
        return { afterMs: 5, event: { type: 'fetched', outcome: { kind: 'failed', ...refusal } } };
      return undefined;
    };
  const hour = (status: number, seed: number) => {
    const random = seed === 0 ? () => 0 : seededRandom(seed);
    const { asked } = runAlone({ untilMs: HOUR_MS, random, answer: refusing(status) });
    const at = (type: ReplicaEffect['type']) => asked.filter(({ effect }) => effect.type === type).map(({ atMs }) => atMs);
    return { connects: at('connect'), fetches: at('fetchRuleSet') };
  };
  const longestGap = (instants: readonly number[]) =>
    Math.max(...[...instants, HOUR_MS].map((atMs, index) => atMs - (instants[index - 1] ?? 0)));

  it.each([
    { status: 500, most: 130, capMs: 60_000 },
    { status: 429, most: 130, capMs: 60_000 },
    { status: 401, most: 17, capMs: 300_000 },
  ])('$status: at most $most attempts at the stream, never stopping, whatever the dice (I9)', ({ status, most, capMs }) => {
    for (let seed = 0; seed <= 200; seed++) {
      const { connects, fetches } = hour(status, seed);
      expect(connects.length).toBeLessThanOrEqual(most);
      expect(longestGap(connects)).toBeLessThanOrEqual(capMs + 5);
      expect(fetches.length).toBeLessThanOrEqual(status === 401 ? 17 : 152);
      expect(longestGap(fetches)).toBeLessThanOrEqual(capMs + 5);
    }
  });
});

describe('a damaged frame (row 16)', () => {
  const frames = [deltaOf(red, green), deltaOf(green, blue), deltaOf(red, blue)].map((delta) => withSum(JSON.stringify(delta)));

  it('is never half applied: what is held stays what the log says, and a resync follows at most once in 10 s', () => {
    const random = seededRandom(16);
    const live = run([...PATHS.live]).state;
    for (let seed = 0; seed < 10_000; seed++) {
      const frame = frames[seed % frames.length] as string;
      const cut = frame.slice(0, 1 + Math.floor(random() * (frame.length - 1)));
      const step = replicaStep(live, { type: 'received', message: parseServerMessage(cut) }, 1_000, random());
      expect(step.state.store).toBe(live.store);
      expect(named(step.effects)).toMatch(/^(fetchRuleSet fetchKills)?$/);
    }
  });

  it('in which any bits of one byte became others costs nothing but a resync: no value and no position is ever wrong', () => {
    const random = seededRandom(61);
    const log = [red, green, blue].map((ruleSet) => JSON.stringify([stateOf(ruleSet), ruleSet.flags.a]));
    const live = run([...PATHS.live]).state;
    let refused = 0;
    for (let seed = 0; seed < 10_000; seed++) {
      const frame = Buffer.from(frames[seed % frames.length] as string);
      const at = Math.floor(random() * frame.length);
      frame[at] = (frame[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      const { state, effects } = replicaStep(live, { type: 'received', message: parseServerMessage(frame.toString()) }, 0, 0.5);
      expect(log).toContain(JSON.stringify([state.store?.state, state.store?.entries.get('flag:a')?.body]));
      if (named(effects).startsWith('fetchRuleSet')) refused++;
      const settled = run([beat(blue), after(10_000, woke), fetched(blue)], { state, effects: [] });
      expect(value(settled.state)).toBe('blue');
    }
    expect(refused).toBeGreaterThan(9_000);
  });

  it('of any type, in which any bit became another, says what was sent or is refused', () => {
    const messages: readonly ServerMessage[] = [
      { type: 'welcome', format: 1, view: 'server', ...stateOf(red), beatMs: BEAT_MS, now: 1_795_867_200_000 },
      { type: 'beat', ...stateOf(green) },
      { type: 'resync', reason: 'too_old', url: deltaPath('1000-a', 7, 12), spreadMs: 10 },
      { type: 'goodbye', reason: 'restart', retryAfterMs: 1_000, spreadMs: 3_000, pollMs: 30_000 },
      deltaOf(red, green),
    ];
    for (const message of messages) {
      const sent = Buffer.from(withSum(JSON.stringify(message)));
      for (let at = 0; at < sent.length; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const frame = Buffer.from(sent);
          frame[at] = (frame[at] ?? 0) ^ (1 << bit);
          const read = parseServerMessage(frame.toString());
          if (read?.type !== 'invalid') expect(read).toEqual(message);
        }
      }
    }
  });

  it('and the name of its sum with it, is refused', () => {
    const [frame = ''] = frames;
    const damaged = frame.replace('"sum":', '"sun":').replace('green', 'greem');
    expect(damaged).toHaveLength(frame.length);
    expect(parseServerMessage(damaged)).toMatchObject({ type: 'invalid', problem: 'damaged' });
  });
});

describe('an answer of a poll or a cache that is older than the stream (row 18)', () => {
  it('is dropped, however late and in whatever order, and polling ends with the stream (I2)', () => {
    const log = [red, green, blue];
    const anyStep = fc.oneof(
      fc.record({ type: fc.constant('answer' as const), of: fc.nat({ max: 2 }), afterMs: fc.nat({ max: 30_000 }) }),
      fc.record({ type: fc.constant('push' as const) }),
      fc.record({ type: fc.constant('cut' as const) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        let reached = run([...PATHS.live]);
        for (const step of steps) {
          const before = reached.state.store?.state.revision ?? 0;
          const newest = log.find(({ revision }) => revision > before);
          const events = {
            answer: () => [after('afterMs' in step ? step.afterMs : 0, woke), fetched(log['of' in step ? step.of : 0] ?? red)],
            push: () => (newest ? [received(deltaOf(log[newest.revision - 6] ?? red, newest))] : [beat(blue)]),
            cut: () => [closed({ code: 1006 }), after(60_000, woke), { type: 'opened' } as const, welcome(blue)],
          }[step.type]();
          reached = run(events, reached, reached.nowMs);
          expect(reached.state.store?.state.revision).toBeGreaterThanOrEqual(before);
          if (running(reached.state).link.kind === 'live') expect(running(reached.state).poll.atMs).toBeNull();
        }
      }),
      { numRuns: 300 },
    );
  });
});
