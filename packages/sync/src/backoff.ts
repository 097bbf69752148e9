/** Every delay of the SDK's end, in milliseconds. `random` is in [0, 1) and comes from the caller. */

/** A link that was healthy this long starts its backoff from the beginning. */
export const HEALTHY_MS = 60_000;
/** A stream that is down this long is helped by polling. */
export const STREAM_DOWN_POLL_MS = 15_000;
/** An SDK that could not be brought up to date for this long goes from STALE to ERROR; it answers all the same. */
export const STALE_ERROR_MS = 5 * 60_000;

const RECONNECT_BASE_MS = 500;
const RECONNECT_CAP_MS = 60_000;
const REFUSED_MS = 300_000;
/** Time between two polls, unless the server asks for another. */
export const POLL_MS = 30_000;
const MIN_POLL_MS = 10_000;
const MAX_POLL_MS = 5 * 60_000;
/** So many connections in a row that end before a welcome, and the SDK polls without waiting for more. */
export const QUICK_FAILURES = 3;
const RESYNC_MS = 10_000;
/** The limit's interval after three resyncs in a row: long enough for any server to see what another one announced. */
export const DOUBTFUL_MS = 40_000;
const RESYNC_CAP_MS = 5 * 60_000;

/**
 * Full jitter in [0, 0.5 s * 2^attempt), and from 60 s on in [30 s, 60 s), so that no dice give more than 130 attempts an
 * hour. `attempt` counts failures since the last healthy link, from 0. After `askedMs`, where a server names a time: it spreads
 * those whom it refuses by itself, so that until then the jitter is at most as much again. Else who had failed for ten seconds while
 * nobody listened, and was asked for two, stayed away for up to eighteen.
 */
export function reconnectDelayMs(attempt: number, random: number, askedMs = 0): number {
  const ceilingMs = RECONNECT_BASE_MS * 2 ** attempt;
  if (ceilingMs >= RECONNECT_CAP_MS) return askedMs + RECONNECT_CAP_MS * (0.5 + 0.5 * random);
  return askedMs + random * (askedMs > 0 ? Math.min(ceilingMs, askedMs) : ceilingMs);
}

/** After a refused key or version: [3.75, 5) minutes, at most 17 attempts an hour. Somebody has to act, and may. */
export function refusedDelayMs(random: number): number {
  return REFUSED_MS * (0.75 + 0.25 * random);
}

/** ± 20 %. */
export function pollDelayMs(everyMs: number, random: number): number {
  return everyMs * (0.8 + 0.4 * random);
}

/** The interval that a server asks for, within what neither it nor a fault between may exceed. */
export function allowedPollMs(askedMs: number): number {
  return Math.min(Math.max(askedMs, MIN_POLL_MS), MAX_POLL_MS);
}

/** What a server may ask of one SDK, whatever its clock, or a fault between, says: afterwards it is asked again. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;
/** Longer than any server spreads a fetch. */
export const MAX_SPREAD_MS = 30_000;
/** A server that beats less often would leave a dead link unnoticed for too long. */
export const MAX_BEAT_MS = 60_000;

/** Bounds what a server, or a fault between, can make an SDK fetch. */
export interface ResyncLimit {
  readonly nextAtMs: number;
  readonly intervalMs: number;
}

export const noResyncYet: ResyncLimit = { nextAtMs: Number.NEGATIVE_INFINITY, intervalMs: 0 };

/** The limit after a resync at `nowMs`: the next at the earliest 10 s later, doubling to 5 min while they keep coming. */
export function afterResync(limit: ResyncLimit, nowMs: number): ResyncLimit {
  const calm = nowMs - limit.nextAtMs > limit.intervalMs;
  const intervalMs = calm || limit.intervalMs === 0 ? RESYNC_MS : Math.min(RESYNC_CAP_MS, limit.intervalMs * 2);
  return { nextAtMs: nowMs + intervalMs, intervalMs };
}
