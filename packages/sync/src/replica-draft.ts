/**
 * One step of the replica in the making, and what every kind of event shares: swapping the store, receipts,
 * health. A draft lives for one step only; the states before and after it are immutable.
 */
import { STALE_ERROR_MS } from './backoff.ts';
import { MAX_REJECTED, MAX_TEXT, type SyncState } from './messages.ts';
import { compareStates } from './position.ts';
import type { ReplicaEffect, Running } from './replica-state.ts';
import { checkBodies, type Store } from './store.ts';

/** Receipts are coalesced to ten a second: the first leaves at once, so that a kill is confirmed at once. */
const RECEIPT_INTERVAL_MS = 100;

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
export function swapStore(draft: Draft, store: Store, flagsChanged: readonly string[]): void {
  const before = draft.state.store;
  if (store === before) return;
  update(draft, { store });
  if (before !== null && flagsChanged.length > 0) draft.effects.push({ type: 'changed', flagsChanged });
  if (before !== null && compareStates(before.state, store.state) === 0 && before.state.digest === store.state.digest) return;
  update(draft, { receipt: { ...draft.state.receipt, due: true } });
  if (isTalking(draft.state) && store.rejected.length > 0 && store.rejected !== before?.rejected) sendRejected(draft, store);
}

/** Sends the receipt that is due, once its time has come and there is a socket for it. */
export function settleReceipt(draft: Draft): void {
  const { receipt, store, link } = draft.state;
  if (!receipt.due || store === null) return;
  if (link.kind === 'waiting' || link.kind === 'connecting') {
    // The next hello says it.
    update(draft, { receipt: { ...receipt, due: false } });
    return;
  }
  if (draft.nowMs < receipt.notBeforeMs) return;
  draft.effects.push({ type: 'send', message: { type: 'applied', ...store.state } });
  update(draft, { receipt: { due: false, notBeforeMs: draft.nowMs + RECEIPT_INTERVAL_MS } });
}

/** When a receipt that waits may leave. */
export function receiptAtMs({ receipt }: Running): number | null {
  return receipt.due ? receipt.notBeforeMs : null;
}

/** When the next bodies may be looked at: at once, but after whatever the host has to do. */
export function checkAtMs({ store }: Running): number | null {
  return store !== null && store.unchecked.length > 0 ? 0 : null;
}

/** Looks at the next few bodies of a large rule set, and reports once all have been looked at. */
export function checkOn(draft: Draft): void {
  if (checkAtMs(draft.state) === null || draft.state.store === null) return;
  const store = checkBodies(draft.state.store);
  update(draft, { store });
  if (store.unchecked.length === 0 && store.rejected.length > 0 && isTalking(draft.state)) sendRejected(draft, store);
}

/** As much as the server keeps: it closes the connection on a frame above 64 KiB, and would on every later one. */
export function sendRejected(draft: Draft, store: Store): void {
  const { revision } = store.state;
  const errors = store.rejected.slice(0, MAX_REJECTED).map((error) => ({ ...error, path: error.path.slice(0, MAX_TEXT) }));
  draft.effects.push({ type: 'send', message: { type: 'rejected', revision, errors } });
}

/** Whether what is held is at least what the state names: newer, or the same with the same content. */
export function holds(store: Store | null, state: SyncState): boolean {
  if (store === null) return false;
  const order = compareStates(store.state, state);
  return order > 0 || (order === 0 && store.state.digest === state.digest);
}

/** Forgets being behind once the store has caught up, and says so. */
export function settleBehind(draft: Draft): void {
  const { behind, store, link } = draft.state;
  if (behind !== null && behind !== 'unknown' && holds(store, behind)) update(draft, { behind: null });
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
export function healthAtMs({ health }: Running): number | null {
  if (health.kind === 'starting') return health.untilMs;
  return health.kind === 'stale' ? health.sinceMs + STALE_ERROR_MS : null;
}

/** What `health` becomes when its time has come: `failed` without a rule set, or after STALE for too long. */
export function settleHealth(draft: Draft): void {
  const { health, problem, store } = draft.state;
  if (health.kind === 'starting' && store !== null) {
    // Known to be behind, but there: better than code defaults, and the way to the newest goes on.
    recovered(draft);
    return;
  }
  const what = health.kind === 'starting' ? 'No rule set arrived in time' : 'No contact with the server for too long';
  update(draft, { health: { kind: 'error' } });
  draft.effects.push({ type: 'failed', problem: problem === null ? `${what}.` : `${what}: ${problem}` });
}

export function isTalking({ link }: Running): boolean {
  return link.kind === 'live' || link.kind === 'greeting';
}
