/** The HTTP half of the replica: resyncs and kills with their limits, polling, and what to make of an answer. */
import { afterResync, DOUBTFUL_MS, pollDelayMs, refusedDelayMs } from './backoff.ts';
import { type DeltaMessage, RULE_SET_PATH, type SyncState } from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import { compareEpochs, compareStates } from './position.ts';
import { type Draft, fallStale, holds, isSuspended, recovered, swapStore, update } from './replica-draft.ts';
import { sendReceipt } from './replica-receipts.ts';
import { type Behind, broken, type FailedFetch, type FetchOutcome, type ReplicaEvent, type Running } from './replica-state.ts';
import { advanceTo, applyDelta, applyKills, loadRuleSet, type Store } from './store.ts';

export function startFetch(draft: Draft, path: string): void {
  update(draft, { fetching: { kind: 'inFlight', path, again: false } });
  const have = draft.state.store?.state ?? null;
  draft.effects.push(path === RULE_SET_PATH ? { type: 'fetchRuleSet', have } : { type: 'fetchDelta', path });
}

/**
 * Something exists that is newer than what is held and that no delta leads to; `target` names it where it is
 * known. Fetches within `spreadMs` and the limit. While an answer is under way it waits to see how new that is; what is only
 * scheduled becomes the rule set where nobody knows any more what a delta would lead to.
 */
export function resync(draft: Draft, target: SyncState | 'unknown', path = RULE_SET_PATH, spreadMs = 0): void {
  const { behind, fetching, limit, store } = draft.state;
  update(draft, { behind: further(behind, target, store) });
  if (fetching.kind === 'inFlight' && target === 'unknown') update(draft, { fetching: { ...fetching, again: true } });
  const atMs = Math.max(draft.nowMs + draft.random * spreadMs, limit.nextAtMs);
  if (fetching.kind === 'idle') update(draft, { fetching: { kind: 'scheduled', atMs, path } });
  else if (fetching.kind === 'scheduled' && target === 'unknown')
    update(draft, { fetching: { kind: 'scheduled', atMs: Math.min(atMs, fetching.atMs), path: RULE_SET_PATH } });
}

/** Something may have been lost, and with it a kill: asks for all kills, which need no rule to be readable. */
export function askKills(draft: Draft): void {
  if (draft.state.store !== null) update(draft, { killing: { ...draft.state.killing, due: true } });
}

/** When the kills that are due may be asked for. */
export function killsAtMs({ killing }: Running): number | null {
  return killing.due && !killing.inFlight ? killing.limit.nextAtMs : null;
}

/** Starts the requests whose time has come. */
export function runDueFetches(draft: Draft): void {
  const { nowMs, random } = draft;
  const { fetching, poll, limit, killing, quietUntilMs } = draft.state;
  if (nowMs < quietUntilMs) return;
  // Before what is scheduled, which may be a delta of long ago.
  if (poll.atMs !== null && poll.atMs <= nowMs) {
    update(draft, { poll: { ...poll, atMs: nowMs + pollDelayMs(poll.everyMs, random), patience: 0 } });
    if (fetching.kind !== 'inFlight') startFetch(draft, RULE_SET_PATH);
  } else if (fetching.kind === 'scheduled' && fetching.atMs <= nowMs) {
    update(draft, { limit: afterResync(limit, nowMs) });
    startFetch(draft, fetching.path);
  }
  const killsMs = killsAtMs(draft.state);
  if (killsMs !== null && killsMs <= nowMs) {
    update(draft, { killing: { due: false, inFlight: true, limit: afterResync(killing.limit, nowMs) } });
    draft.effects.push({ type: 'fetchKills' });
  }
}

export function onFetched(draft: Draft, { outcome, isLate }: Extract<ReplicaEvent, { type: 'fetched' }>): void {
  const { fetching } = draft.state;
  // Whoever looks again asks anew.
  if (isSuspended(draft.state)) return;
  if (isLate || fetching.kind !== 'inFlight') {
    // May be of long ago, and says nothing of now; what it brings counts all the same.
    take(draft, outcome);
    return;
  }
  update(draft, { fetching: { kind: 'idle' } });
  const failure = take(draft, outcome);
  if (failure !== null) {
    const isRuleSet = fetching.path === RULE_SET_PATH;
    if (isRuleSet || isRefused(failure.status) || failure.retryAfterMs !== null) onFailed(draft, failure);
    // The rule set is always right; the limit keeps it from following too soon.
    else resync(draft, draft.state.behind ?? 'unknown');
    return;
  }
  const { behind, link, store, poll, limit } = draft.state;
  // Whatever digest was announced: the frame may have been damaged, and the server's own answer was not.
  const caughtUp =
    behind === null || (behind === 'unknown' ? !fetching.again : store !== null && compareStates(store.state, behind) >= 0);
  const atMs = poll.atMs ?? draft.nowMs + pollDelayMs(poll.everyMs, draft.random);
  update(draft, { poll: { ...poll, atMs: link.kind === 'live' ? null : atMs, again: false }, hasHeard: true });
  // Who is let in here again will be let in there: with the next poll at the latest, so that a fleet comes as spread as its polls are.
  if (link.kind === 'waiting' && link.refused && poll.again)
    update(draft, { link: { ...link, untilMs: Math.min(link.untilMs, atMs) } });
  sendReceipt(draft);
  // What answer after answer does not have was announced by a damaged frame, and the next one says so; or it cannot be had.
  const inVain = !caughtUp && limit.intervalMs >= DOUBTFUL_MS;
  if (!caughtUp && !(inVain && behind !== 'unknown' && behind.epoch === store?.state.epoch)) resync(draft, behind);
  else update(draft, { behind: null });
  if (inVain && link.kind === 'live') fallStale(draft, 'answers are older than what the server has announced');
  else if (draft.state.behind === null) recovered(draft);
}

/** Off stays off: what the answer does not list is left as it is. An answer older than what is held says nothing, and is no answer. */
export function onKillsFetched(draft: Draft, { answer }: Extract<ReplicaEvent, { type: 'killsFetched' }>): void {
  const { killing, store } = draft.state;
  update(draft, { killing: { ...killing, inFlight: false } });
  if (answer === null || store === null || compareStates(answer, store.state) < 0) askKills(draft);
  else swapStore(draft, applyKills(store, answer.epoch, answer.off));
}

/** Applies a delta, pushed or fetched; whether it led on, or had nothing new to say. */
export function takeDelta(draft: Draft, message: DeltaMessage | InvalidMessage, store: Store): boolean {
  if (message.type === 'invalid') {
    const { kills } = message;
    if (kills) swapStore(draft, applyKills(store, kills.epoch, kills.kill));
    askKills(draft);
    return false;
  }
  const applied = applyDelta(store, message);
  swapStore(draft, applied);
  if (applied.outcome !== 'gap') return true;
  askKills(draft);
  return false;
}

/** Takes what is newer into the store; returns what is wrong with the answer, or null. */
function take(draft: Draft, outcome: FetchOutcome): FailedFetch | null {
  const { store } = draft.state;
  if (outcome.kind === 'failed') return outcome;
  if (outcome.kind === 'delta') {
    const isTaken = store !== null && takeDelta(draft, outcome.message, store);
    return isTaken ? null : broken('the delta does not lead on from what is held');
  }
  if (outcome.kind === 'notModified') {
    if (store === null) return broken('a 304 to a request without an ETag');
    if (outcome.state === undefined) return null;
    swapStore(draft, advanceTo(store, outcome.state));
    return null;
  }
  const { ruleSet, state } = outcome;
  // An answer that is older than what the stream brought meanwhile, or of a replica that lags, is no fault.
  if (store !== null && compareStates(ruleSet, store.state) < 0) return null;
  const loaded = loadRuleSet(ruleSet, store);
  const { digest } = loaded.store.state;
  // Header and body are made of the same state: where they differ, one of them is not what was sent.
  if (state !== undefined && (compareStates(state, ruleSet) !== 0 || state.digest !== digest))
    return broken('the rule set is not the state that its header names');
  if (store !== null && holds(store, loaded.store.state)) return null;
  swapStore(draft, loaded);
  return null;
}

function onFailed(draft: Draft, { problem, status, retryAfterMs }: FailedFetch): void {
  const { nowMs, random } = draft;
  const { link, behind, store, poll } = draft.state;
  if (retryAfterMs !== null) update(draft, { quietUntilMs: nowMs + retryAfterMs });
  // Nobody waits for this answer: the stream has brought everything meanwhile.
  if (link.kind === 'live' && behind === null && store !== null) return;
  const retryMs = Math.max(pollDelayMs(poll.everyMs, random), retryAfterMs ?? 0);
  if (isRefused(status)) update(draft, { poll: { ...poll, atMs: nowMs + refusedDelayMs(random), again: true } });
  else if (retryAfterMs !== null) update(draft, { poll: { ...poll, atMs: nowMs + retryMs } });
  else {
    update(draft, { poll: { ...poll, atMs: poll.atMs ?? nowMs + retryMs } });
    askKills(draft);
  }
  fallStale(draft, problem);
}

export function isRefused(status: number | null): boolean {
  return status === 401 || status === 403;
}

/** The newer of two announcements; of one position the later, since the earlier may have been damaged. A new epoch without a name gives way only to one that has it. */
function further(behind: Behind, target: SyncState | 'unknown', store: Store | null): Behind {
  if (behind === null || target === 'unknown') return target;
  if (behind === 'unknown') return store !== null && compareEpochs(target.epoch, store.state.epoch) > 0 ? target : behind;
  return compareStates(behind, target) <= 0 ? target : behind;
}
