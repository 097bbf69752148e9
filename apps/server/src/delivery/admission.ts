/**
 * How many handshakes, or reports, are let in: a token bucket, asked before anything is looked up. Whoever is refused is told when to come
 * back, the later the more were refused before it, so that a herd comes back at the rate at which it is let in. Pure.
 */
export interface AdmissionOptions {
  readonly perSecond: number;
  /** How many may come in the same instant after a quiet time. */
  readonly burst: number;
}

export interface Admission {
  /** Null: let in. Otherwise whole seconds to stay away. `nowMs` is of any clock; it may step. `cost` in handshakes, left out: one. */
  ask(nowMs: number, cost?: number): number | null;
  /** Takes so much of what comes next, but no more than a second of it. */
  charge(cost: number): void;
}

/** Longer than any herd that a server of this kind takes; an SDK's own backoff ends there too. */
const MAX_RETRY_AFTER_SECONDS = 60;

export function createAdmission({ perSecond, burst }: AdmissionOptions): Admission {
  let tokens = burst;
  /** Refused, and not yet back by what they were told. */
  let waiting = 0;
  let askedAtMs: number | undefined;

  return {
    ask: (nowMs, cost = 1) => {
      const earned = (Math.max(0, nowMs - (askedAtMs ?? nowMs)) / 1_000) * perSecond;
      askedAtMs = nowMs;
      tokens = Math.min(burst, tokens + earned);
      waiting = Math.max(0, waiting - earned);
      if (tokens >= 1) {
        // Below zero where it costs more: what comes next waits for that.
        tokens -= cost;
        return null;
      }
      waiting++;
      return Math.min(MAX_RETRY_AFTER_SECONDS, Math.ceil(waiting / perSecond));
    },
    charge: (cost) => {
      tokens = Math.min(tokens, Math.max(tokens - cost, -perSecond));
    },
  };
}
