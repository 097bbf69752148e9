/**
 * The server's end of one socket as a pure state machine. What it guarantees: a connection converges to the
 * newest revision or is closed; what it remembers is where the reader stands, never a queue of what to send.
 * The driver performs the effects in order and reports back what they led to. See docs/protocol.md.
 *
 * The driver owes it: `head` on every new revision, `drained` when the socket's buffer empties, `tick` about
 * once a second, `pong` and `received` as they come, and after `closed` nothing.
 */

import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  type ConnectionStep,
  EPOCH_SPREAD_MS,
  type Facts,
  MAX_BUFFERED_BYTES,
  type OpenState,
  SKIP_BUFFERED_BYTES,
  STUCK_MS,
} from './connection-state.ts';
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

/** 50 MB/s: half of what a gigabit link carries, and far below what one core compresses once and sends from memory. */
const FETCHED_BYTES_PER_MS = 50_000;
/** Longer than this nobody waits for a change. */
const MAX_FETCH_SPREAD_MS = 30_000;

/**
 * Over how long so many readers fetch so many bytes each, in milliseconds: a large delta concerns all of them in the same
 * instant. At 50 MB/s together, at most 30 s; a single reader hardly waits.
 */
export function fetchSpreadMs(bytes: number, readers: number): number {
  return Math.min(MAX_FETCH_SPREAD_MS, Math.ceil((bytes * readers) / FETCHED_BYTES_PER_MS));
}

type PhaseOf<Phase extends OpenState['phase']> = Extract<OpenState, { phase: Phase }>;
/** Messages count as what they say; one of an unknown type says nothing. */
type Input =
  | Exclude<ConnectionEvent, { type: 'received' }>
  | ((ClientMessage | InvalidMessage | { readonly type: 'unknown' }) & { readonly bufferedBytes: number });
type Inputs = { readonly [I in Input as I['type']]: I };
type Phases = { readonly [Phase in OpenState['phase']]: PhaseOf<Phase> };
type Cell<Phase extends keyof Phases, Type extends keyof Inputs> = (
  state: Phases[Phase],
  input: Inputs[Type],
  nowMs: number,
  wallMs: number,
) => ConnectionStep;
/** The row of one phase. */
export type PhaseRow<Phase extends keyof Phases> = { readonly [Type in keyof Inputs]: Cell<Phase, Type> };
type Table = { readonly [Phase in keyof Phases]: PhaseRow<Phase> };

const always = {
  unknown: stay,
  pong: stay,
  tick: onTick,
  invalid: onInvalid,
  revoked: onRevoked,
  shutdown: onShutdown,
  closed: onClosed,
};
const unexpected = (reason: string) => () => close(CLOSE.protocol, reason);
const noHello = unexpected('expected hello');
const secondHello = unexpected('second hello');

/** What happens in each open phase with each event. A missing cell does not compile; after `closed` nothing has any effect. */
export const PHASES = {
  opening: {
    ...always,
    hello: onHello,
    applied: noHello,
    rejected: noHello,
    head: onHead,
    drained: converge,
    deltaUnavailable: stay,
  },
  live: {
    ...always,
    hello: secondHello,
    applied: onApplied,
    rejected: onRejected,
    head: onHead,
    drained: converge,
    deltaUnavailable: onDeltaUnavailable,
  },
  resyncing: {
    ...always,
    hello: secondHello,
    applied: onFetched,
    rejected: onRejected,
    head: onHead,
    drained: converge,
    deltaUnavailable: stay,
  },
} satisfies Table;

const CELLS: Table = PHASES;

/** A socket that was accepted just now. `head` is the newest state of its view. */
export function openConnection(view: View, head: SyncState, nowMs: number): ConnectionState {
  return { phase: 'opening', view, head, openedAtMs: nowMs, lastHeardMs: nowMs, lastBeatMs: nowMs, blockedSinceMs: null };
}

/**
 * One step of the machine. `nowMs` must never run backwards: somebody who sets the server's clock must not end its connections,
 * nor silence them. `wallMs` are epoch milliseconds of that clock, which is what `welcome.now` says.
 */
export function connectionStep(state: ConnectionState, event: ConnectionEvent, nowMs: number, wallMs: number): ConnectionStep {
  if (state.phase === 'closed') return { state, effects: [] };
  const { bufferedBytes } = event;
  const open = withBuffered(state, bufferedBytes, nowMs);
  const isHeard = event.type === 'received' || event.type === 'pong';
  const heard = isHeard ? { ...open, lastHeardMs: nowMs } : open;
  const input: Input = event.type === 'received' ? { ...(event.message ?? { type: 'unknown' }), bufferedBytes } : event;
  return cell(heard.phase, input.type)(heard, input, nowMs, wallMs);
}

function cell<Phase extends keyof Phases, Type extends keyof Inputs>(phase: Phase, type: Type): Cell<Phase, Type> {
  const row: PhaseRow<Phase> = CELLS[phase];
  return row[type];
}

function stay(state: OpenState): ConnectionStep {
  return { state, effects: [] };
}

function onInvalid(_: OpenState, { closeCode, problem }: Inputs['invalid']): ConnectionStep {
  return close(closeCode, problem);
}

function onHello(
  state: PhaseOf<'opening'>,
  { bufferedBytes: _, ...hello }: Inputs['hello'],
  _nowMs: number,
  wallMs: number,
): ConnectionStep {
  const { head, view, lastHeardMs, lastBeatMs, blockedSinceMs } = state;
  const facts: Facts = { view, head, lastHeardMs, lastBeatMs, blockedSinceMs };
  const welcome: ServerMessage = { type: 'welcome', format: 1, view, ...head, beatMs: BEAT_MS, now: wallMs };
  const greeting: ConnectionEffect[] = [
    { type: 'identified', hello },
    { type: 'send', message: welcome },
  ];
  const { have } = hello;
  if (have === undefined) return after(greeting, resync(facts, 'gap', head));
  greeting.push(...received(have, head));
  return after(greeting, converge({ ...facts, phase: 'live', sent: have, applied: have }));
}

function onApplied(state: PhaseOf<'live'>, { epoch, revision, digest }: Inputs['applied']): ConnectionStep {
  const applied = { epoch, revision, digest };
  // A reader may have fetched past what was sent; one that is behind has the rest in flight.
  const sent = compareStates(applied, state.sent) >= 0 ? applied : state.sent;
  return after(received(applied, state.head), converge({ ...state, sent, applied }));
}

/** A reader that was sent to the rule set says what it holds now. */
function onFetched(state: PhaseOf<'resyncing'>, { epoch, revision, digest }: Inputs['applied']): ConnectionStep {
  const applied = { epoch, revision, digest };
  const receipt = received(applied, state.head);
  // A receipt of the old epoch was on its way when the resync left.
  if (compareEpochs(epoch, state.head.epoch) < 0) return { state, effects: receipt };
  const { killsSent: _, epoch: __, ...facts } = state;
  return after(receipt, converge({ ...facts, phase: 'live', sent: applied, applied }));
}

function onRejected(state: OpenState, { bufferedBytes: _, ...rejected }: Inputs['rejected']): ConnectionStep {
  return { state, effects: [{ type: 'rejection', rejected }] };
}

function onHead(state: OpenState, { head }: Inputs['head']): ConnectionStep {
  return compareStates(head, state.head) < 0 ? stay(state) : converge({ ...state, head });
}

function onDeltaUnavailable(state: PhaseOf<'live'>, { from, at, spreadMs }: Inputs['deltaUnavailable']): ConnectionStep {
  // Of a state that the server never had, nobody knows which kills it lacks; and one frame of all serves whoever makes states up.
  return resync(state, 'too_old', at === null ? undefined : from, { at, spreadMs });
}

function onRevoked(): ConnectionStep {
  return close(CLOSE.key, 'key revoked');
}

function onShutdown(_: OpenState, { reason, retryAfterMs, spreadMs }: Inputs['shutdown']): ConnectionStep {
  return leave({ type: 'goodbye', reason, retryAfterMs, spreadMs }, 1001);
}

function onClosed(): ConnectionStep {
  return { state: { phase: 'closed' }, effects: [] };
}

/** A reader that is ahead of this replica is never sent older state; the replica looks for what it missed. */
function received(applied: SyncState, head: SyncState): readonly ConnectionEffect[] {
  const receipt: ConnectionEffect = { type: 'receipt', applied };
  return compareStates(applied, head) > 0 ? [receipt, { type: 'refreshHead' }] : [receipt];
}

function onTick(state: OpenState, { bufferedBytes }: Inputs['tick'], nowMs: number): ConnectionStep {
  const { blockedSinceMs, lastBeatMs, lastHeardMs } = state;
  if (state.phase === 'opening' && nowMs - state.openedAtMs >= HELLO_TIMEOUT_MS) return close(CLOSE.protocol, 'no hello');
  const stuck = blockedSinceMs !== null && nowMs - blockedSinceMs >= STUCK_MS;
  if (stuck || bufferedBytes > MAX_BUFFERED_BYTES) return close(CLOSE.slow, 'too slow');
  if (nowMs - lastHeardMs >= LIVENESS_BEATS * BEAT_MS) return { state: { phase: 'closed' }, effects: [{ type: 'terminate' }] };
  const settled = converge(state);
  if (settled.state.phase === 'closed' || blockedSinceMs !== null || nowMs - lastBeatMs < BEAT_MS) return settled;
  const beating = { ...settled.state, lastBeatMs: nowMs };
  if (beating.phase === 'opening') return { state: beating, effects: [...settled.effects, { type: 'ping' }] };
  // After the deltas, on the same path: a beat never names what has not been sent before it.
  const beat: ConnectionEffect = { type: 'send', message: { type: 'beat', ...beating.head } };
  return { state: beating, effects: [...settled.effects, { type: 'ping' }, beat] };
}

/** Sends what separates the reader from the head, if its socket takes it and if anything does. */
function converge(state: OpenState): ConnectionStep {
  const idle = stay(state);
  if (state.blockedSinceMs !== null || state.phase === 'opening') return idle;
  const { head } = state;
  if (state.phase === 'resyncing') {
    // Restored meanwhile: what the reader fetches now may be of the epoch before, and nothing else would tell it.
    if (state.epoch !== head.epoch) return resync(state, 'epoch', undefined);
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
  const { epoch } = head;
  const state: ConnectionState = { phase: 'resyncing', epoch, view, head, lastHeardMs, lastBeatMs, blockedSinceMs, killsSent };
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
