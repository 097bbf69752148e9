/**
 * One step of the replica in the making, and what every kind of event shares: swapping the store, being behind,
 * health. A draft lives for one step only; the states before and after it are immutable.
 */
import { STALE_ERROR_MS } from './backoff.ts';
import type { SyncState } from './messages.ts';
import { compareStates } from './position.ts';
import type { ReplicaEffect, Running } from './replica-state.ts';
import type { Store, StoreChange } from './store.ts';

export interface Draft {
  state: Running;
  readonly effects: ReplicaEffect[];
  readonly nowMs: number;
  readonly random: number;
}

export function update(draft: Draft, patch: Partial<Running>): void {
  draft.state = { ...draft.state, ...patch };
}

/** Puts a new store in place; the receipt follows. Catching up with what the server announced ends STALE. */
export function swapStore(draft: Draft, { store, flagsChanged }: StoreChange): void {
  const before = draft.state.store;
  if (store === before) return;
  update(draft, { store });
  if (before !== null && flagsChanged.length > 0) draft.effects.push({ type: 'changed', flagsChanged });
  if (before !== null && compareStates(before.state, store.state) === 0 && before.state.digest === store.state.digest) return;
  update(draft, { receipts: { ...draft.state.receipts, due: true } });
}

/** Whether what is held is at least what the state names: newer, or the same with the same content. */
export function holds(store: Store | null, state: SyncState): boolean {
  if (store === null) return false;
  const order = compareStates(store.state, state);
  return order > 0 || (order === 0 && store.state.digest === state.digest);
}

/** Forgets being behind once the store has caught up, with the fetch that nobody needs any more, and says so. */
export function settleBehind(draft: Draft): void {
  const { behind, store, link, fetching } = draft.state;
  if (behind !== null && behind !== 'unknown' && holds(store, behind)) {
    update(draft, { behind: null, fetching: fetching.kind === 'scheduled' ? { kind: 'idle' } : fetching });
  }
  if (draft.state.behind === null && link.kind === 'live') recovered(draft);
}

/** What is held is current, as far as the server can say. */
export function recovered(draft: Draft): void {
  const { health, store } = draft.state;
  if (store === null || health.kind === 'ready') return;
  update(draft, { health: { kind: 'ready' }, problem: null });
  draft.effects.push({ type: 'ready' });
}

/** Answers go on, but nothing says any more that they are current. */
export function fallStale(draft: Draft, problem: string): void {
  const { health } = draft.state;
  update(draft, { problem });
  if (health.kind !== 'ready') return;
  update(draft, { health: { kind: 'stale', sinceMs: draft.nowMs } });
  draft.effects.push({ type: 'stale', problem });
}

/** When `health` changes by itself. */
export function healthAtMs(state: Running): number | null {
  const { health } = state;
  if (health.kind === 'starting') return health.untilMs;
  return health.kind === 'stale' && !isSuspended(state) ? health.sinceMs + STALE_ERROR_MS : null;
}

/** What `health` becomes when its time has come: `failed` without a rule set, or after STALE for too long. */
export function settleHealth(draft: Draft): void {
  const { health, problem, store, hasHeard } = draft.state;
  if (health.kind === 'starting' && store !== null) {
    // Known to be behind, or kept of an earlier run, but there: better than code defaults, and the way to the newest goes on.
    recovered(draft);
    if (!hasHeard || isSuspended(draft.state)) fallStale(draft, problem ?? 'no answer from the server yet');
    return;
  }
  const what = health.kind === 'starting' ? 'No rule set arrived in time' : 'No contact with the server for too long';
  update(draft, { health: { kind: 'error' } });
  draft.effects.push({ type: 'failed', problem: problem === null ? `${what}.` : `${what}: ${problem}` });
}

/** Nobody looks: nothing is asked, nor is not to hear from the server ever an error. */
export function isSuspended({ quietUntilMs }: Running): boolean {
  return quietUntilMs === Number.POSITIVE_INFINITY;
}

export function isTalking({ link }: Running): boolean {
  return link.kind === 'live' || link.kind === 'greeting';
}
