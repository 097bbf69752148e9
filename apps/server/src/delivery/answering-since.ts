/**
 * How long the database has been answering without a break. What servers write into it for each other may be missing, or look old, for
 * a while after one: a restart empties what is unlogged, and nobody could write while it hung.
 */

/** Looks come each second; so many that are missed were a break. */
const BREAK_MS = 3_000;

export interface AnsweringSince {
  /** The database answered a look. `incarnation`: see Circumstances. */
  note(incarnation: string): void;
  /** Milliseconds; 0 while it does not answer. */
  forMs(): number;
}

/** @param monotonicMs milliseconds since any moment, on a clock that nobody sets */
export function createAnsweringSince(monotonicMs: () => number): AnsweringSince {
  let known: string | undefined;
  let sinceMs = Number.NEGATIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  const isBroken = () => monotonicMs() - lastMs > BREAK_MS;
  return {
    note: (incarnation) => {
      if (incarnation !== known || isBroken()) sinceMs = monotonicMs();
      known = incarnation;
      lastMs = monotonicMs();
    },
    forMs: () => (isBroken() ? 0 : monotonicMs() - sinceMs),
  };
}
