/** Gathers what arrived until it is written: a count of its own for every receipt would cost the database more than the changes themselves. */
import { type ConvergenceRow, noCounts, SLOT_MS, stepOf } from './convergence.ts';
import type { KeyKind } from './receipt-books.ts';

/** While the database is away; what finds no room is not counted. About 2 MB. */
const MAX_ROWS = 5_000;

export interface Arrival {
  readonly environmentId: string;
  readonly keyKind: KeyKind;
  /** Empty: it does not say. */
  readonly app: string;
  /** From commit to receipt. */
  readonly ms: number;
}

export interface ConvergenceLog {
  note(arrival: Arrival, nowMs: number): void;
  /** Takes everything out. */
  take(): readonly ConvergenceRow[];
  /** What was taken and could not be written. */
  putBack(rows: readonly ConvergenceRow[]): void;
}

type CountedRow = ConvergenceRow & { readonly counts: number[] };

export function createConvergenceLog(): ConvergenceLog {
  let rows = new Map<string, CountedRow>();
  /** The row asked for last: thousands in a row ask for the same. */
  let last: CountedRow | undefined;

  function rowOf(arrival: Omit<Arrival, 'ms'>, slotMs: number): CountedRow | undefined {
    if (last === undefined || !isOf(last, arrival, slotMs)) last = findRow(arrival, slotMs);
    return last;
  }

  function findRow({ environmentId, keyKind, app }: Omit<Arrival, 'ms'>, slotMs: number): CountedRow | undefined {
    const identity = JSON.stringify([environmentId, keyKind, app, slotMs]);
    const known = rows.get(identity);
    if (known !== undefined || rows.size >= MAX_ROWS) return known;
    const row = { environmentId, keyKind, app, slotMs, counts: noCounts() };
    rows.set(identity, row);
    return row;
  }

  return {
    note: (arrival, nowMs) => {
      const row = rowOf(arrival, Math.floor(nowMs / SLOT_MS) * SLOT_MS);
      const step = stepOf(arrival.ms);
      if (row !== undefined) row.counts[step] = (row.counts[step] ?? 0) + 1;
    },
    take: () => {
      const taken = [...rows.values()];
      rows = new Map();
      last = undefined;
      return taken;
    },
    putBack: (taken) => {
      for (const { counts, slotMs, ...arrival } of taken) {
        const row = rowOf(arrival, slotMs);
        if (row !== undefined) for (const [step, n] of counts.entries()) row.counts[step] = (row.counts[step] ?? 0) + n;
      }
    },
  };
}

function isOf(row: CountedRow, { environmentId, keyKind, app }: Omit<Arrival, 'ms'>, slotMs: number): boolean {
  return row.slotMs === slotMs && row.app === app && row.keyKind === keyKind && row.environmentId === environmentId;
}
