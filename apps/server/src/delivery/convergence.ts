/**
 * How long changes take to arrive, over time: counts in the steps of a histogram, which add up over servers and over time, and the
 * percentiles that they come to. Pure.
 */
import type { Convergence, ConvergenceRange } from '@yardarm/contract';
import type { KeyKind } from './receipt-books.ts';

/** Upper ends of the steps in milliseconds, each at most twice the one before; what took longer is counted in a last one. */
const STEPS_MS = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000,
  30_000, 60_000,
] as const;
/** What one row stands for. */
export const SLOT_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows older than the longest range are dropped. */
export const KEPT_MS = 28 * DAY_MS;

export const RANGES: Readonly<Record<ConvergenceRange, { readonly rangeMs: number; readonly slotMs: number }>> = {
  day: { rangeMs: DAY_MS, slotMs: HOUR_MS / 2 },
  week: { rangeMs: 7 * DAY_MS, slotMs: 4 * HOUR_MS },
  month: { rangeMs: KEPT_MS, slotMs: 12 * HOUR_MS },
};

/** Of one app, and one kind of key, in one environment. */
export interface ConvergenceRow {
  readonly environmentId: string;
  readonly keyKind: KeyKind;
  /** Empty: it does not say. */
  readonly app: string;
  /** Begin of the slot, epoch milliseconds. */
  readonly slotMs: number;
  /** One for each step, and the last for everything above. */
  readonly counts: readonly number[];
}

export function noCounts(): number[] {
  return new Array<number>(STEPS_MS.length + 1).fill(0);
}

/** Index of the step in which `ms` is counted. */
export function stepOf(ms: number): number {
  const index = STEPS_MS.findIndex((end) => ms <= end);
  return index === -1 ? STEPS_MS.length : index;
}

/** Milliseconds within which the share `p` (0 to 1) of what is counted was done, taken to be spread evenly within a step. Of at least one count. */
export function percentileMs(counts: readonly number[], p: number): number {
  const wanted = p * sum(counts);
  let below = 0;
  for (const [index, n] of counts.entries()) {
    const [from, to] = [STEPS_MS[index - 1] ?? 0, STEPS_MS[index]];
    if (n > 0 && below + n >= wanted) return to === undefined ? from : from + ((to - from) * (wanted - below)) / n;
    below += n;
  }
  return STEPS_MS.at(-1) ?? 0;
}

/** Rows as one answer: by app over the whole range, and by slot. */
export function summariseConvergence(
  rows: readonly ConvergenceRow[],
  range: ConvergenceRange,
): Pick<Convergence, 'apps' | 'items'> {
  const { slotMs } = RANGES[range];
  const apps = addUp(rows, ({ keyKind, app }) => JSON.stringify([keyKind, app]));
  const items = addUp(rows, (row) => JSON.stringify([row.keyKind, row.app, Math.floor(row.slotMs / slotMs)]));
  return {
    apps: apps.map(summarise).sort((a, b) => b.n - a.n),
    items: items
      .map((row) => ({ at: new Date(Math.floor(row.slotMs / slotMs) * slotMs).toISOString(), ...summarise(row) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1)),
  };
}

function addUp(rows: readonly ConvergenceRow[], keyOf: (row: ConvergenceRow) => string): ConvergenceRow[] {
  const merged = new Map<string, ConvergenceRow>();
  for (const row of rows) {
    const known = merged.get(keyOf(row));
    const counts = known === undefined ? row.counts : known.counts.map((n, step) => n + (row.counts[step] ?? 0));
    merged.set(keyOf(row), { ...row, counts });
  }
  return [...merged.values()];
}

function summarise({ keyKind, app, counts }: ConvergenceRow): Convergence['apps'][number] {
  return {
    ...{ keyKind, app: app === '' ? null : app, n: sum(counts) },
    p50Ms: percentileMs(counts, 0.5),
    p95Ms: percentileMs(counts, 0.95),
    p99Ms: percentileMs(counts, 0.99),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
