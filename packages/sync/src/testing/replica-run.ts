/** Scripts for the replica: events with their times, and readable forms of what comes out. */
import { resolve } from '@yardarm/evaluator';
import { BEAT_MS, RULE_SET_PATH, type ServerMessage, type SyncState } from '../messages.ts';
import { replicaStep, startReplica } from '../replica.ts';
import type { FetchOutcome, Link, ReplicaEffect, ReplicaEvent, ReplicaState } from '../replica-state.ts';
import { flagBody, ruleSetOf, stateOf } from './model.ts';

export type Timed = ReplicaEvent & { readonly afterMs?: number };

export const CONFIG = { sdk: 'test/1', app: { name: 'shop' }, instance: 'i', initializeTimeoutMs: 3_000 };
export const red = ruleSetOf(5, { flags: { a: flagBody({ value: 'red', revision: 5 }) } });
export const green = ruleSetOf(6, { flags: { a: flagBody({ value: 'green', revision: 6 }) } });
export const blue = ruleSetOf(7, { flags: { a: flagBody({ value: 'blue', revision: 7 }) } });
export const restored = ruleSetOf(2, { flags: { a: flagBody({ value: 'old', revision: 2 }) } }, '2000-a');

export const received = (message: ServerMessage): ReplicaEvent => ({ type: 'received', message });
export const welcome = (ruleSet = red, damaged: Partial<SyncState> = {}) =>
  received({ type: 'welcome', format: 1, view: 'server', beatMs: BEAT_MS, now: 1_000_000, ...stateOf(ruleSet), ...damaged });
export const beat = (ruleSet = red) => received({ type: 'beat', ...stateOf(ruleSet) });
export const resync = (reason: 'gap' | 'epoch' | 'digest' | 'too_old', spreadMs = 0) =>
  received({ type: 'resync', reason, url: RULE_SET_PATH, spreadMs });
export const goodbye = received({ type: 'goodbye', reason: 'restart', retryAfterMs: 1_000, spreadMs: 2_000 });
export const fetched = (ruleSet = red): ReplicaEvent => ({
  type: 'fetched',
  outcome: { kind: 'ruleSet', ruleSet, state: stateOf(ruleSet) },
});
/** An answer to a request in whose place another one was made since. */
export const late = (event: ReplicaEvent): ReplicaEvent => (event.type === 'fetched' ? { ...event, isLate: true } : event);
export const failed = (status: number | null = 500, retryAfterMs: number | null = null): ReplicaEvent => {
  const outcome: FetchOutcome = { kind: 'failed', status, retryAfterMs, problem: `the server answered ${status}` };
  return { type: 'fetched', outcome };
};
export const closed = (end: { code?: number; status?: number; retryAfterMs?: number } = {}): ReplicaEvent => {
  const { code = null, status = null, retryAfterMs = null } = end;
  return { type: 'closed', code, status, retryAfterMs, problem: 'closed' };
};
export const woke: ReplicaEvent = { type: 'woke' };
export const opened: ReplicaEvent = { type: 'opened' };

/** Runs events from a start at 0 ms with random 0.5; answers the last state, all effects and those of the last event. */
export function run(events: readonly Timed[], from = startReplica(CONFIG, 0), startMs = 0) {
  let { state, effects } = from;
  const all = [...effects];
  let nowMs = startMs;
  for (const { afterMs = 0, ...event } of events) {
    nowMs += afterMs;
    ({ state, effects } = replicaStep(state, event as ReplicaEvent, nowMs, 0.5));
    all.push(...effects);
  }
  return { state, effects, all, nowMs };
}
export const after = (ms: number, event: ReplicaEvent): Timed => ({ ...event, afterMs: ms });
export const running = (state: ReplicaState) => {
  if (state.phase !== 'running') throw new Error('stopped');
  return state;
};
export const value = (state: ReplicaState) => state.store && resolve(state.store.rules, 'a', 'string', {}, 0).value;
export const named = (effects: readonly ReplicaEffect[]) =>
  effects
    .filter((effect) => effect.type !== 'wake' && effect.type !== 'clock')
    .map((effect) => (effect.type === 'send' ? effect.message.type : effect.type))
    .join(' ');

/** Links by name, as the events that lead to them; each holds revision 5. */
export const PATHS: Record<Link['kind'], readonly Timed[]> = {
  connecting: [fetched()],
  greeting: [fetched(), opened],
  live: [fetched(), opened, welcome()],
  waiting: [fetched(), closed()],
};
