/** Counts of one flag as a chart draws them: one series a variant over the same points in time. Pure. */
import type { FlagEvaluations, Grain } from '@yardarm/contract';

/** What its callers got who got their code default. No variant can have this name. */
export const CODE_DEFAULT = 'code default';

export interface EvaluationSeries {
  /** Begin of each hour, day or month, UTC, in epoch milliseconds; the last one is running. */
  readonly atMs: readonly number[];
  readonly series: readonly { readonly label: string; readonly counts: readonly number[]; readonly total: number }[];
  readonly total: number;
}

const HOUR_MS = 3_600_000;

/** `variants`: of the flag, in its order; those that it does not have any more come after them, and the code default last. */
export function toSeries({ items, since, grain }: FlagEvaluations, variants: readonly string[], nowMs: number): EvaluationSeries {
  const atMs = slots(Date.parse(since), grain, nowMs);
  const slotOf = new Map(atMs.map((at, index) => [at, index]));
  const counts = new Map<string, number[]>();
  for (const { at, variant, defaultServed, n } of items) {
    const slot = slotOf.get(Date.parse(at));
    if (slot === undefined) continue;
    const label = defaultServed || variant === null ? CODE_DEFAULT : variant;
    const known = counts.get(label) ?? atMs.map(() => 0);
    known[slot] = (known[slot] ?? 0) + n;
    counts.set(label, known);
  }
  const series = [...counts]
    .map(([label, all]) => ({ label, counts: all, total: all.reduce((sum, n) => sum + n, 0) }))
    .sort((a, b) => rankOf(a.label, variants) - rankOf(b.label, variants) || a.label.localeCompare(b.label));
  return { atMs, series, total: series.reduce((sum, { total }) => sum + total, 0) };
}

/** Each series on top of those before it: what a stack is drawn of. */
export function stacked({ atMs, series }: EvaluationSeries): number[][] {
  const below = atMs.map(() => 0);
  return series.map(({ counts }) =>
    counts.map((count, index) => {
      below[index] = (below[index] ?? 0) + count;
      return below[index];
    }),
  );
}

/** `14:00`, `3 Mar`, `March 2027`: all UTC, as the counts are. */
export function slotName(atMs: number, grain: Grain): string {
  const parts: Record<Grain, Intl.DateTimeFormatOptions> = {
    hour: { weekday: 'short', hour: '2-digit', minute: '2-digit' },
    day: { weekday: 'short', day: 'numeric', month: 'short' },
    month: { month: 'long', year: 'numeric' },
  };
  return new Intl.DateTimeFormat('en-GB', { ...parts[grain], timeZone: 'UTC' }).format(atMs);
}

function rankOf(label: string, variants: readonly string[]): number {
  if (label === CODE_DEFAULT) return variants.length + 1;
  const index = variants.indexOf(label);
  return index < 0 ? variants.length : index;
}

function slots(sinceMs: number, grain: Grain, nowMs: number): number[] {
  const all: number[] = [];
  for (let at = sinceMs; at <= nowMs; at = next(at, grain)) all.push(at);
  return all;
}

function next(atMs: number, grain: Grain): number {
  if (grain === 'hour') return atMs + HOUR_MS;
  if (grain === 'day') return atMs + 24 * HOUR_MS;
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}
