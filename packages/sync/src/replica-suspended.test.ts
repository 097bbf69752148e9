import { describe, expect, it } from 'vitest';
import { startReplica } from './replica.ts';
import { loadRuleSet } from './store.ts';
import {
  after,
  blue,
  CONFIG,
  failed,
  fetched,
  named,
  opened,
  PATHS,
  red,
  run,
  running,
  value,
  welcome,
  woke,
} from './testing/replica-run.ts';

const HOUR_MS = 3_600_000;
const suspended = { type: 'suspended' } as const;
const resumed = { type: 'resumed' } as const;

describe('a replica that nobody looks at', () => {
  it('is STALE and asks for nothing, however long, and does not call that an error', () => {
    const away = run([...PATHS.live, suspended]);
    expect(named(away.effects)).toBe('disconnect stale');
    expect(named(run([after(24 * HOUR_MS, woke), after(HOUR_MS, woke)], away, away.nowMs).all)).toBe('disconnect stale');
    expect(value(away.state)).toBe('red');
  });

  it('connects and asks at once when somebody looks again, and is READY with what there is by then', () => {
    const back = run([...PATHS.live, suspended, after(HOUR_MS, resumed)]);
    expect(named(back.effects)).toBe('disconnect connect fetchRuleSet');
    const current = run([fetched(blue), opened, welcome(blue)], back, back.nowMs);
    expect(running(current.state).health.kind).toBe('ready');
    expect(value(current.state)).toBe('blue');
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
