/**
 * The SDK's end as a pure state machine: one websocket, one HTTP request at a time, one timer. What it
 * guarantees: the store never moves backwards in (epoch, revision), whatever arrives by whichever path; every
 * fault leads to another attempt, and each such loop has a bound (backoff.ts). Shared by all SDKs; the
 * numbered invariants are in docs/protocol.md.
 */
import { HEALTHY_MS, noResyncYet, reconnectDelayMs, refusedDelayMs, STREAM_DOWN_POLL_MS } from './backoff.ts';
import { CLOSE, FORMAT, HELLO_TIMEOUT_MS, LIVENESS_BEATS, RULE_SET_PATH, type ServerMessage } from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import { compareEpochs } from './position.ts';
import {
  checkAtMs,
  checkOn,
  type Draft,
  fallStale,
  healthAtMs,
  holds,
  isTalking,
  receiptAtMs,
  sendRejected,
  settleBehind,
  settleHealth,
  settleReceipt,
  swapStore,
  update,
} from './replica-draft.ts';
import { onFetched, resync, runDueFetches, startFetch } from './replica-fetch.ts';
import type { Link, ReplicaConfig, ReplicaEvent, ReplicaState, ReplicaStep, Running } from './replica-state.ts';
import { applyDelta, applyKills } from './store.ts';

/** A replica that starts now: it connects and fetches at once, so that either way of hearing is enough. */
export function startReplica(config: ReplicaConfig, nowMs: number): ReplicaStep {
  const state: Running = {
    phase: 'running',
    config,
    store: null,
    link: { kind: 'connecting', sinceMs: nowMs, attempt: 0 },
    fetching: { kind: 'idle' },
    behind: null,
    pollAtMs: nowMs + HELLO_TIMEOUT_MS,
    limit: noResyncYet,
    health: { kind: 'starting', untilMs: nowMs + config.initializeTimeoutMs },
    receipt: { due: false, notBeforeMs: nowMs },
    problem: null,
  };
  const draft: Draft = { state, effects: [{ type: 'connect' }], nowMs, random: 0 };
  startFetch(draft, RULE_SET_PATH);
  return finish(draft, null);
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
  switch (event.type) {
    case 'opened':
      onOpened(draft);
      break;
    case 'received':
      onHeard(draft);
      onMessage(draft, event.message);
      break;
    case 'heard':
      onHeard(draft);
      break;
    case 'closed':
      onClosed(draft, event);
      break;
    case 'fetched':
      onFetched(draft, event.outcome);
      break;
    case 'woke':
      runDueLink(draft);
      runDueFetches(draft);
      checkOn(draft);
      break;
  }
  // A timer that fired is spent: ask for the next one even if it is the same instant.
  return finish(draft, event.type === 'woke' ? null : wakeAtMs(state));
}

function finish(draft: Draft, armedMs: number | null): ReplicaStep {
  const { fetching } = draft.state;
  if (fetching.kind === 'scheduled' && fetching.atMs <= draft.nowMs) runDueFetches(draft);
  const healthMs = healthAtMs(draft.state);
  if (healthMs !== null && healthMs <= draft.nowMs) settleHealth(draft);
  settleReceipt(draft);
  const atMs = wakeAtMs(draft.state);
  if (atMs !== armedMs) draft.effects.push({ type: 'wake', atMs });
  return { state: draft.state, effects: draft.effects };
}

/** The next instant at which something is due. There is always one while the replica runs. */
function wakeAtMs(state: Running): number {
  const { fetching, pollAtMs } = state;
  const scheduledMs = fetching.kind === 'scheduled' ? fetching.atMs : null;
  const instants = [linkAtMs(state.link), scheduledMs, pollAtMs, healthAtMs(state), receiptAtMs(state), checkAtMs(state)];
  return Math.min(...instants.map((instant) => instant ?? Number.POSITIVE_INFINITY));
}

function linkAtMs(link: Link): number {
  switch (link.kind) {
    case 'connecting':
    case 'greeting':
      return link.sinceMs + HELLO_TIMEOUT_MS;
    case 'live':
      return link.lastHeardMs + LIVENESS_BEATS * link.beatMs;
    case 'waiting':
      return link.untilMs;
  }
}

function runDueLink(draft: Draft): void {
  const { link } = draft.state;
  if (linkAtMs(link) > draft.nowMs) return;
  switch (link.kind) {
    case 'connecting':
    case 'greeting':
      draft.effects.push({ type: 'disconnect' });
      waitToReconnect(draft, { refused: false, retryAfterMs: null });
      update(draft, { problem: `no welcome from the server within ${HELLO_TIMEOUT_MS / 1000} seconds` });
      return;
    case 'live':
      draft.effects.push({ type: 'disconnect' });
      waitToReconnect(draft, { refused: false, retryAfterMs: null });
      update(draft, { pollAtMs: draft.nowMs });
      fallStale(draft, 'the connection went silent');
      return;
    case 'waiting':
      update(draft, { link: { kind: 'connecting', sinceMs: draft.nowMs, attempt: link.attempt } });
      draft.effects.push({ type: 'connect' });
      return;
  }
}

function onOpened(draft: Draft): void {
  const { link, config, store, receipt } = draft.state;
  if (link.kind !== 'connecting') return;
  const { sdk, app, instance } = config;
  const have = store === null ? {} : { have: store.state };
  draft.effects.push({ type: 'send', message: { type: 'hello', protocol: 1, formats: [FORMAT], sdk, app, instance, ...have } });
  update(draft, { link: { ...link, kind: 'greeting' }, receipt: { ...receipt, due: false } });
}

function onHeard(draft: Draft): void {
  const { link } = draft.state;
  if (link.kind === 'live') update(draft, { link: { ...link, lastHeardMs: draft.nowMs } });
}

function onClosed(draft: Draft, event: Extract<ReplicaEvent, { type: 'closed' }>): void {
  const { link } = draft.state;
  if (link.kind === 'waiting') return;
  const { code, status, retryAfterMs, problem } = event;
  const refused = code === CLOSE.key || code === CLOSE.version || status === 401 || status === 403;
  waitToReconnect(draft, { refused, retryAfterMs });
  update(draft, { problem });
}

/** Every way back to a connection leads through here; what bounds it is the delay. */
function waitToReconnect(draft: Draft, cause: { readonly refused: boolean; readonly retryAfterMs: number | null }): void {
  const { link, pollAtMs } = draft.state;
  const { nowMs, random } = draft;
  const healthy = link.kind === 'live' && nowMs - link.sinceMs >= HEALTHY_MS;
  const failures = healthy ? 0 : link.attempt;
  const delayMs = cause.refused ? refusedDelayMs(random) : (cause.retryAfterMs ?? 0) + reconnectDelayMs(failures, random);
  update(draft, {
    link: { kind: 'waiting', untilMs: nowMs + delayMs, attempt: failures + 1 },
    pollAtMs: pollAtMs ?? nowMs + STREAM_DOWN_POLL_MS,
  });
}

function onMessage(draft: Draft, message: ServerMessage | null | InvalidMessage): void {
  if (message === null || !isTalking(draft.state)) return;
  switch (message.type) {
    case 'invalid':
      onInvalid(draft, message);
      return;
    case 'welcome':
      onWelcome(draft, message);
      return;
    case 'delta':
      onDelta(draft, message);
      return;
    case 'beat':
      onBeat(draft, message);
      return;
    case 'resync': {
      const { behind } = draft.state;
      const { reason, url, spreadMs } = message;
      // What the welcome or a delta announced says more than a resync; a new epoch or content has no name yet.
      const named = reason !== 'epoch' && reason !== 'digest' && behind !== null ? behind : 'unknown';
      resync(draft, named, { path: url, spreadMs });
      return;
    }
    case 'goodbye': {
      const { retryAfterMs, spreadMs, pollMs } = message;
      const { nowMs, random } = draft;
      draft.effects.push({ type: 'disconnect' });
      if (pollMs !== undefined) update(draft, { pollAtMs: draft.state.pollAtMs ?? nowMs + pollMs * (0.8 + 0.4 * random) });
      waitToReconnect(draft, { refused: false, retryAfterMs: retryAfterMs + random * spreadMs });
    }
  }
}

function onInvalid(draft: Draft, message: InvalidMessage): void {
  const { store } = draft.state;
  update(draft, { problem: `the server sent what cannot be read: ${message.problem}` });
  if (message.closeCode === CLOSE.version) {
    draft.effects.push({ type: 'disconnect' });
    waitToReconnect(draft, { refused: true, retryAfterMs: null });
    return;
  }
  if (store !== null && message.kills !== undefined) {
    const killed = applyKills(store, message.kills.epoch, message.kills.kill);
    swapStore(draft, killed.store, killed.flagsChanged);
  }
  resync(draft, 'unknown');
}

function onWelcome(draft: Draft, welcome: Extract<ServerMessage, { type: 'welcome' }>): void {
  const { link, store } = draft.state;
  const { epoch, revision, digest, beatMs, now } = welcome;
  const { nowMs } = draft;
  const announced = { epoch, revision, digest };
  update(draft, {
    link: { kind: 'live', sinceMs: nowMs, attempt: link.attempt, beatMs, lastHeardMs: nowMs, epoch },
    pollAtMs: null,
    behind: holds(store, announced) ? null : announced,
  });
  draft.effects.push({ type: 'clock', serverNowMs: now });
  if (store !== null && store.rejected.length > 0) sendRejected(draft, store);
  settleBehind(draft);
}

function onDelta(draft: Draft, delta: Extract<ServerMessage, { type: 'delta' }>): void {
  const { link, store } = draft.state;
  const { epoch, to, digest } = delta;
  if (link.kind === 'live') update(draft, { link: { ...link, epoch } });
  if (store === null) {
    resync(draft, { epoch, revision: to, digest });
    return;
  }
  const applied = applyDelta(store, delta);
  swapStore(draft, applied.store, applied.flagsChanged);
  if (applied.outcome === 'gap') resync(draft, { epoch, revision: to, digest });
  settleBehind(draft);
}

function onBeat(draft: Draft, beat: Extract<ServerMessage, { type: 'beat' }>): void {
  const { link, store, fetching } = draft.state;
  if (store === null) {
    if (fetching.kind === 'idle') resync(draft, 'unknown');
    return;
  }
  const epoch = link.kind === 'live' ? link.epoch : store.state.epoch;
  const announced = { epoch, revision: beat.revision, digest: beat.digest };
  if (compareEpochs(epoch, store.state.epoch) >= 0 && !holds(store, announced)) resync(draft, announced);
}
