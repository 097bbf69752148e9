/**
 * The server's end of one socket as a pure state machine. What it guarantees: a connection converges to the
 * newest revision or is closed; what it remembers is where the reader stands, never a queue of what to send.
 * The driver performs the effects in order and reports back what they led to. See docs/protocol.md.
 *
 * The driver owes it: `head` on every new revision, `drained` when the socket's buffer empties, `tick` about
 * once a second, `pong` and `received` as they come, and after `closed` nothing.
 */
import {
  BEAT_MS,
  CLOSE,
  type ClientMessage,
  HELLO_TIMEOUT_MS,
  LIVENESS_BEATS,
  RULE_SET_PATH,
  type ServerMessage,
  type SyncState,
  type View,
} from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import { compareEpochs, compareStates } from './position.ts';

/** Above this many buffered bytes nothing more is sent; one coalesced delta follows on drain. */
export const SKIP_BUFFERED_BYTES = 64 * 1024;
/** Above this many buffered bytes the reader is too slow to keep. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A reader that stays above SKIP_BUFFERED_BYTES this long is closed. */
export const STUCK_MS = 30_000;
/** Larger deltas are not sent through the socket: the driver answers `sendDelta` with `deltaUnavailable`. */
export const MAX_DELTA_BYTES = 64 * 1024;
/** A new epoch concerns every reader at once: they fetch the new rule set over this long. */
export const EPOCH_SPREAD_MS = 2_000;
/** 50 MB/s: half of what a gigabit link carries, and far below what one core compresses once and sends from memory. */
const FETCHED_BYTES_PER_MS = 50_000;
/** Longer than this nobody waits for a change. */
const MAX_FETCH_SPREAD_MS = 30_000;

interface Facts {
  readonly view: View;
  /** The newest state of the view that the driver reported. */
  readonly head: SyncState;
  readonly lastHeardMs: number;
  readonly lastBeatMs: number;
  /** Since when more than SKIP_BUFFERED_BYTES are buffered; null when they are not. */
  readonly blockedSinceMs: number | null;
}

export type ConnectionState =
  /** Nothing but a hello is expected. */
  | (Facts & { readonly phase: 'opening'; readonly openedAtMs: number })
  /** The reader holds `sent` once all frames have arrived; `applied` is what it said it runs. */
  | (Facts & { readonly phase: 'live'; readonly sent: SyncState; readonly applied: SyncState | null })
  /** The reader fetches the rule set; until it says what it holds it gets kills only, after revision `killsSent`. */
  | (Facts & { readonly phase: 'resyncing'; readonly killsSent: number })
  | { readonly phase: 'closed' };

/** Every event says how many bytes the socket still has to write. */
export type ConnectionEvent = { readonly bufferedBytes: number } & (
  | { readonly type: 'received'; readonly message: ClientMessage | null | InvalidMessage }
  | { readonly type: 'pong' }
  /** The view moved. Dispatch it to every connection in the same turn that swaps the view. */
  | { readonly type: 'head'; readonly head: SyncState }
  | { readonly type: 'drained' }
  | { readonly type: 'tick' }
  /**
   * No delta through the socket leads on from there. `at` is the address (`deltaPath`) of one that is too large for it, null
   * where there is none; the reader fetches that, or the rule set, within `spreadMs` (`fetchSpreadMs`).
   */
  | { readonly type: 'deltaUnavailable'; readonly from: SyncState; readonly at: string | null; readonly spreadMs: number }
  | { readonly type: 'revoked' }
  | { readonly type: 'shutdown'; readonly reason: string; readonly retryAfterMs: number; readonly spreadMs: number }
  /** The server has more sockets than it can serve: this reader polls every `pollMs` and comes back later. */
  | { readonly type: 'shed'; readonly retryAfterMs: number; readonly spreadMs: number; readonly pollMs: number }
  | { readonly type: 'closed' }
);

export type ConnectionEffect =
  | { readonly type: 'send'; readonly message: ServerMessage }
  /** Send the shared delta frame from that state to the newest; dispatch `deltaUnavailable` if it cannot be sent. */
  | { readonly type: 'sendDelta'; readonly from: SyncState; readonly to: number }
  /**
   * Send a delta without `put` and `remove`, with `from` and `to` both the newest revision, holding the kills of
   * all flags that are off with a body newer than `after`; send nothing when there is no such flag.
   */
  | { readonly type: 'sendKills'; readonly after: number }
  | { readonly type: 'ping' }
  /** The reader said who it is; `receipt` follows when it also said what it holds. */
  | { readonly type: 'identified'; readonly hello: Extract<ClientMessage, { type: 'hello' }> }
  | { readonly type: 'receipt'; readonly applied: SyncState }
  | { readonly type: 'rejection'; readonly rejected: Extract<ClientMessage, { type: 'rejected' }> }
  /** The reader is ahead of this replica: read the head from the database now instead of at the next poll. */
  | { readonly type: 'refreshHead' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** The peer is dead: no close handshake. */
  | { readonly type: 'terminate' };

export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

type OpenState = Exclude<ConnectionState, { phase: 'closed' }>;

/**
 * Over how long so many readers fetch so many bytes each, in milliseconds: a large delta concerns all of them in the same
 * instant. At 50 MB/s together, at most 30 s; a single reader hardly waits.
 */
export function fetchSpreadMs(bytes: number, readers: number): number {
  return Math.min(MAX_FETCH_SPREAD_MS, Math.ceil((bytes * readers) / FETCHED_BYTES_PER_MS));
}

/** A socket that was accepted just now. `head` is the newest state of its view. */
export function openConnection(view: View, head: SyncState, nowMs: number): ConnectionState {
  return { phase: 'opening', view, head, openedAtMs: nowMs, lastHeardMs: nowMs, lastBeatMs: nowMs, blockedSinceMs: null };
}

/** One step of the machine. `nowMs` are epoch milliseconds of the server's clock; it is what `welcome.now` says. */
export function connectionStep(state: ConnectionState, event: ConnectionEvent, nowMs: number): ConnectionStep {
  if (state.phase === 'closed') return { state, effects: [] };
  const open = withBuffered(state, event.bufferedBytes, nowMs);
  switch (event.type) {
    case 'received':
      return onMessage({ ...open, lastHeardMs: nowMs }, event.message, nowMs);
    case 'pong':
      return { state: { ...open, lastHeardMs: nowMs }, effects: [] };
    case 'head':
      return compareStates(event.head, open.head) < 0 ? { state: open, effects: [] } : converge({ ...open, head: event.head });
    case 'drained':
      return converge(open);
    case 'tick':
      return onTick(open, event.bufferedBytes, nowMs);
    case 'deltaUnavailable':
      return open.phase === 'live' ? resync(open, 'too_old', event.from, event) : { state: open, effects: [] };
    case 'revoked':
      return close(CLOSE.key, 'key revoked');
    case 'shutdown': {
      const { reason, retryAfterMs, spreadMs } = event;
      return leave({ type: 'goodbye', reason, retryAfterMs, spreadMs }, 1001);
    }
    case 'shed': {
      const { retryAfterMs, spreadMs, pollMs } = event;
      return leave({ type: 'goodbye', reason: 'overload', retryAfterMs, spreadMs, pollMs }, CLOSE.overload);
    }
    case 'closed':
      return { state: { phase: 'closed' }, effects: [] };
  }
}

function onMessage(state: OpenState, message: ClientMessage | null | InvalidMessage, nowMs: number): ConnectionStep {
  if (message === null) return { state, effects: [] };
  switch (message.type) {
    case 'invalid':
      return close(message.closeCode, message.problem);
    case 'hello':
      return state.phase === 'opening' ? onHello(state, message, nowMs) : close(CLOSE.protocol, 'second hello');
    case 'applied':
      return onApplied(state, { epoch: message.epoch, revision: message.revision, digest: message.digest });
    case 'rejected':
      if (state.phase === 'opening') return close(CLOSE.protocol, 'expected hello');
      return { state, effects: [{ type: 'rejection', rejected: message }] };
  }
}

function onHello(
  state: Extract<OpenState, { phase: 'opening' }>,
  hello: Extract<ClientMessage, { type: 'hello' }>,
  nowMs: number,
): ConnectionStep {
  const { head, view, lastHeardMs, lastBeatMs, blockedSinceMs } = state;
  const facts: Facts = { view, head, lastHeardMs, lastBeatMs, blockedSinceMs };
  const welcome: ServerMessage = { type: 'welcome', format: 1, view, ...head, beatMs: BEAT_MS, now: nowMs };
  const greeting: ConnectionEffect[] = [
    { type: 'identified', hello },
    { type: 'send', message: welcome },
  ];
  const { have } = hello;
  if (have === undefined) return after(greeting, resync(facts, 'gap', head));
  greeting.push(...received(have, head));
  return after(greeting, converge({ ...facts, phase: 'live', sent: have, applied: have }));
}

function onApplied(state: OpenState, applied: SyncState): ConnectionStep {
  const receipt = received(applied, state.head);
  switch (state.phase) {
    case 'opening':
      return close(CLOSE.protocol, 'expected hello');
    case 'live': {
      // A reader may have fetched past what was sent; one that is behind has the rest in flight.
      const sent = compareStates(applied, state.sent) >= 0 ? applied : state.sent;
      return after(receipt, converge({ ...state, sent, applied }));
    }
    case 'resyncing': {
      // A receipt of the old epoch was on its way when the resync left.
      if (compareEpochs(applied.epoch, state.head.epoch) < 0) return { state, effects: receipt };
      const { killsSent: _, ...facts } = state;
      return after(receipt, converge({ ...facts, phase: 'live', sent: applied, applied }));
    }
  }
}

/** A reader that is ahead of this replica is never sent older state; the replica looks for what it missed. */
function received(applied: SyncState, head: SyncState): readonly ConnectionEffect[] {
  const receipt: ConnectionEffect = { type: 'receipt', applied };
  return compareStates(applied, head) > 0 ? [receipt, { type: 'refreshHead' }] : [receipt];
}

function onTick(state: OpenState, bufferedBytes: number, nowMs: number): ConnectionStep {
  const { blockedSinceMs, lastBeatMs, lastHeardMs } = state;
  if (state.phase === 'opening' && nowMs - state.openedAtMs >= HELLO_TIMEOUT_MS) return close(CLOSE.protocol, 'no hello');
  const stuck = blockedSinceMs !== null && nowMs - blockedSinceMs >= STUCK_MS;
  if (stuck || bufferedBytes > MAX_BUFFERED_BYTES) return close(CLOSE.slow, 'too slow');
  if (nowMs - lastHeardMs >= LIVENESS_BEATS * BEAT_MS) return { state: { phase: 'closed' }, effects: [{ type: 'terminate' }] };
  const settled = converge(state);
  if (settled.state.phase === 'closed' || blockedSinceMs !== null || nowMs - lastBeatMs < BEAT_MS) return settled;
  const beating = { ...settled.state, lastBeatMs: nowMs };
  if (beating.phase === 'opening') return { state: beating, effects: [...settled.effects, { type: 'ping' }] };
  const { revision, digest } = beating.head;
  // After the deltas, on the same path: a beat never names what has not been sent before it.
  const beat: ConnectionEffect = { type: 'send', message: { type: 'beat', revision, digest } };
  return { state: beating, effects: [...settled.effects, { type: 'ping' }, beat] };
}

/** Sends what separates the reader from the head, if its socket takes it and if anything does. */
function converge(state: OpenState): ConnectionStep {
  const idle = { state, effects: [] };
  if (state.blockedSinceMs !== null) return idle;
  const { head } = state;
  if (state.phase === 'opening') return idle;
  if (state.phase === 'resyncing') {
    if (state.killsSent >= head.revision) return idle;
    return { state: { ...state, killsSent: head.revision }, effects: [{ type: 'sendKills', after: state.killsSent }] };
  }
  const { sent } = state;
  const order = compareStates(sent, head);
  if (order > 0) return idle;
  if (sent.epoch !== head.epoch) return resync(state, 'epoch', undefined);
  if (order < 0) return { state: { ...state, sent: head }, effects: [{ type: 'sendDelta', from: sent, to: head.revision }] };
  return sent.digest === head.digest ? idle : resync(state, 'digest', undefined);
}

/** `held`: the reader may lack kills newer than this state; undefined, or of another epoch: any kill. */
function resync(
  facts: Facts,
  reason: Extract<ServerMessage, { type: 'resync' }>['reason'],
  held: SyncState | undefined,
  { at, spreadMs }: { readonly at: string | null; readonly spreadMs: number } = {
    at: null,
    spreadMs: reason === 'epoch' ? EPOCH_SPREAD_MS : 0,
  },
): ConnectionStep {
  const { view, head, lastHeardMs, lastBeatMs, blockedSinceMs } = facts;
  const killsSent = held?.epoch === head.epoch ? held.revision : 0;
  const state: ConnectionState = { phase: 'resyncing', view, head, lastHeardMs, lastBeatMs, blockedSinceMs, killsSent };
  return after([{ type: 'send', message: { type: 'resync', reason, url: at ?? RULE_SET_PATH, spreadMs } }], converge(state));
}

function withBuffered(state: OpenState, bufferedBytes: number, nowMs: number): OpenState {
  if (bufferedBytes <= SKIP_BUFFERED_BYTES) return state.blockedSinceMs === null ? state : { ...state, blockedSinceMs: null };
  return state.blockedSinceMs === null ? { ...state, blockedSinceMs: nowMs } : state;
}

function leave(goodbye: Extract<ServerMessage, { type: 'goodbye' }>, code: number): ConnectionStep {
  const { state, effects } = close(code, goodbye.reason);
  return { state, effects: [{ type: 'send', message: goodbye }, ...effects] };
}

function close(code: number, reason: string): ConnectionStep {
  return { state: { phase: 'closed' }, effects: [{ type: 'close', code, reason }] };
}

function after(first: readonly ConnectionEffect[], step: ConnectionStep): ConnectionStep {
  return { state: step.state, effects: [...first, ...step.effects] };
}
