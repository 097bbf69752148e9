/** When a message is sent again, and when a target is left alone for a while. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_WAIT_MS = 6 * HOUR_MS;
/** A change that old is no news any more. */
export const GIVE_UP_AFTER_MS = 24 * HOUR_MS;
/** Of the wait, up and down: so that what failed together is not tried together. */
const JITTER = 0.2;

const FAILURES_BEFORE_PAUSE = 5;
const LONGEST_PAUSE_MS = HOUR_MS;

/** @param attempts made so far, 1 or more @param random 0 to 1. Null: give up. */
export function nextAttemptMs(attempts: number, createdAtMs: number, nowMs: number, random: number): number | null {
  const waitMs = Math.min(MINUTE_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS) * (1 + JITTER * (2 * random - 1));
  return nowMs + waitMs > createdAtMs + GIVE_UP_AFTER_MS ? null : nowMs + waitMs;
}

/** How long nothing is sent to a target that failed so often in a row; 0: no pause. One message ends it or makes it longer. */
export function pauseMs(failures: number): number {
  if (failures < FAILURES_BEFORE_PAUSE) return 0;
  return Math.min(MINUTE_MS * 2 ** (failures - FAILURES_BEFORE_PAUSE), LONGEST_PAUSE_MS);
}
