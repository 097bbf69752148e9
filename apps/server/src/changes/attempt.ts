/**
 * What becomes of a write that somebody waits for. Two ways lead out of it, and each shuts the other: `withdraw`, after which it is
 * answered as not made and is never made, wherever it waits now (for a connection, for a lock, for its own statements); and
 * `beginCommit`, after which only the database knows.
 */
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { DatabaseClock } from './lock-heads.ts';

export interface Attempt {
  /** On the clock of `performance.now()`; Infinity: nobody waits for it. */
  readonly endsAtMs: number;
  /**
   * `waiting`: nothing that it changes is visible. `unwatched`: its route has begun, and may write without asking here. `withdrawn`:
   * never made. `committing`: COMMIT may have reached the database. `made`: committed.
   */
  stage: 'waiting' | 'unwatched' | 'withdrawn' | 'committing' | 'made';
}

export function startAttempt(limitMs = Number.POSITIVE_INFINITY): Attempt {
  return { endsAtMs: performance.now() + limitMs, stage: 'waiting' };
}

/** False where it is too late to say that nothing was made. */
export function withdraw(attempt: Attempt): boolean {
  if (attempt.stage === 'waiting') attempt.stage = 'withdrawn';
  return attempt.stage === 'withdrawn';
}

/** Milliseconds until nobody waits any more. Throws `unavailable` where that is so already: whoever waited was told so, or went away. */
export function requireTime(attempt: Attempt): number {
  const leftMs = attempt.endsAtMs - performance.now();
  if (attempt.stage !== 'withdrawn' && leftMs > 0) return leftMs;
  attempt.stage = 'withdrawn';
  throw notMade();
}

/**
 * The last thing that a transaction does; the caller returns at once, so that COMMIT follows in the same packet. The database looks at
 * its own clock once more: a packet that waits behind a stopped process or in a network would else be obeyed at any later time.
 * @returns what rejects where the transaction was rolled back instead; to be asked after the transaction, which does not say so
 */
export function beginCommit(tx: Tx, attempt: Attempt, clock: DatabaseClock): { readonly inTime: Promise<unknown> } {
  requireTime(attempt);
  attempt.stage = 'committing';
  if (attempt.endsAtMs === Number.POSITIVE_INFINITY) return { inTime: Promise.resolve() };
  const endsAtMs = Math.floor(clock.databaseMs + attempt.endsAtMs - clock.atMs);
  // Text and not parameters, and no SELECT: only what is not prepared is sent without waiting for a description. Late, it divides by zero.
  const inTime = tx.execute(sql.raw(`values (1 / (extract(epoch from clock_timestamp()) * 1000 < ${endsAtMs})::int)`)).execute();
  inTime.catch(() => undefined);
  return { inTime };
}

/** What a transaction that failed is answered. An error that ended the connection says nothing about a COMMIT that was on its way. */
export function toOutcome(attempt: Attempt, error: unknown): unknown {
  // Whatever it failed of: a statement that was not sent any more wraps what kept it back.
  if (attempt.stage === 'withdrawn') return notMade(error);
  if (attempt.stage !== 'committing' || isRefusal(error)) return error;
  return outcomeUnknown(error);
}

/** By PostgreSQL, which goes on afterwards: the transaction is rolled back. */
function isRefusal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause.name === 'PostgresError') return 'severity' in cause && cause.severity === 'ERROR';
  return false;
}

export function notMade(cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    'The server took too long and gave this up: nothing was changed by it, and nothing will be. Try again.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}

export function outcomeUnknown(cause?: unknown): AppError {
  return new AppError(
    'outcome_unknown',
    'The server has not heard in time whether this was done. Look whether it was, or repeat it with the same Idempotency-Key.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}

/** The change is committed; what its route did after it was not. */
export function madeUnanswered(cause: unknown): AppError {
  return new AppError(
    'outcome_unknown',
    'This was done, and its answer could not be made. Look at what it changed; what else belongs to it may be missing.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}

const RETRY_AFTER_SECONDS = 1;
