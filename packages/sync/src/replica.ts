/**
 * The SDK's end as a pure state machine: one websocket, one HTTP request for rules that is waited for, one for kills, one timer.
 * What it guarantees: the store never moves backwards in (epoch, revision), whatever arrives by whichever path; every
 * fault leads to another attempt, and each such loop has a bound (backoff.ts). Shared by all SDKs; the table of its
 * transitions is replica-transitions.ts, the numbered invariants are in docs/protocol.md.
 */
import { noResyncYet, POLL_MS, QUICK_FAILURES } from './backoff.ts';
import { HELLO_TIMEOUT_MS, RULE_SET_PATH } from './messages.ts';
import { type Draft, healthAtMs, settleHealth } from './replica-draft.ts';
import { askKills, killsAtMs, runDueFetches, startFetch } from './replica-fetch.ts';
import { linkAtMs } from './replica-link.ts';
import { checkAtMs, checkOn, receiptAtMs, rejectedOf, settleReceipt } from './replica-receipts.ts';
import type { ReplicaConfig, ReplicaEvent, ReplicaState, ReplicaStep, Running } from './replica-state.ts';
import { transit } from './replica-transitions.ts';
import type { Store } from './store.ts';

/** With what was kept of an earlier run there is something to answer from: the newest is not worth a longer wait. */
const KEPT_PATIENCE_MS = 50;

/**
 * A replica that starts now, with what was kept of an earlier run: it connects and fetches at once, so that either way of
 * hearing is enough. `isFresh`: what was kept came from a server just now, by another way, and is as good as its answer.
 */
export function startReplica(config: ReplicaConfig, nowMs: number, kept: Store | null = null, isFresh = false): ReplicaStep {
  const waitMs = isFresh ? 0 : KEPT_PATIENCE_MS;
  const patienceMs = kept === null ? config.initializeTimeoutMs : Math.min(waitMs, config.initializeTimeoutMs);
  const state: Running = {
    phase: 'running',
    config,
    store: kept,
    hasHeard: isFresh,
    link: { kind: 'connecting', sinceMs: nowMs, attempt: 0 },
    fetching: { kind: 'idle' },
    behind: null,
    quietUntilMs: nowMs,
    poll: { atMs: nowMs + HELLO_TIMEOUT_MS, everyMs: POLL_MS, patience: QUICK_FAILURES, again: false },
    limit: noResyncYet,
    killing: { due: false, inFlight: false, limit: noResyncYet },
    health: { kind: 'starting', untilMs: nowMs + patienceMs },
    receipts: { due: false, notBeforeMs: nowMs, toldRejected: null },
    problem: null,
  };
  const draft: Draft = { state, effects: [{ type: 'connect' }], nowMs, random: 0 };
  startFetch(draft, RULE_SET_PATH);
  return finish(draft, state);
}

/**
 * One step. `nowMs` must never run backwards (a monotonic clock); `random` is a fresh number in [0, 1).
 * After `stop` nothing has any effect.
 */
export function replicaStep(state: ReplicaState, event: ReplicaEvent, nowMs: number, random: number): ReplicaStep {
  if (state.phase === 'stopped') return { state, effects: [] };
  if (event.type === 'stop') {
    const stopped: ReplicaState = { phase: 'stopped', store: state.store };
    return { state: stopped, effects: [{ type: 'disconnect' }, { type: 'wake', atMs: null }] };
  }
  const draft: Draft = { state, effects: [], nowMs, random };
  transit(draft, event);
  if (event.type === 'woke') checkOn(draft);
  return finish(draft, state);
}

function finish(draft: Draft, before: Running): ReplicaStep {
  const rejected = rejectedOf(draft.state.store);
  if (rejected.length > 0 && rejected !== rejectedOf(before.store)) askKills(draft);
  runDueFetches(draft);
  const healthMs = healthAtMs(draft.state);
  if (healthMs !== null && healthMs <= draft.nowMs) settleHealth(draft);
  settleReceipt(draft);
  draft.effects.push({ type: 'wake', atMs: wakeAtMs(draft.state) });
  return { state: draft.state, effects: draft.effects };
}

/** The next instant at which something is due. There is always one while the replica runs. */
function wakeAtMs(state: Running): number {
  const { fetching, poll, link, quietUntilMs } = state;
  const askMs = earliest(fetching.kind === 'scheduled' ? fetching.atMs : null, poll.atMs, killsAtMs(state));
  return earliest(linkAtMs(link), Math.max(quietUntilMs, askMs), healthAtMs(state), receiptAtMs(state), checkAtMs(state));
}

function earliest(...instantsMs: readonly (number | null)[]): number {
  return Math.min(...instantsMs.filter((instantMs) => instantMs !== null));
}
