/** The HTTP half of the replica: resyncs with their limit, polling, and what to make of an answer. */
import { afterResync, pollDelayMs, refusedDelayMs } from './backoff.ts';
import { RULE_SET_PATH, type SyncState } from './messages.ts';
import { compareEpochs, compareStates } from './position.ts';
import { type Draft, fallStale, holds, recovered, swapStore, update } from './replica-draft.ts';
import type { Behind, FetchOutcome } from './replica-state.ts';
import { advanceTo, loadRuleSet, type Store } from './store.ts';

export function startFetch(draft: Draft, path: string): void {
  update(draft, { fetching: { kind: 'inFlight', again: false } });
  draft.effects.push({ type: 'fetchRuleSet', path, have: draft.state.store?.state ?? null });
}

/**
 * Something exists that is newer than what is held and that no delta leads to; `target` names it where it is
 * known. Fetches within `spreadMs` and the limit. While an answer is under way it waits to see how new that is.
 */
export function resync(draft: Draft, target: SyncState | 'unknown', options: { path?: string; spreadMs?: number } = {}): void {
  const { behind, fetching, limit, store } = draft.state;
  update(draft, { behind: further(behind, target, store) });
  if (fetching.kind === 'inFlight' && target === 'unknown') update(draft, { fetching: { kind: 'inFlight', again: true } });
  if (fetching.kind !== 'idle') return;
  const atMs = Math.max(draft.nowMs + draft.random * (options.spreadMs ?? 0), limit.nextAtMs);
  update(draft, { fetching: { kind: 'scheduled', atMs, path: options.path ?? RULE_SET_PATH } });
}

/** Starts the fetches whose time has come. */
export function runDueFetches(draft: Draft): void {
  const { fetching, pollAtMs, limit } = draft.state;
  if (fetching.kind === 'scheduled' && fetching.atMs <= draft.nowMs) {
    update(draft, { limit: afterResync(limit, draft.nowMs) });
    startFetch(draft, fetching.path);
  }
  if (pollAtMs !== null && pollAtMs <= draft.nowMs) {
    update(draft, { pollAtMs: draft.nowMs + pollDelayMs(draft.random) });
    if (draft.state.fetching.kind !== 'inFlight') startFetch(draft, RULE_SET_PATH);
  }
}

export function onFetched(draft: Draft, outcome: FetchOutcome): void {
  const { fetching } = draft.state;
  if (fetching.kind !== 'inFlight') return;
  update(draft, { fetching: { kind: 'idle' } });
  const problem = outcome.kind === 'failed' ? outcome.problem : take(draft, outcome);
  if (problem !== null) {
    onFailed(draft, problem, outcome.kind === 'failed' ? outcome : { status: null, retryAfterMs: null });
    return;
  }
  const { behind, link, store, pollAtMs } = draft.state;
  const caughtUp = behind === null || (behind === 'unknown' ? !fetching.again : holds(store, behind));
  update(draft, { pollAtMs: link.kind === 'live' ? null : (pollAtMs ?? draft.nowMs + pollDelayMs(draft.random)) });
  if (!caughtUp) {
    resync(draft, behind);
    return;
  }
  update(draft, { behind: null });
  recovered(draft);
}

/** Takes what is newer into the store; returns what is wrong with the answer, or null. */
function take(draft: Draft, outcome: Exclude<FetchOutcome, { kind: 'failed' }>): string | null {
  const { store } = draft.state;
  if (outcome.kind === 'notModified') {
    if (store === null) return 'the server answered 304 to a request without an ETag';
    if (outcome.state !== undefined) swapStore(draft, advanceTo(store, outcome.state), []);
    return null;
  }
  const { ruleSet, state } = outcome;
  // An answer that is older than what the stream brought meanwhile, or of a replica that lags, is no fault.
  if (store !== null && compareStates(ruleSet, store.state) < 0) return null;
  const loaded = loadRuleSet(ruleSet, store);
  if (state !== undefined && compareStates(state, ruleSet) === 0 && state.digest !== loaded.store.state.digest) {
    return 'the rule set arrived damaged: its digest differs from the one announced';
  }
  if (store !== null && holds(store, loaded.store.state)) return null;
  swapStore(draft, loaded.store, loaded.flagsChanged);
  return null;
}

function onFailed(draft: Draft, problem: string, cause: { status: number | null; retryAfterMs: number | null }): void {
  const { link, behind, store, pollAtMs } = draft.state;
  // Nobody waits for this answer: the stream has brought everything meanwhile.
  if (link.kind === 'live' && behind === null && store !== null) return;
  const { nowMs, random } = draft;
  const refused = cause.status === 401 || cause.status === 403;
  const retryMs = Math.max(pollDelayMs(random), cause.retryAfterMs ?? 0);
  if (refused) update(draft, { pollAtMs: nowMs + refusedDelayMs(random) });
  else if (cause.retryAfterMs !== null) update(draft, { pollAtMs: nowMs + retryMs });
  else update(draft, { pollAtMs: pollAtMs ?? nowMs + retryMs });
  fallStale(draft, problem);
}

/** The newer of two announcements. A new epoch without a name gives way only to one that has it. */
function further(behind: Behind, target: SyncState | 'unknown', store: Store | null): Behind {
  if (behind === null || target === 'unknown') return target;
  if (behind === 'unknown') return store !== null && compareEpochs(target.epoch, store.state.epoch) > 0 ? target : behind;
  return compareStates(behind, target) < 0 ? target : behind;
}
