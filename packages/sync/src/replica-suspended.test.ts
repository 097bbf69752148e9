import { describe, expect, it } from 'vitest';
import { startReplica } from './replica.ts';
import { loadRuleSet } from './store.ts';
import { deltaOf, flagBody, ruleSetOf, unreadableFlag } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  CONFIG,
  closed,
  failed,
  fetched,
  green,
  late,
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

const HOUR_MS = 3_600_000;
const RESYNC_MS = 10_000;
const suspended = { type: 'suspended' } as const;
const resumed = { type: 'resumed' } as const;

describe('a replica that nobody looks at', () => {
  it('is STALE and asks for nothing, however long, and does not call that an error', () => {
    const away = run([...PATHS.live, suspended]);
    expect(named(away.effects)).toBe('disconnect stale');
    expect(named(run([after(24 * HOUR_MS, woke), after(HOUR_MS, woke)], away, away.nowMs).all)).toBe('disconnect stale');
    expect(value(away.state)).toBe('red');
  });

  it('asks for nothing either where something was under way or due, and stays STALE whatever the answer says', () => {
    const asking = [...PATHS.live, beat(green)];
    const ways = {
      'a fetch under way': asking,
      'one that waits for its limit': [
        ...asking,
        fetched(),
        received(deltaOf(green, blue)),
        after(RESYNC_MS, beat(blue)),
        beat(green),
      ],
      'one that waits for its share of a spread': [...PATHS.live, resync('epoch', 2_000)],
      'kills that wait': [...asking, { type: 'killsFetched', answer: null } as const, received(deltaOf(green, blue))],
      'a first fetch under way, with a rule set of the stream': [opened, welcome(), after(20_000, closed()), after(0, woke)],
    };
    const answers = {
      new: fetched(green),
      old: fetched(),
      refused: failed(401),
      'asked to wait': failed(503, 5_000),
      failed: failed(),
    };
    for (const [way, events] of Object.entries(ways)) {
      for (const [name, answer] of Object.entries(answers)) {
        const away = run([...events, suspended]);
        const kills = { type: 'killsFetched', answer: null } as const;
        const later = run(
          [after(100, answer), kills, ...Array.from({ length: 9 }, () => after(HOUR_MS, woke))],
          away,
          away.nowMs,
        );
        expect([way, name, named(later.all.slice(away.effects.length))]).toEqual([way, name, '']);
        const back = run([resumed], later, later.nowMs);
        expect([way, name, named(back.effects)]).toEqual([way, name, expect.stringMatching(/^disconnect connect fetchRuleSet/)]);
      }
    }
  });

  it('while it starts, is STALE with what it has, and no error after five minutes', () => {
    const kept = startReplica(CONFIG, 0, loadRuleSet(red, null).store);
    const behind = run([opened, welcome(green), fetched(red)]);
    for (const start of [kept, behind]) {
      const away = run([suspended, after(5_000, woke), after(HOUR_MS, woke)], start);
      expect(named(away.all.slice(start.effects.length))).toBe('disconnect ready stale');
    }
  });

  it('names what it finds to be unreadable to nobody, and asks for its kills when somebody looks again', () => {
    const many = Array.from({ length: 500 }, (_, index) => [`flag-${index}`, flagBody({})] as const);
    const large = ruleSetOf(6, { flags: { ...Object.fromEntries(many), z: unreadableFlag({ revision: 6 }) } });
    const away = run([opened, welcome(large), fetched(large), suspended, woke, woke, woke, woke]);
    expect(away.state.store?.rejected).toHaveLength(1);
    expect(named(away.effects)).toBe('');
    expect(named(away.all)).not.toContain('fetchKills');
    expect(named(run([resumed], away, away.nowMs).effects)).toBe('disconnect connect fetchRuleSet fetchKills');
  });

  it('connects and asks at once when somebody looks again, and is READY with what there is by then', () => {
    const back = run([...PATHS.live, suspended, after(HOUR_MS, resumed)]);
    expect(named(back.effects)).toBe('disconnect connect fetchRuleSet');
    const current = run([fetched(blue), opened, welcome(blue)], back, back.nowMs);
    expect(running(current.state).health.kind).toBe('ready');
    expect(value(current.state)).toBe('blue');
  });

  it('asks anew when somebody looks again, whatever was under way, and that answer of long ago does not say that it is current', () => {
    const back = run([...PATHS.live, beat(green), suspended, after(HOUR_MS, resumed)]);
    expect(named(back.effects)).toBe('disconnect connect fetchRuleSet');
    const old = run([late(fetched(red)), late(failed(401))], back, back.nowMs);
    expect(named(old.all.slice(back.effects.length))).toBe('');
    expect(running(old.state)).toMatchObject({ health: { kind: 'stale' }, fetching: { kind: 'inFlight' } });
    expect(named(run([fetched(blue)], old, old.nowMs).effects)).toBe('changed ready');
  });

  it('that finds no server when somebody looks again, is in ERROR five minutes later, like any other', () => {
    const back = run([...PATHS.live, suspended, after(HOUR_MS, resumed), failed()]);
    expect(running(back.state).health.kind).toBe('stale');
    expect(named(run([after(299_999, woke)], back, back.nowMs).effects)).not.toContain('failed');
    expect(named(run([after(300_000, woke)], back, back.nowMs).effects)).toContain('failed');
  });
});

it('another network: the backoff starts again, and a request that fails says at once that answers may be old', () => {
  const moved = run([...PATHS.live, resumed]);
  expect(running(moved.state).health.kind).toBe('ready');
  expect(named(run([failed(null)], moved, moved.nowMs).effects)).toContain('stale');
  expect(running(run([...PATHS.waiting, resumed]).state).link).toMatchObject({ kind: 'connecting', attempt: 0 });
});

it('a rule set that came from a server just now is READY at once, and STALE only when the server cannot be asked', () => {
  const { store } = loadRuleSet(red, null);
  const fresh = startReplica(CONFIG, 0, store, true);
  expect(named(fresh.effects)).toBe('connect fetchRuleSet ready');
  expect(named(run([failed()], fresh).effects)).toContain('stale');
  const kept = startReplica(CONFIG, 0, store);
  expect(named(run([after(50, woke)], kept).effects)).toBe('ready stale');
});
