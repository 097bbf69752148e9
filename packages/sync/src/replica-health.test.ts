import { describe, expect, it } from 'vitest';
import { BEAT_MS } from './messages.ts';
import { deltaOf } from './testing/model.ts';
import {
  after,
  beat,
  blue,
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
  welcome,
  woke,
} from './testing/replica-run.ts';

describe('health', () => {
  const dead = run([...PATHS.live, after(2.5 * BEAT_MS, woke)]);

  it('is STALE after 2.5 silent beats, with a poll and a reconnect at once (rule 7)', () => {
    expect(named(dead.effects)).toBe('disconnect stale fetchRuleSet');
    expect(running(dead.state).link).toMatchObject({ kind: 'waiting', untilMs: dead.nowMs + 250 });
  });

  it('stays READY while anything is heard', () => {
    const heard = run([...PATHS.live, after(30_000, { type: 'heard' }), after(30_000, woke)]);
    expect(running(heard.state).health.kind).toBe('ready');
  });

  it('is READY again with a welcome, or with a poll that succeeds', () => {
    expect(named(run([after(250, woke), opened, welcome()], dead, dead.nowMs).effects)).toBe('ready');
    expect(named(run([fetched()], dead, dead.nowMs).effects)).toBe('sendReceipt ready');
  });

  it('is not READY again before what the welcome announced has arrived', () => {
    const back = run([after(250, woke), opened, welcome(green)], dead, dead.nowMs);
    expect(named(back.effects)).toBe('');
    expect(named(run([received(deltaOf(red, green))], back, back.nowMs).effects)).toBe('changed ready applied');
  });

  it('is not harmed by a poll that fails after the stream has brought everything', () => {
    const back = run([after(250, woke), opened, welcome()], dead, dead.nowMs);
    expect(named(run([failed()], back, back.nowMs).effects)).toBe('');
  });

  it('is STALE while three answers in a row and more are older than what the stream names, and READY with one that is not', () => {
    for (const newest of [blue, restored]) {
      const twice = run([
        ...PATHS.live,
        beat(newest),
        fetched(red),
        after(10_000, woke),
        fetched(red),
        after(5_000, beat(newest)),
      ]);
      expect(named(twice.all)).not.toContain('stale');
      const thrice = run([after(15_000, woke), fetched(red)], twice, twice.nowMs);
      expect(named(thrice.effects)).toBe('stale');
      const beats = [0, 1, 2, 3, 4].flatMap(() => [after(BEAT_MS, beat(newest)), woke, fetched(red)]);
      const still = run(beats, thrice, thrice.nowMs);
      expect(named(still.all.slice(thrice.effects.length))).not.toContain('ready');
      const last = run([after(BEAT_MS, beat(newest)), after(80_000, { type: 'heard' }), woke], still, still.nowMs);
      expect(running(run([fetched(newest)], last, last.nowMs).state).health.kind).toBe('ready');
    }
  });

  it('is STALE where the answers are of the epoch before the one that a resync had spoken of', () => {
    const asked = run([...PATHS.live, resync('epoch'), fetched(red), after(BEAT_MS, beat(restored)), fetched(red)]);
    expect(running(asked.state).health.kind).toBe('ready');
    expect(named(run([after(20_000, woke), fetched(red)], asked, asked.nowMs).effects)).toBe('stale');
  });

  it('does not flicker when a connection is replaced within seconds', () => {
    const { all } = run([...PATHS.live, goodbye, after(2_000, woke), opened, welcome()]);
    expect(named(all)).not.toContain('stale');
  });

  it('is ERROR after five minutes of STALE, and READY after that all the same', () => {
    const long = run([failed(null), after(300_000, woke)], dead, dead.nowMs);
    expect(long.effects).toContainEqual({
      type: 'failed',
      problem: 'No contact with the server for too long: the server answered null',
    });
    expect(named(run([fetched()], long, long.nowMs).effects)).toBe('sendReceipt ready');
  });
});
