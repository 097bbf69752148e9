import { describe, expect, it } from 'vitest';
import type { KillsAnswer } from './messages.ts';
import { replicaStep } from './replica.ts';
import type { ReplicaEvent } from './replica-state.ts';
import { deltaOf, flagBody, ruleSetOf, stateOf, unreadableFlag } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  closed,
  failed,
  fetched,
  green,
  named,
  opened,
  PATHS,
  received,
  red,
  restored,
  resync,
  run,
  running,
  value,
  welcome,
  woke,
} from './testing/replica-run.ts';

const kills = (answer: Partial<KillsAnswer> | null): ReplicaEvent => ({
  type: 'killsFetched',
  answer: answer && { epoch: red.epoch, revision: 5, off: [], ...answer },
});
const off = (revision: number) => [{ key: 'a', offVariant: 'off', revision }];
const gap = received(deltaOf(green, blue));
const broken = ruleSetOf(6, { flags: { a: unreadableFlag({ revision: 6 }) } });
const asked = (effects: Parameters<typeof named>[0]) => effects.filter(({ type }) => type === 'fetchKills').length;

describe('all kills are asked for over HTTP', () => {
  it('after a gap, after a beat that names more, and after a frame that cannot be read', () => {
    const unreadable = {
      type: 'received',
      message: { type: 'invalid', problem: 'nonsense', closeCode: 4000 },
    } satisfies ReplicaEvent;
    for (const event of [gap, beat(green), unreadable]) {
      expect(named(run([...PATHS.live, event]).effects)).toBe('fetchRuleSet fetchKills');
    }
  });

  it('after a body that cannot be read, whichever way it came', () => {
    expect(asked(run([...PATHS.live, received(deltaOf(red, broken))]).effects)).toBe(1);
    expect(asked(run([...PATHS.waiting, after(15_000, woke), fetched(broken)]).effects)).toBe(1);
    expect(asked(run([fetched(broken)]).effects)).toBe(1);
  });

  it('after a rule set that failed or arrived damaged, but not where the server refused or said when to come back', () => {
    const dead = run([...PATHS.live, after(37_500, woke)]);
    const afterFailure = (event: ReplicaEvent) => asked(run([event], dead, dead.nowMs).effects);
    const damaged: ReplicaEvent = {
      type: 'fetched',
      outcome: { kind: 'ruleSet', ruleSet: green, state: { ...stateOf(green), digest: '0123456789abcdef' } },
    };
    expect([failed(500), failed(null), damaged].map(afterFailure)).toEqual([1, 1, 1]);
    expect([failed(401), failed(403), failed(503, 5_000)].map(afterFailure)).toEqual([0, 0, 0]);
  });

  it('not while there is nothing to turn off, and not when the server asks for a resync, which pushes them itself', () => {
    expect(asked(run([opened, welcome(), gap, failed(500)]).all)).toBe(0);
    expect(asked(run([...PATHS.live, resync('epoch'), resync('too_old')]).all)).toBe(0);
  });

  it('at most once in 10 s, one at a time, and never because of the answer (I15)', () => {
    const many = run([...PATHS.live, ...Array.from({ length: 100 }, () => after(90, gap))]);
    expect(asked(many.all)).toBe(1);
    const late = run([after(10_000, woke)], many, many.nowMs);
    expect(asked(late.effects)).toBe(0);
    const answered = run([kills({})], late, late.nowMs);
    expect(asked(answered.effects)).toBe(1);
    let { state } = run([kills({})], answered, answered.nowMs);
    for (let nowMs = late.nowMs; nowMs < late.nowMs + 3_600_000; nowMs += 10_000) {
      const step = replicaStep(replicaStep(state, { type: 'heard' }, nowMs, 0.5).state, woke, nowMs, 0.5);
      expect(asked(step.effects)).toBe(0);
      state = step.state;
    }
  });

  it('again within the limit where no answer came, or one older than what is held, until one says what is off', () => {
    for (const failure of [kills(null), kills({ revision: 5 }), kills({ epoch: '999-a', revision: 99 })]) {
      let reached = run([...PATHS.live, received(deltaOf(red, broken)), after(1_000, failure)]);
      expect(asked(reached.all)).toBe(1);
      for (const waitMs of [9_000, 20_000, 40_000]) {
        const early = run([after(waitMs - 1, { type: 'heard' }), woke], reached, reached.nowMs);
        expect(asked(early.effects)).toBe(0);
        const again = run([after(1, woke)], early, early.nowMs);
        expect(asked(again.effects)).toBe(1);
        reached = run([failure], again, again.nowMs);
      }
      const last = run([after(80_000, { type: 'heard' }), woke, kills({ revision: 6, off: off(6) })], reached, reached.nowMs);
      expect(value(last.state)).toBe('off');
      expect(asked(run([after(3_600_000, { type: 'heard' }), woke], last, last.nowMs).all.slice(last.effects.length))).toBe(0);
    }
  });

  it('does not make the resync wait', () => {
    const rejected = run([...PATHS.live, received(deltaOf(red, broken)), after(10, beat(blue))]);
    expect(named(rejected.effects)).toBe('fetchRuleSet');
  });
});

describe('their answer (I6)', () => {
  it('turns a flag off whose newest body nobody here can read, without touching the position', () => {
    const { state, effects } = run([...PATHS.live, received(deltaOf(red, broken)), kills({ revision: 6, off: off(6) })]);
    expect(value(state)).toBe('off');
    expect(state.store?.state).toEqual(stateOf(broken));
    expect(named(effects)).toBe('changed');
  });

  it('turns nothing on: a flag that it does not list stays as it is', () => {
    const killed = run([...PATHS.live, kills({ revision: 9, off: off(9) }), kills({ revision: 10 })]);
    expect(value(killed.state)).toBe('off');
    expect(named(killed.effects)).toBe('');
  });

  it('is dropped when it is older than what is held, in the same epoch and in one before (I2)', () => {
    const held = run([...PATHS.live, received(deltaOf(red, broken))]);
    expect(value(run([kills({ revision: 5, off: off(9) })], held).state)).toBe('red');
    const moved = run([...PATHS.waiting, after(15_000, woke), fetched(restored)]);
    expect(value(run([kills({ revision: 99, off: off(99) })], moved).state)).toBe('old');
  });

  it('counts ahead of the rules it belongs to, and ends with a readable body of its revision', () => {
    const killed = run([...PATHS.live, kills({ revision: 7, off: off(7) })]);
    expect(value(run([received(deltaOf(red, green))], killed).state)).toBe('off');
    const back = ruleSetOf(8, { flags: { a: flagBody({ value: 'green', revision: 8 }) } });
    expect(value(run([received(deltaOf(red, back))], killed).state)).toBe('green');
  });

  it('that nothing waits for any more, after the link or the machine has gone, does no harm', () => {
    const gone = run([...PATHS.live, gap, closed({ code: 1006 }), kills({ revision: 7, off: off(7) })]);
    expect(value(gone.state)).toBe('off');
    expect(running(gone.state).link.kind).toBe('waiting');
  });
});
