/**
 * Counts of evaluations, on their way to the server. Guarantees: every evaluation is counted once, in a batch or as lost;
 * a batch keeps its number and its content until the server has it, so that sending it twice counts once; memory is bounded
 * whatever is evaluated. No I/O and no clock: the owner sends what `batch` gives it and says what became of it.
 */
import { type Evaluation, MAX_COUNTS, MAX_TEXT, type TelemetryBatch } from './messages.ts';

export interface Telemetry {
  count(evaluation: Evaluation): void;
  /** What is to be sent now: the batch before, while the server does not have it; null when there is nothing. The first one, and one after an hour without any, may be empty. */
  batch(nowMs: number): TelemetryBatch | null;
  /** The server has this batch. Other numbers change nothing. */
  acknowledge(seq: number): void;
  /** The server will never take this batch: what it counted is lost. Other numbers change nothing. */
  refuse(seq: number): void;
}

/** An instance that evaluates nothing says that once it is up, and then as often, so that it is known to report. */
const SIGN_OF_LIFE_MS = 3_600_000;

/** `nowMs` are epoch milliseconds. */
export function startTelemetry(instance: string, nowMs: number): Telemetry {
  let counts = new Map<string, Evaluation & { n: number }>();
  let lost = 0;
  let fromMs = nowMs;
  let seq = 0;
  let pending: TelemetryBatch | null = null;

  return {
    count: (evaluation) => {
      const { flag, variant, reason, defaultServed, defaultHash } = cut(evaluation);
      const id = JSON.stringify([flag, variant, reason, defaultServed, defaultHash]);
      const known = counts.get(id);
      if (known !== undefined) known.n++;
      else if (counts.size >= MAX_COUNTS) lost++;
      else counts.set(id, { flag, variant, reason, defaultServed, defaultHash, n: 1 });
    },
    batch: (nowMs) => {
      if (pending !== null) return pending;
      const isEmpty = counts.size === 0 && lost === 0;
      if (isEmpty && seq > 0 && nowMs - fromMs < SIGN_OF_LIFE_MS) return null;
      // A clock that was set back must not make a period of negative length.
      const to = Math.max(nowMs, fromMs);
      pending = { instance, seq: ++seq, from: fromMs, to, counts: [...counts.values()], lost };
      counts = new Map();
      lost = 0;
      fromMs = to;
      return pending;
    },
    acknowledge: (acknowledged) => {
      if (pending?.seq === acknowledged) pending = null;
    },
    refuse: (refused) => {
      if (pending?.seq !== refused) return;
      lost += pending.lost + pending.counts.reduce((sum, { n }) => sum + n, 0);
      pending = null;
    },
  };
}

/** Flags and defaults are named by whoever calls; no name may cost more than a line. */
function cut({ flag, variant, reason, defaultServed, defaultHash }: Evaluation): Evaluation {
  return {
    flag: flag.slice(0, MAX_TEXT),
    variant: variant === null ? null : variant.slice(0, MAX_TEXT),
    reason: reason.slice(0, MAX_TEXT),
    defaultServed,
    defaultHash: defaultHash.slice(0, MAX_TEXT),
  };
}
