/**
 * Who was connected when a change was made, said nothing of it, and is connected no more. Receipts are of connected instances
 * alone: a process that hangs is cut after half a minute, and from then on no number speaks of it. Pure.
 */
import type { Receipts } from '@yardarm/contract';

export interface Departures {
  /** Of the change that is watched. */
  readonly revision: number;
  /** What was seen last; undefined: nothing yet. */
  readonly seen: Receipts | undefined;
  /** Server instances that left without an answer, less those that came since. */
  readonly missing: number;
}

/** Of servers alone: a browser leaves with its tab. The same object where nothing is new; from the beginning for another change. */
export function watchDepartures(before: Departures, revision: number, now: Receipts | undefined): Departures {
  const was: Departures = before.revision === revision ? before : { revision, seen: undefined, missing: 0 };
  if (now === undefined || now === was.seen) return was;
  // While a replica is not heard, its readers are missing from the numbers and not from the fleet; those that are named were there.
  if (!now.replicas.complete && was.seen !== undefined) return was;
  const change = was.seen === undefined ? 0 : departed(was.seen.server, now.server);
  return { revision, seen: now, missing: Math.max(0, was.missing + change) };
}

/** `1 that was connected has not come back.`; null where nobody is missing. */
export function missingSentence({ missing }: Departures): string | null {
  if (missing === 0) return null;
  return `${missing.toLocaleString('en-GB')} that ${missing === 1 ? 'was connected has' : 'were connected have'} not come back.`;
}

/** How many left without an answer; negative: how many came. */
function departed(was: Receipts['server'], is: Receipts['server']): number {
  const left = was.connected - is.connected;
  if (left <= 0) return left;
  const answers = is.applied + is.rejected - was.applied - was.rejected;
  // Whoever waits no longer has answered or left; who left after an answer is not missed.
  return Math.min(left, Math.max(0, was.pending - is.pending - Math.max(0, answers)));
}
