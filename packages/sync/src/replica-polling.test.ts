import { describe, expect, it } from 'vitest';
import { linkAtMs } from './replica-link.ts';
import type { ReplicaEffect, ReplicaEvent, ReplicaState } from './replica-state.ts';
import { runAlone, seededRandom } from './testing/alone.ts';
import { deltaOf, ruleSetOf, stateOf, unreadableFlag } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  CONFIG,
  closed,
  failed,
  fetched,
  green,
  named,
  opened,
  PATHS,
  received,
  red,
  resync,
  run,
  running,
  value,
  welcome,
  woke,
} from './testing/replica-run.ts';

const unchanged: ReplicaEvent = { type: 'fetched', outcome: { kind: 'notModified', state: stateOf(red) } };
const goodbye = (pollMs: number | undefined, retryAfterMs = 0) =>
  received({ type: 'goodbye', reason: 'overload', retryAfterMs, spreadMs: 0, ...(pollMs !== undefined && { pollMs }) });

describe('a proxy that takes no websocket (row 43)', () => {
  it('is noticed by three connections in a row that close before a welcome: the SDK polls now, and keeps trying', () => {
    const thrice = run([failed(), closed(), after(250, woke), closed(), after(500, woke), closed()]);
    expect(named(thrice.effects)).toBe('fetchRuleSet');
    expect(thrice.nowMs).toBe(750);
    expect(named(run([fetched()], thrice, thrice.nowMs).effects)).toContain('ready');
    expect(named(run([after(1_000, woke)], thrice, thrice.nowMs).effects)).toBe('connect');
  });

  it('is not taken for a server that welcomed and went: connections before the welcome do not count', () => {
    const twice = [closed(), after(250, woke), closed(), after(500, woke)];
    const gone = run([fetched(), ...twice, opened, welcome(), closed({ code: 1006 }), after(1_000, woke), closed()]);
    expect(named(gone.effects)).toBe('');
    const unwelcomed = run([after(2_000, woke), closed(), after(4_000, woke), closed()], gone, gone.nowMs);
    expect(named(unwelcomed.effects)).toBe('fetchRuleSet');
  });

  it('is noticed by 10 s without a welcome: the SDK polls now, and has data within 15 s of its start', () => {
    const buffered = run([failed(), opened, after(10_000, woke)]);
    expect(named(buffered.effects)).toBe('disconnect fetchRuleSet failed');
    const polled = run([after(1_000, fetched())], buffered, buffered.nowMs);
    expect(named(polled.effects)).toContain('ready');
    expect(polled.nowMs).toBeLessThan(15_000);
  });

  it('does not make it poll more often than every 24 s once it polls, nor at a server that said when to come back', () => {
    const polling = run([...PATHS.waiting, after(15_000, woke), unchanged]);
    const soon = run([opened, after(10_000, woke), after(250, woke), closed(), after(8_000, woke)], polling, polling.nowMs);
    expect(named(soon.all.slice(polling.effects.length))).not.toContain('fetchRuleSet');
    const refused = closed({ status: 503, retryAfterMs: 0 });
    const told = run([failed(), refused, after(250, woke), refused, after(500, woke), refused, woke]);
    expect(named(told.effects)).toBe('');
  });
});

describe('a goodbye with an interval of polls', () => {
  it('makes the SDK poll at that interval until a server welcomes it again', () => {
    const away = run([...PATHS.live, goodbye(45_000, 600_000), after(44_999, woke)]);
    expect(named(away.all)).not.toContain('disconnect fetchRuleSet');
    const first = run([after(1, woke)], away, away.nowMs);
    expect(named(first.effects)).toBe('fetchRuleSet');
    expect(running(run([unchanged], first, first.nowMs).state).poll.atMs).toBe(90_000);
    const back = run([after(600_000, woke), opened, welcome()], first, first.nowMs);
    expect(running(back.state).poll).toEqual({ atMs: null, everyMs: 30_000, patience: 3, again: false });
  });

  it('keeps the interval between 10 s and 5 min, whatever the server says', () => {
    const atMs = (pollMs: number | undefined) => running(run([...PATHS.live, goodbye(pollMs)]).state).poll.atMs;
    expect([atMs(0), atMs(86_400_000), atMs(undefined)]).toEqual([10_000, 300_000, 15_000]);
  });

  it('and close code 4013 lead back like any other close', () => {
    const shed = run([...PATHS.live, goodbye(45_000, 60_000), closed({ code: 4013 })]);
    expect(running(shed.state).link).toEqual({ kind: 'waiting', untilMs: 60_250, attempt: 1, refused: false });
    const bare = run([...PATHS.live, closed({ code: 4013 })]);
    expect(running(bare.state).link).toEqual({ kind: 'waiting', untilMs: 250, attempt: 1, refused: false });
  });
});

describe('a key that was refused', () => {
  const untilMs = ({ state }: { state: ReplicaState }) => linkAtMs(running(state).link);
  const refused = run([...PATHS.live, after(60_000, beat()), closed({ code: 4001 }), after(15_000, woke), failed(401)]);
  const twice = run([after(untilMs(refused) - refused.nowMs, woke), closed({ status: 401 })], refused, refused.nowMs);

  it('and is let in again by a poll makes the stream be tried with the next one', () => {
    expect(untilMs(twice) - twice.nowMs).toBe(262_500);
    const polled = run([after(15_000, woke)], twice, twice.nowMs);
    expect(named(polled.effects)).toBe('fetchRuleSet');
    const known = run([fetched(green)], polled, polled.nowMs);
    expect(untilMs(known) - known.nowMs).toBe(30_000);
    expect(named(run([after(30_000, woke)], known, known.nowMs).effects)).toBe('connect fetchRuleSet');
    // A second answer says nothing new, where the stream is refused all the same.
    const doubted = [after(30_000, woke), closed({ status: 401 }), fetched(green), after(30_000, woke), fetched(green)];
    const inVain = run(doubted, known, known.nowMs);
    expect(untilMs(inVain) - inVain.nowMs).toBe(232_500);
  });

  it('by a healthy stream alone, and is let in by the first poll, makes it be tried with the next one', () => {
    const ended = [...PATHS.live, after(60_000, beat()), closed({ code: 4001 }), after(15_000, woke), fetched(green)];
    const known = run(ended);
    expect(untilMs(known) - known.nowMs).toBe(30_000);
  });

  it('leaves a time alone that the server named for the stream', () => {
    const busy = [closed({ status: 503, retryAfterMs: 200_000 }), after(15_000, woke), fetched(green)];
    const told = run([after(untilMs(refused) - refused.nowMs, woke), ...busy], refused, refused.nowMs);
    expect(untilMs(told)).toBeGreaterThanOrEqual(told.nowMs - 15_000 + 200_000);
  });

  it.each([
    ['polls are answered, and every stream is refused', () => fetched(red), 17],
    ['every second poll is answered', (asked: number) => (asked % 2 === 0 ? fetched(red) : failed(401)), 34],
  ] as const)('does not ask for streams without end where %s', (_, answer, most) => {
    for (let seed = 0; seed < 10; seed++) {
      let polls = 0;
      const { asked } = runAlone({
        untilMs: 3_600_000,
        random: seed === 0 ? () => 0 : seededRandom(seed),
        answer: ({ type }) => {
          if (type === 'connect') return { afterMs: 5, event: closed({ status: 403 }) };
          return type === 'fetchRuleSet' ? { afterMs: 5, event: answer(polls++) } : undefined;
        },
      });
      expect(asked.filter(({ effect }) => effect.type === 'connect').length).toBeLessThanOrEqual(most);
    }
  });
});

describe('a receipt over HTTP', () => {
  const receipts = (effects: readonly ReplicaEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'sendReceipt' ? [effect.receipt] : []));
  const polling = run([...PATHS.live, closed({ code: 1006 }), after(15_000, woke)]);

  it('says what runs here with each answer to a poll, whether it brought anything new (I17)', () => {
    const swapped = run([fetched(green)], polling, polling.nowMs);
    const { sdk, app, instance } = CONFIG;
    const receipt = { sdk, app, instance, applied: stateOf(green) };
    expect(receipts(swapped.effects)).toEqual([receipt]);
    const later = run([after(36_000, woke), fetched(green), after(36_000, woke), fetched(green)], swapped, swapped.nowMs);
    expect(receipts(later.all.slice(swapped.effects.length))).toEqual([receipt, receipt]);
  });

  it('says what the stream had told, since a server knows nothing more of a stream that has ended', () => {
    expect(receipts(run([unchanged], polling, polling.nowMs).effects)).toMatchObject([{ applied: stateOf(red) }]);
  });

  it('is not sent while the first connection is being made, nor for an answer that failed', () => {
    expect(receipts(run([fetched(), opened, welcome()]).all)).toEqual([]);
    expect(receipts(run([failed(503)], polling, polling.nowMs).effects)).toEqual([]);
  });

  it('is sent where a proxy took the stream and never let anything through', () => {
    const buffered = run([fetched(), opened, after(10_000, woke), fetched()]);
    expect(receipts(buffered.all)).toMatchObject([{ applied: stateOf(red) }]);
    expect(value(buffered.state)).toBe('red');
  });

  it('names at most 20 bodies that could not be read, which fit into what a server takes', () => {
    const flags = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`${index}-${'k'.repeat(120)}`, unreadableFlag({ revision: 6 })]),
    );
    const [receipt] = receipts(run([fetched(ruleSetOf(6, { flags }))], polling, polling.nowMs).effects);
    expect(receipt?.rejected).toHaveLength(20);
    expect(JSON.stringify(receipt).length).toBeLessThan(16 * 1024);
  });
});

describe('a server that answers with Retry-After', () => {
  const busy = failed(503, 120_000);
  const behind = run([...PATHS.live, beat(green), { type: 'killsFetched', answer: null }, busy]);
  const current = run([...PATHS.waiting, after(15_000, woke), opened, welcome(), busy]);
  const quick = [closed(), after(1_000, woke)];
  it.each([
    ['beats of something newer', behind, Array.from({ length: 5 }, () => after(15_000, beat(blue)))],
    ['a gap', behind, [received(deltaOf(green, blue)), after(11_000, received(deltaOf(green, blue)))]],
    ['a resync', behind, [after(11_000, resync('epoch'))]],
    ['a stream that breaks three times', behind, [...quick, ...quick, ...quick, ...quick]],
    ['a stream that falls silent', behind, [after(37_500, woke)]],
    ['a gap, where nobody had waited for the answer', current, [received(deltaOf(green, blue))]],
  ] as const)('is not asked before that, for rules or kills, whatever the stream says or does: %s', (_, told, events) => {
    const waited = run(events, told, told.nowMs);
    const early = run([after(119_999 - (waited.nowMs - told.nowMs), woke)], waited, waited.nowMs);
    expect(named([...waited.all.slice(told.effects.length), ...early.effects])).not.toContain('fetch');
    expect(named(run([after(1, woke)], early, early.nowMs).effects)).toContain('fetchRuleSet');
  });

  it('is asked at once over another network', () => {
    expect(named(run([{ type: 'resumed' }], behind, behind.nowMs).effects)).toBe('disconnect connect fetchRuleSet');
  });
});
