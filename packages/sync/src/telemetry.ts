/**
 * Counts of evaluations, on their way to the server. Guarantees: every evaluation is counted once, in a batch or as lost;
 * a batch keeps its number and its content until the server has it, so that sending it twice counts once; memory is bounded
 * whatever is evaluated; an evaluation like one before allocates nothing. No I/O and no clock: the owner sends what `batch`
 * gives it and says what became of it.
 */
import type { Outcome } from './details.ts';
import { textSum } from './frame-sum.ts';
import { isObject } from './is-object.ts';
import { MAX_COUNTS, MAX_SKIPPED, MAX_TEXT, type SkippedRule, type TelemetryBatch } from './messages.ts';

export interface Telemetry {
  /** Whether it is the flag's first one since the last batch. */
  count(flag: string, outcome: Outcome, codeDefault: unknown): boolean;
  /** Rules that one evaluation passed over since the context lacks an attribute. More than 100 in a batch are dropped. */
  skip(rules: readonly SkippedRule[]): void;
  /**
   * What is to be sent now: the batch before, while the server does not have it; null when there is nothing. The first one, and
   * one after an hour without any, may be empty.
   */
  batch(nowMs: number): TelemetryBatch | null;
  /** Whether something waited behind the last batch already when it was given out, since it was full or an old one. */
  isMore(): boolean;
  /** The server has this batch. Other numbers change nothing. */
  acknowledge(seq: number): void;
  /** The server will never take this batch: what it counted is lost. Other numbers change nothing. */
  refuse(seq: number): void;
}

/** Evaluations of one flag with one outcome and one code default. */
interface Cell {
  outcome: Outcome;
  /**
   * As it was passed first; of long ones only so many, and the others by their hash: of texts it is made anew for each evaluation, and
   * an object is looked for in `hashes`, which takes three times as long as the evaluation.
   */
  readonly codeDefault: unknown;
  readonly defaultHash: string;
  /** The flag's cell before this one, and how many there are. */
  readonly next: Cell | undefined;
  readonly depth: number;
  n: number;
}

/** An instance that evaluates nothing says that once it is up, and then as often, so that it is known to report. */
const SIGN_OF_LIFE_MS = 3_600_000;
/** About a megabyte. Every flag of the largest environment has one. */
const MAX_CELLS = 10_000;
/** Characters of code defaults, as JSON, longer than `MAX_TEXT` that are kept, so that they need not be hashed again: 10,000 take 0.2 ms. */
const MAX_LONG_UNITS = 1_000_000;
/** They are looked through one by one. */
const MAX_CELLS_OF_FLAG = 100;

type Count = { -readonly [Member in keyof TelemetryBatch['counts'][number]]: TelemetryBatch['counts'][number][Member] };

/** `nowMs` are epoch milliseconds. */
export function startTelemetry(instance: string, nowMs: number): Telemetry {
  const cells = new Map<string, Cell>();
  /** Of code defaults that are objects, which may be as large as the host likes: they are its, and not kept for it. */
  let hashes = new WeakMap<object, string>();
  let size = 0;
  let longUnits = 0;
  let skipped: SkippedRule[] = [];
  let lost = 0;
  let fromMs = nowMs;
  let seq = 0;
  let pending: TelemetryBatch | null = null;
  let isMore = false;

  function countAnother(flag: string, outcome: Outcome, codeDefault: unknown): boolean {
    const isKeyed = typeof codeDefault === 'object' && codeDefault !== null;
    const known = isKeyed && hashes.get(codeDefault);
    const text = known ? '' : textOf(codeDefault);
    const defaultHash = known || textSum(text);
    const next = cells.get(flag);
    for (let cell = next; cell !== undefined; cell = cell.next) {
      if (cell.outcome !== outcome || cell.defaultHash !== defaultHash) continue;
      cell.n++;
      return false;
    }
    const depth = (next?.depth ?? 0) + 1;
    if (depth > MAX_CELLS_OF_FLAG) {
      // Of many rule sets, each with outcomes of its own: one that says the same as another is no reason to lose a count.
      const same = idOf(outcome, defaultHash);
      for (let cell = next; cell !== undefined; cell = cell.next) {
        if (cell.defaultHash !== defaultHash || idOf(cell.outcome, defaultHash) !== same) continue;
        cell.outcome = outcome;
        cell.n++;
        return false;
      }
    }
    if (size >= MAX_CELLS || depth > MAX_CELLS_OF_FLAG || typeof flag !== 'string' || flag.length > MAX_TEXT) {
      lost++;
      return false;
    }
    const units = text.length > MAX_TEXT ? text.length : 0;
    // What has no JSON may be of any size.
    const isKept = (text !== '' || !isKeyed) && longUnits + units <= MAX_LONG_UNITS;
    if (isKept) longUnits += units;
    else if (isKeyed) hashes.set(codeDefault, defaultHash);
    cells.set(flag, { outcome, codeDefault: isKept ? codeDefault : defaultHash, defaultHash, next, depth, n: 1 });
    size++;
    return next === undefined;
  }

  function takeCounts(): readonly Count[] {
    const counts: Count[] = [];
    for (const [flag, last] of cells) {
      if (counts.length + last.depth > MAX_COUNTS) break;
      counts.push(...countsOf(flag, last));
      cells.delete(flag);
      size -= last.depth;
    }
    if (size === 0) {
      longUnits = 0;
      hashes = new WeakMap();
    }
    return counts;
  }

  return {
    count: (flag, outcome, codeDefault) => {
      for (let cell = cells.get(flag); cell !== undefined; cell = cell.next) {
        if (cell.outcome !== outcome || cell.codeDefault !== codeDefault) continue;
        cell.n++;
        return false;
      }
      return countAnother(flag, outcome, codeDefault);
    },
    skip: (rules) => {
      skipped.push(...rules.slice(0, MAX_SKIPPED - skipped.length));
    },
    batch: (nowMs) => {
      if (pending !== null) {
        isMore = size > 0;
        return pending;
      }
      if (size === 0 && lost === 0 && seq > 0 && Math.abs(nowMs - fromMs) < SIGN_OF_LIFE_MS) return null;
      // A clock that was set back must not make a period of negative length.
      const to = Math.max(nowMs, fromMs);
      const counts = takeCounts();
      isMore = size > 0;
      pending = { instance, seq: ++seq, from: fromMs, to, counts, lost, ...(skipped.length > 0 && { skipped }) };
      skipped = [];
      lost = 0;
      // From the clock as it is now: one that was set back must not end the signs of life until it has caught up.
      if (size === 0) fromMs = nowMs;
      return pending;
    },
    isMore: () => isMore && pending === null,
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

/** Cells whose outcomes differ only in which rule set they are of are one count. */
function countsOf(flag: string, last: Cell): readonly Count[] {
  const counts = new Map<string, Count>();
  for (let cell: Cell | undefined = last; cell !== undefined; cell = cell.next) {
    const { variant = null, reason, value } = cell.outcome;
    const { defaultHash, n } = cell;
    const count = { flag, variant, reason, defaultServed: value === undefined, defaultHash, n };
    const id = idOf(cell.outcome, defaultHash);
    const known = counts.get(id);
    if (known === undefined) counts.set(id, count);
    else known.n += n;
  }
  return [...counts.values()];
}

/** What a count tells apart within a flag. */
function idOf({ variant, reason, value }: Outcome, defaultHash: string): string {
  return JSON.stringify([variant, reason, value === undefined, defaultHash]);
}

/** JSON with sorted members; empty for what has none. */
function textOf(codeDefault: unknown): string {
  try {
    return (
      JSON.stringify(codeDefault, (_, part) => (isObject(part) ? Object.fromEntries(Object.entries(part).sort()) : part)) ?? ''
    );
  } catch {
    // It is what the caller passed: a cycle, or a getter that throws.
    return '';
  }
}
