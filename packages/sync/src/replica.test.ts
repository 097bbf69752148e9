import { describe, expect, it } from 'vitest';
import { BEAT_MS } from './messages.ts';
import type { ReplicaEffect, ReplicaEvent } from './replica-state.ts';
import { deltaOf, flagBody, ruleSetOf, stateOf, unreadableFlag } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  closed,
  failed,
  fetched,
  goodbye,
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

describe('start', () => {
  it('connects and fetches at the same time, and is ready with the first rule set', () => {
    expect(named(run([]).all)).toBe('connect fetchRuleSet');
    expect(named(run([fetched()]).effects)).toBe('ready');
  });

  it('says in hello what it holds by then', () => {
    expect(run([fetched(), opened]).effects[0]).toMatchObject({
      message: { type: 'hello', have: stateOf(red), app: { name: 'shop' } },
    });
    expect(run([opened]).effects[0]).not.toHaveProperty('message.have');
  });

  it('does not fetch twice when the stream asks for what is already under way', () => {
    const { all, state } = run([opened, welcome(), resync('gap'), fetched()]);
    expect(named(all)).toBe('connect fetchRuleSet hello ready applied');
    expect(value(state)).toBe('red');
  });

  it('fetches again when the answer under way turns out older than what the stream announced', () => {
    const { all } = run([opened, welcome(green), resync('gap'), fetched(red), fetched(green)]);
    expect(named(all)).toBe('connect fetchRuleSet hello fetchRuleSet applied changed ready');
  });

  it('is ready in time with a rule set that is behind, when nothing newer comes', () => {
    const late = run([opened, welcome(green), fetched(red)]);
    expect(named(late.all)).not.toContain('ready');
    const inTime = run([after(3_000, woke)], late, late.nowMs);
    expect(named(inTime.effects)).toBe('ready');
    expect(named(run([fetched(green)], inTime, inTime.nowMs).effects)).toBe('changed applied');
  });

  it('reports once that nothing came in time, goes on, and is ready when something comes (I13)', () => {
    const { all } = run([
      failed(),
      closed(),
      after(3_000, woke),
      after(1_000, woke),
      opened,
      welcome(),
      resync('gap'),
      fetched(),
    ]);
    expect(all.filter((effect) => effect.type === 'failed')).toEqual([
      { type: 'failed', problem: 'No rule set arrived in time: closed' },
    ]);
    expect(named(all)).toBe('connect fetchRuleSet connect failed hello fetchRuleSet ready applied');
  });
});

describe('a receipt (rule 1)', () => {
  const receipts = (effects: readonly ReplicaEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'send' && effect.message.type === 'applied' ? [effect.message.revision] : []));

  it('follows the swap', () => {
    const { effects } = run([...PATHS.live, received(deltaOf(red, green))]);
    expect(effects.slice(0, 2)).toEqual([
      { type: 'changed', flagsChanged: ['a'] },
      { type: 'send', message: { type: 'applied', ...stateOf(green) } },
    ]);
  });

  it('is coalesced: a second change within 100 ms waits for its turn, and the last one counts', () => {
    const eight = ruleSetOf(8, blue);
    const burst = run([
      ...PATHS.live,
      received(deltaOf(red, green)),
      after(10, received(deltaOf(green, blue))),
      received(deltaOf(blue, eight)),
    ]);
    expect(receipts(burst.all)).toEqual([6]);
    expect(receipts(run([after(90, woke)], burst, burst.nowMs).effects)).toEqual([8]);
  });

  it('names what could not be read, again after a reconnect', () => {
    const broken = ruleSetOf(6, { flags: { a: unreadableFlag({ revision: 6 }) } });
    const once = run([...PATHS.live, received(deltaOf(red, broken))]);
    expect(named(once.effects)).toBe('fetchKills rejected applied');
    expect(value(once.state)).toBe('red');
    const again = run([closed(), after(30_000, woke), opened, welcome(broken)], once, once.nowMs);
    expect(named(again.all.slice(once.effects.length))).toBe('connect fetchRuleSet hello rejected');
  });

  it('names it again with a change of something else, as often as it says what runs, until it can be read', () => {
    const broken = ruleSetOf(6, { flags: { a: unreadableFlag({ revision: 6 }), b: flagBody({}) } });
    const edit = (revision: number, part: object) => ({ ...broken, revision, flags: { ...broken.flags, ...part } });
    const [seven, eight, nine] = [
      edit(7, { b: flagBody({ value: 'green', revision: 7 }) }),
      edit(8, { b: flagBody({ value: 'blue', revision: 8 }) }),
      edit(9, { a: flagBody({ value: 'white', revision: 9 }), b: flagBody({ value: 'blue', revision: 8 }) }),
    ];
    const burst = run([
      ...PATHS.live,
      received(deltaOf(red, broken)),
      after(10, received(deltaOf(broken, seven))),
      received(deltaOf(seven, eight)),
    ]);
    expect(named(burst.effects)).toBe('changed');
    const { epoch } = stateOf(eight);
    const later = run([after(90, woke)], burst, burst.nowMs);
    expect(later.effects.slice(0, 2)).toMatchObject([
      { type: 'send', message: { type: 'rejected', epoch, revision: 8, errors: [{ key: 'a' }] } },
      { type: 'send', message: { type: 'applied', ...stateOf(eight) } },
    ]);
    expect(named(run([after(200, received(deltaOf(eight, nine)))], later, later.nowMs).effects)).toBe('changed applied');
  });

  it('confirms a large rule set at once, and names what could not be read when all of it has been looked at', () => {
    const many = Array.from({ length: 500 }, (_, index) => [`flag-${index}`, flagBody({})] as const);
    const large = ruleSetOf(6, { flags: { ...Object.fromEntries(many), z: unreadableFlag({ revision: 6 }) } });
    const loaded = run([opened, welcome(large), fetched(large)]);
    expect(named(loaded.effects)).toBe('ready applied');
    expect(loaded.effects).toContainEqual({ type: 'wake', atMs: 0 });
    expect(named(run([woke, woke], loaded).effects)).toBe('');
    const looked = run([woke, woke, woke], loaded);
    expect(named(looked.effects)).toBe('fetchKills rejected');
    expect(looked.effects).not.toContainEqual({ type: 'wake', atMs: 0 });
  });

  it('names no more than a server takes in one frame, however much could not be read', () => {
    const flags = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`flag-${index}`, unreadableFlag({ revision: 6 })]),
    );
    const { effects } = run([...PATHS.live, received(deltaOf(red, ruleSetOf(6, { flags })))]);
    const sent = effects.flatMap((effect) => (effect.type === 'send' ? [JSON.stringify(effect.message)] : []));
    expect(sent.map((text) => JSON.parse(text).type)).toEqual(['rejected', 'applied']);
    expect(Math.max(...sent.map((text) => text.length))).toBeLessThan(64 * 1024);
  });
});

describe('never backwards (I2)', () => {
  it('an answer that is older than what the stream brought changes nothing', () => {
    const { state, effects } = run([opened, welcome(), fetched(red), received(deltaOf(red, green)), beat(blue), fetched(red)]);
    expect(value(state)).toBe('green');
    expect(named(effects)).not.toContain('changed');
  });

  it('an answer of an older epoch changes nothing, whatever its revision', () => {
    const { state } = run([fetched(restored), opened, welcome(restored), beat(blue), fetched(blue)]);
    expect(state.store?.state).toEqual(stateOf(restored));
  });

  it('a newer epoch replaces everything', () => {
    const { state } = run([...PATHS.live, resync('epoch', 2_000), after(1_000, woke), fetched(restored)]);
    expect(value(state)).toBe('old');
  });

  it('304 with a newer position moves the position only', () => {
    const moved = { ...stateOf(red), revision: 9 };
    const { state, effects } = run([
      ...PATHS.live,
      beat(blue),
      { type: 'fetched', outcome: { kind: 'notModified', state: moved } },
    ]);
    expect(state.store?.state).toEqual(moved);
    expect(named(effects)).toBe('applied');
  });
});

describe('resync (I8)', () => {
  it('happens at most once in 10 s', () => {
    const first = run([...PATHS.live, received(deltaOf(green, blue)), fetched(red)]);
    expect(named(first.all).match(/fetchRuleSet/g)).toHaveLength(2);
    expect(named(run([after(9_999, woke)], first, first.nowMs).effects)).toBe('');
    expect(named(run([after(10_000, woke)], first, first.nowMs).effects)).toBe('fetchRuleSet');
  });

  it('waits for its share of the spread', () => {
    const asked = run([...PATHS.live, resync('epoch', 2_000)]);
    expect(named(asked.effects)).toBe('');
    expect(named(run([after(1_000, woke)], asked, asked.nowMs).effects)).toBe('fetchRuleSet');
  });

  it('for a new epoch is not satisfied by an answer that was under way', () => {
    const asked = run([...PATHS.live, beat(green), resync('epoch'), fetched(green)]);
    expect(named(run([after(10_000, woke)], asked, asked.nowMs).effects)).toBe('fetchRuleSet');
  });

  it('for another content of the same revision takes the new content', () => {
    const other = ruleSetOf(5, { flags: { a: flagBody({ value: 'violet', revision: 5 }) } });
    const { state } = run([...PATHS.live, beat(other), fetched(other)]);
    expect(value(state)).toBe('violet');
  });

  it('ends after three answers that do not have the position that a damaged frame had announced', () => {
    let state = run([...PATHS.live, received({ type: 'beat', ...stateOf(red), revision: 9_999 })]);
    for (const waitMs of [10_000, 20_000]) {
      state = run([fetched(red), after(waitMs, woke)], state, state.nowMs);
      expect(named(state.effects)).toBe('fetchRuleSet');
    }
    const doubtful = run([fetched(red)], state, state.nowMs);
    expect(running(doubtful.state)).toMatchObject({ behind: null, fetching: { kind: 'idle' }, health: { kind: 'stale' } });
    expect(named(run([after(BEAT_MS, beat(red))], doubtful, doubtful.nowMs).effects)).toBe('ready');
  });

  it('ends with the answer of the server, whatever digest a damaged frame had announced', () => {
    const damaged = received({ ...deltaOf(red, green), digest: '0123456789abcdef' });
    const { state } = run([...PATHS.live, damaged, fetched(green)]);
    expect(running(state)).toMatchObject({ behind: null, fetching: { kind: 'idle' } });
  });

  it('is not waited for where a damaged welcome had announced another digest of what is held: the next beat says READY', () => {
    const damaged = welcome(red, { digest: '0123456789abcdef' });
    const greeted = run([...PATHS.live, after(2.5 * BEAT_MS, woke), failed(), after(250, woke), opened, damaged]);
    expect(running(greeted.state).health.kind).toBe('stale');
    const beaten = run([after(BEAT_MS, beat())], greeted, greeted.nowMs);
    expect(running(beaten.state)).toMatchObject({ behind: null, fetching: { kind: 'idle' }, health: { kind: 'ready' } });
  });

  it('is made where a damaged welcome had announced a later position, and ends as with a beat', () => {
    const greeted = run([fetched(), opened, welcome(red, { revision: 9_999 })]);
    const beaten = run([after(BEAT_MS, beat())], greeted, greeted.nowMs);
    expect(named(beaten.effects)).toContain('fetchRuleSet');
    const newest = run([received(deltaOf(red, green))], beaten, beaten.nowMs);
    expect(value(newest.state)).toBe('green');
  });

  it('does not take an answer that is not the state that its header names', () => {
    for (const other of [{ digest: '0123456789abcdef' }, { revision: 9 }, { epoch: '1001-a' }]) {
      const damaged: ReplicaEvent = {
        type: 'fetched',
        outcome: { kind: 'ruleSet', ruleSet: green, state: { ...stateOf(green), ...other } },
      };
      const { state, effects } = run([...PATHS.live, beat(green), damaged]);
      expect(value(state)).toBe('red');
      expect(named(effects)).toBe('stale');
    }
  });
});

describe('a kill out of a frame that cannot be used (I6)', () => {
  it('applies before anything is fetched', () => {
    const kills = { epoch: '1000-a', kill: [{ key: 'a', offVariant: 'off', revision: 9 }] };
    const { state, effects } = run([
      ...PATHS.live,
      { type: 'received', message: { type: 'invalid', problem: 'malformed delta', closeCode: 4000, kills } },
    ]);
    expect(value(state)).toBe('off');
    expect(named(effects)).toBe('changed fetchRuleSet fetchKills');
  });
});

describe('reconnecting (I9)', () => {
  const waitMs = (end: ReturnType<typeof run>) => {
    const { link } = running(end.state);
    return link.kind === 'waiting' ? link.untilMs - end.nowMs : Number.NaN;
  };
  const fail = [closed(), after(60_000, woke)];

  it('waits longer after each failure in a row', () => {
    const waits = [0, 1, 2, 3].map((failures) => waitMs(run([...Array.from({ length: failures }, () => fail).flat(), closed()])));
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
  });

  it('starts from the beginning only after a minute of health', () => {
    const connect = [...fail, ...fail, opened, welcome()];
    expect(waitMs(run([fetched(), ...connect, after(30_000, beat()), closed({ code: 1006 })]))).toBe(1_000);
    expect(waitMs(run([fetched(), ...connect, after(30_000, beat()), after(30_000, beat()), closed({ code: 1006 })]))).toBe(250);
  });

  it('waits 3.75 to 5 minutes after a refused key or version, and keeps what it holds', () => {
    for (const end of [closed({ status: 401 }), closed({ status: 403 }), closed({ code: 4001 }), closed({ code: 4026 })]) {
      const refused = run([...PATHS.greeting, end]);
      expect(waitMs(refused)).toBe(262_500);
      expect(value(refused.state)).toBe('red');
    }
  });

  it('obeys Retry-After and goodbye', () => {
    expect(waitMs(run([fetched(), closed({ status: 503, retryAfterMs: 20_000 })]))).toBe(20_250);
    expect(waitMs(run([...PATHS.live, goodbye]))).toBe(2_250);
  });

  it('adds at most as much again to the time that a server named, however often it had failed before', () => {
    const failed = Array.from({ length: 5 }, () => fail).flat();
    expect(waitMs(run([fetched(), ...failed, closed({ status: 503, retryAfterMs: 2_000 })]))).toBe(3_000);
    const often = Array.from({ length: 7 }, () => fail).flat();
    expect(waitMs(run([fetched(), ...often, closed({ status: 503, retryAfterMs: 2_000 })]))).toBe(47_000);
  });

  it('waits longer after each goodbye in a row, whatever it says', () => {
    const now = received({ type: 'goodbye', reason: 'draining', retryAfterMs: 0, spreadMs: 0 });
    const again = [now, after(60_000, woke), opened];
    const waits = [0, 1, 2].map((times) =>
      waitMs(run([...PATHS.greeting, ...Array.from({ length: times }, () => again).flat(), now])),
    );
    expect(waits).toEqual([250, 500, 1_000]);
  });

  it('gives up a connection that is not welcomed in 10 s, without giving up', () => {
    const silent = run([fetched(), opened, after(10_000, woke)]);
    expect(named(silent.effects)).toBe('disconnect fetchRuleSet');
    expect(waitMs(silent)).toBe(250);
    expect(named(run([after(250, woke)], silent, silent.nowMs).effects)).toBe('connect');
  });
});

describe('polling (rule 6)', () => {
  it('begins after 15 s without a stream, comes every 30 s, and ends with a welcome', () => {
    const down = run([...PATHS.live, closed({ code: 1006 })]);
    const first = run([after(15_000, woke)], down, down.nowMs);
    expect(named(first.effects)).toBe('connect fetchRuleSet');
    const second = run(
      [{ type: 'fetched', outcome: { kind: 'notModified', state: stateOf(red) } }, after(30_000, woke)],
      first,
      first.nowMs,
    );
    expect(named(second.effects)).toContain('fetchRuleSet');
    expect(running(run([opened, welcome()], first, first.nowMs).state).poll.atMs).toBeNull();
  });

  it('that is refused waits 3.75 to 5 minutes, that is told to waits as told', () => {
    const pollInMs = (event: ReplicaEvent) => running(run([event]).state).poll.atMs;
    expect(pollInMs(failed(401))).toBe(262_500);
    expect(pollInMs(failed(503, 120_000))).toBe(120_000);
    expect(pollInMs(failed(500))).toBe(10_000);
  });
});
