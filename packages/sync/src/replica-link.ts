/** The websocket of the replica: how it comes about, how it ends, and how long the next attempt waits. */
import {
  allowedPollMs,
  HEALTHY_MS,
  POLL_MS,
  pollDelayMs,
  QUICK_FAILURES,
  reconnectDelayMs,
  refusedDelayMs,
  STREAM_DOWN_POLL_MS,
} from './backoff.ts';
import { CLOSE, FORMAT, HELLO_TIMEOUT_MS, LIVENESS_BEATS, type ServerMessage } from './messages.ts';
import { hasPosition } from './position.ts';
import { type Draft, fallStale, holds, isSuspended, settleBehind, update } from './replica-draft.ts';
import { isRefused } from './replica-fetch.ts';
import type { Link, ReplicaEvent } from './replica-state.ts';

type Message<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
export type LinkOf<Kind extends Link['kind']> = Extract<Link, { kind: Kind }>;

/** When the link changes by itself. */
export function linkAtMs(link: Link): number {
  if (link.kind === 'waiting') return link.untilMs;
  return link.kind === 'live' ? link.lastHeardMs + LIVENESS_BEATS * link.beatMs : link.sinceMs + HELLO_TIMEOUT_MS;
}

export function greet(draft: Draft, _: unknown, link: LinkOf<'connecting'>): void {
  const { config, store, receipts } = draft.state;
  const { sdk, app, instance } = config;
  const have = store !== null && hasPosition(store.state) ? { have: store.state } : {};
  draft.effects.push({ type: 'send', message: { type: 'hello', protocol: 1, formats: [FORMAT], sdk, app, instance, ...have } });
  update(draft, { link: { ...link, kind: 'greeting' }, receipts: { ...receipts, due: false, toldRejected: null } });
}

export function onWelcome(draft: Draft, welcome: Message<'welcome'>, link: LinkOf<'greeting' | 'live'>): void {
  const { store } = draft.state;
  const { beatMs, now } = welcome;
  const { nowMs } = draft;
  update(draft, {
    link: { kind: 'live', sinceMs: nowMs, attempt: link.attempt, beatMs, lastHeardMs: nowMs },
    poll: { atMs: null, everyMs: POLL_MS, patience: QUICK_FAILURES, again: false },
    behind: holds(store, welcome) ? null : welcome,
    hasHeard: true,
  });
  draft.effects.push({ type: 'clock', serverNowMs: now });
  settleBehind(draft);
}

export function onHeard(draft: Draft, _: unknown, link: LinkOf<'live'>): void {
  update(draft, { link: { ...link, lastHeardMs: draft.nowMs } });
}

/** Nobody welcomed us in time: something between holds frames back, or takes no websocket. Polling has to do. */
export function giveUpUnwelcomed(draft: Draft, _: unknown, link: LinkOf<'connecting' | 'greeting'>): void {
  if (linkAtMs(link) > draft.nowMs) return;
  leave(draft, 0);
  update(draft, { problem: `no welcome from the server within ${HELLO_TIMEOUT_MS / 1000} seconds` });
  losePatience(draft, 0);
}

export function giveUpSilent(draft: Draft, _: unknown, link: LinkOf<'live'>): void {
  if (linkAtMs(link) > draft.nowMs) return;
  leave(draft, 0);
  pollAnew(draft);
  fallStale(draft, 'the connection went silent');
}

export function connectAgain(draft: Draft, _: unknown, link: LinkOf<'waiting'>): void {
  if (linkAtMs(link) > draft.nowMs) return;
  update(draft, { link: { kind: 'connecting', sinceMs: draft.nowMs, attempt: link.attempt } });
  draft.effects.push({ type: 'connect' });
}

export function onClosed(draft: Draft, event: Extract<ReplicaEvent, { type: 'closed' }>): void {
  const { link } = draft.state;
  const { code, status, retryAfterMs, problem } = event;
  const refused = code === CLOSE.key || code === CLOSE.version || isRefused(status);
  waitToReconnect(draft, refused ? 'refused' : (retryAfterMs ?? 0));
  update(draft, { problem });
  const isQuick = link.kind !== 'live' && !refused && retryAfterMs === null;
  if (isQuick) losePatience(draft, draft.state.poll.patience - 1);
}

export function onGoodbye(draft: Draft, { retryAfterMs, spreadMs, pollMs }: Message<'goodbye'>): void {
  const { nowMs, random } = draft;
  const { poll } = draft.state;
  if (pollMs !== undefined) {
    const everyMs = allowedPollMs(pollMs);
    update(draft, { poll: { ...poll, everyMs, atMs: poll.atMs ?? nowMs + pollDelayMs(everyMs, random) } });
  }
  leave(draft, retryAfterMs + random * spreadMs);
}

/** Ends the connection and asks for nothing. STALE without an end: not to hear from the server is what was wanted. */
export function suspend(draft: Draft): void {
  leave(draft, Number.POSITIVE_INFINITY);
  update(draft, { quietUntilMs: Number.POSITIVE_INFINITY });
  fallStale(draft, 'the page is hidden');
}

/** Connects and polls at once, whatever is open or waited for. */
export function startOver(draft: Draft): void {
  const { nowMs } = draft;
  const { health } = draft.state;
  draft.effects.push({ type: 'disconnect' }, { type: 'connect' });
  pollAnew(draft);
  update(draft, {
    link: { kind: 'connecting', sinceMs: nowMs, attempt: 0 },
    quietUntilMs: nowMs,
    health: health.kind === 'stale' && isSuspended(draft.state) ? { kind: 'stale', sinceMs: nowMs } : health,
  });
}

/** What the server asked for: so many milliseconds at least, 0 where it named none; or that somebody mends key or version first. */
type Asked = number | 'refused';

/** Ends the connection from this side. */
export function leave(draft: Draft, asked: Asked): void {
  draft.effects.push({ type: 'disconnect' });
  waitToReconnect(draft, asked);
}

/** Every way back to a connection leads through here; what bounds it is the delay. */
function waitToReconnect(draft: Draft, asked: Asked): void {
  const { link, poll } = draft.state;
  const { nowMs, random } = draft;
  const healthy = link.kind === 'live' && nowMs - link.sinceMs >= HEALTHY_MS;
  const failures = healthy ? 0 : link.attempt;
  const refused = asked === 'refused';
  const delayMs = refused ? refusedDelayMs(random) : reconnectDelayMs(failures, random, asked);
  update(draft, {
    link: { kind: 'waiting', untilMs: nowMs + delayMs, attempt: failures + 1, refused },
    poll: { ...poll, atMs: poll.atMs ?? nowMs + STREAM_DOWN_POLL_MS, again: poll.again || healthy },
  });
}

/** Polls now where no patience is left, unless it does already: nothing says that a stream will come. */
function losePatience(draft: Draft, patience: number): void {
  const { poll } = draft.state;
  if (poll.patience > 0) update(draft, { poll: { ...poll, patience, atMs: patience > 0 ? poll.atMs : draft.nowMs } });
}

/** Polls now, also where a request is under way: it may be on a path that is dead. */
function pollAnew(draft: Draft): void {
  update(draft, { fetching: { kind: 'idle' }, poll: { ...draft.state.poll, atMs: draft.nowMs } });
}
