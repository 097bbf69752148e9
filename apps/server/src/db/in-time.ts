/**
 * A connection may fall silent while all others answer: its back end hangs, or a network swallows it. No limit of its session ends what
 * it was asked, nor does TCP for a quarter of an hour. So whoever has to go on asks in time, and asks again over another connection.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** Ordinary statements end by themselves within it (STATEMENT_TIMEOUT_MS): what takes longer is not answered at all. */
export const ANSWER_MS = 5_000;

/** What was asked of the database. Rejects after ANSWER_MS; an answer that comes later is dropped, and what was written stays written. */
export function inTime<T>(asked: PromiseLike<T>): Promise<T> {
  const silence = delay(ANSWER_MS, undefined, { ref: false }).then(() => {
    throw new Error(`The database did not answer within ${ANSWER_MS / 1_000} s.`);
  });
  return Promise.race([asked, silence]);
}
