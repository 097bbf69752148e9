/** What the replica tells the server about itself: the state it runs and the bodies it could not read. */
import { MAX_REJECTED, MAX_REJECTED_POLLED, MAX_TEXT, type RejectedBody } from './messages.ts';
import { hasPosition } from './position.ts';
import { type Draft, isTalking, update } from './replica-draft.ts';
import type { Running } from './replica-state.ts';
import { checkBodies, type Store } from './store.ts';

/** Receipts are coalesced to ten a second: the first leaves at once, so that a kill is confirmed at once. */
const RECEIPT_INTERVAL_MS = 100;

/**
 * Sends what is due, once its time has come and there is a socket for it: what runs here, and before it what could not be read of it, since a
 * server keeps that of one state alone. What is found later, and on each connection, is named by itself.
 */
export function settleReceipt(draft: Draft): void {
  const { receipts, store } = draft.state;
  const { due } = receipts;
  const rejected = rejectedOf(store);
  const isUntold = rejected.length > 0 && rejected !== receipts.toldRejected;
  if (store === null || !(due || isUntold)) return;
  if (!isTalking(draft.state)) {
    // The next hello says it.
    update(draft, { receipts: { ...receipts, due: false } });
    return;
  }
  if (due && draft.nowMs < receipts.notBeforeMs) return;
  const { epoch, revision } = store.state;
  const errors = named(rejected, MAX_REJECTED);
  if (errors.length > 0) draft.effects.push({ type: 'send', message: { type: 'rejected', epoch, revision, errors } });
  if (due) draft.effects.push({ type: 'send', message: { type: 'applied', ...store.state } });
  update(draft, { receipts: { due: false, notBeforeMs: draft.nowMs + RECEIPT_INTERVAL_MS, toldRejected: rejected } });
}

/** When a receipt that waits may leave. */
export function receiptAtMs({ receipts }: Running): number | null {
  return receipts.due ? receipts.notBeforeMs : null;
}

/**
 * Tells the server over HTTP what runs here, with each answer that comes while attempts at a stream fail, new or not: it forgets after 75 s whom it
 * does not hear.
 */
export function sendReceipt(draft: Draft): void {
  const { store, link, config } = draft.state;
  if (link.kind === 'live' || link.attempt === 0 || store === null || !hasPosition(store.state)) return;
  const { instance, sdk, app } = config;
  const rejected = named(rejectedOf(store), MAX_REJECTED_POLLED);
  const receipt = { instance, sdk, app, applied: store.state, ...(rejected.length > 0 && { rejected }) };
  draft.effects.push({ type: 'sendReceipt', receipt });
}

/** What could not be read of what the server sent; nothing while there are bodies that nobody has looked at. */
export function rejectedOf(store: Store | null): readonly RejectedBody[] {
  return store !== null && store.unchecked.length === 0 && hasPosition(store.state) ? store.rejected : [];
}

/** When the next bodies may be looked at: at once, but after whatever the host has to do. */
export function checkAtMs({ store }: Running): number | null {
  return store?.unchecked.length ? 0 : null;
}

/** Looks at the next few bodies of a large rule set. */
export function checkOn(draft: Draft): void {
  const { store } = draft.state;
  if (store?.unchecked.length) update(draft, { store: checkBodies(store) });
}

/** As much as the server keeps: it closes the connection on a frame above 64 KiB, and would on every later one. */
function named(rejected: readonly RejectedBody[], most: number): readonly RejectedBody[] {
  return rejected.slice(0, most).map((error) => ({ ...error, path: error.path.slice(0, MAX_TEXT) }));
}
