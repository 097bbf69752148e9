import { describe, expect, it } from 'vitest';
import { type DeltaMessage, deltaPath, RULE_SET_PATH } from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import type { ReplicaEvent } from './replica-state.ts';
import { deltaOf, stateOf } from './testing/model.ts';
import {
  after,
  beat,
  blue,
  failed,
  fetched,
  green,
  late,
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

const path = deltaPath('1000-a', 5, 6);
const tooOld = (url = path, spreadMs = 0) => received({ type: 'resync', reason: 'too_old', url, spreadMs });
const delta = (message: DeltaMessage | InvalidMessage = deltaOf(red, green)): ReplicaEvent => ({
  type: 'fetched',
  outcome: { kind: 'delta', message },
});
const asked = run([...PATHS.live, tooOld()]);
const kill = [{ key: 'a', offVariant: 'off', revision: 6 }];
const invalid: InvalidMessage = { type: 'invalid', problem: 'malformed', closeCode: 4000, kills: { epoch: '1000-a', kill } };

describe('a delta by its address', () => {
  it('is fetched within the spread, and applied like a pushed one', () => {
    const spread = run([...PATHS.live, tooOld(path, 4_000), after(1_999, woke)]);
    expect(named(spread.effects)).toBe('');
    const started = run([after(1, woke)], spread, spread.nowMs);
    expect(started.effects).toContainEqual({ type: 'fetchDelta', path });
    const applied = run([delta()], started, started.nowMs);
    expect(named(applied.effects)).toBe('changed applied');
    expect(applied.state.store?.state).toEqual(stateOf(green));
    expect(running(applied.state).behind).toBeNull();
  });

  it('gives way to the rule set, as early as either was due, when a new epoch or another content is announced before its turn', () => {
    for (const reason of ['epoch', 'digest'] as const) {
      const waiting = run([...PATHS.live, tooOld(path, 20_000), resync(reason, 2_000)]);
      expect(named(run([after(999, woke)], waiting, waiting.nowMs).effects)).toBe('');
      const started = run([after(1_000, woke)], waiting, waiting.nowMs);
      expect(started.effects).toContainEqual({ type: 'fetchRuleSet', have: stateOf(red) });
      expect(named(run([fetched(restored)], started, started.nowMs).effects)).toContain('changed');
    }
  });

  it('that does not lead on is a gap: its kills count, and the whole rule set follows within the limit', () => {
    const away: DeltaMessage = { ...deltaOf(green, blue), kill };
    for (const message of [away, { ...deltaOf(red, green), digest: '0123456789abcdef', kill }, invalid]) {
      const gap = run([delta(message)], asked);
      expect(named(gap.effects)).toBe('changed fetchKills');
      expect(value(gap.state)).toBe('off');
      expect(named(run([after(9_999, woke)], gap, gap.nowMs).effects)).toBe('');
      const next = run([after(10_000, woke)], gap, gap.nowMs);
      expect(next.effects).toContainEqual({ type: 'fetchRuleSet', have: stateOf(red) });
      expect(value(run([fetched(blue)], next, next.nowMs).state)).toBe('blue');
    }
  });

  it('that cannot be had gives way to the rule set within the limit, or when the server says', () => {
    for (const status of [404, 500, null]) {
      const gone = run([failed(status)], asked);
      expect(named(gone.effects)).toBe('');
      expect(named(run([after(10_000, woke)], gone, gone.nowMs).effects)).toBe('fetchRuleSet');
    }
    const told = running(run([failed(503, 60_000)], asked).state);
    expect([told.fetching.kind, told.poll.atMs, told.health.kind]).toEqual(['idle', 60_000, 'stale']);
  });

  it('that arrives after the stream has brought as much changes nothing (I2)', () => {
    const late = run([received(deltaOf(red, blue)), delta()], asked);
    expect(value(late.state)).toBe('blue');
    expect(named(late.effects)).toBe('');
  });

  it('that arrives after another request was made in its place counts all the same, and answers nothing else', () => {
    const dead = run([after(37_500, woke)], asked);
    expect(named(dead.effects)).toBe('disconnect stale fetchRuleSet');
    const applied = run([late(delta({ ...deltaOf(red, green), kill }))], dead, dead.nowMs);
    expect(named(applied.effects)).toBe('changed');
    expect(running(applied.state)).toMatchObject({ health: { kind: 'stale' }, fetching: { kind: 'inFlight' } });
    const gap = run([late(delta({ ...deltaOf(green, blue), kill }))], dead, dead.nowMs);
    expect(value(gap.state)).toBe('off');
  });

  it('is not fetched any more once the stream has brought what it would have', () => {
    const spread = run([...PATHS.live, beat(green), fetched(red), received(deltaOf(red, green)), after(30_000, woke)]);
    expect(named(spread.effects)).not.toContain('fetchRuleSet');
  });

  it('is taken for the rule set where there is nothing to add it to, and for a new epoch or other content', () => {
    const nothing = run([opened, welcome(), failed(500), tooOld()]);
    expect(named(nothing.effects)).toBe('fetchRuleSet');
    for (const reason of ['epoch', 'digest'] as const) {
      const message = { type: 'resync', reason, url: path, spreadMs: 0 } as const;
      expect(named(run([...PATHS.live, received(message)]).effects)).toBe('fetchRuleSet');
    }
  });

  it('does not stand in the way of a new epoch', () => {
    const moved = run([...PATHS.live, tooOld(), resync('epoch'), delta(), after(10_000, woke), fetched(restored)]);
    expect(value(moved.state)).toBe('old');
  });

  it('needs no address: a resync that names the rule set fetches that', () => {
    expect(named(run([...PATHS.live, tooOld(RULE_SET_PATH)]).effects)).toBe('fetchRuleSet');
  });
});
