/** Where the marks of the chart stand: time across, and how long changes took upwards, in powers of ten. Pure. */
import type { Convergence } from '@yardarm/contract';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export interface ChartMark {
  readonly at: string;
  readonly x: number;
  readonly width: number;
  readonly p50Y: number;
  readonly p95Y: number;
  readonly p99Y: number;
}

/** The lowest line is a millisecond; the highest is that of the slowest change, and at least a second. */
const MIN_MS = 1;

export function chartMarks(
  items: Convergence['items'],
  { since, slotSeconds }: Pick<Convergence, 'since' | 'slotSeconds'>,
  size: ChartSize,
  nowMs: number,
): readonly ChartMark[] {
  // The slot that has begun is shown whole: its mark stands in its middle.
  const untilMs = Math.ceil(nowMs / (slotSeconds * 1_000)) * slotSeconds * 1_000;
  const sinceMs = Date.parse(since);
  const topMs = chartTopMs(items);
  const perMs = size.width / Math.max(1, untilMs - sinceMs);
  const y = (ms: number) => yOf(ms, topMs, size.height);
  return items.map(({ at, p50Ms, p95Ms, p99Ms }) => ({
    at,
    x: (Date.parse(at) - sinceMs) * perMs,
    width: slotSeconds * 1_000 * perMs,
    p50Y: y(p50Ms),
    p95Y: y(p95Ms),
    p99Y: y(p99Ms),
  }));
}

/** Lines of the scale from the lowest up, each ten times the one before. */
export function chartLines(items: Convergence['items'], height: number): readonly { readonly ms: number; readonly y: number }[] {
  const topMs = chartTopMs(items);
  const lines = [];
  for (let ms = MIN_MS; ms <= topMs; ms *= 10) lines.push({ ms, y: yOf(ms, topMs, height) });
  return lines;
}

function chartTopMs(items: Convergence['items']): number {
  const slowestMs = Math.max(1_000, ...items.map(({ p99Ms }) => p99Ms));
  return 10 ** Math.ceil(Math.log10(slowestMs));
}

function yOf(ms: number, topMs: number, height: number): number {
  const share = Math.log10(Math.max(MIN_MS, ms) / MIN_MS) / Math.log10(topMs / MIN_MS);
  return height * (1 - share);
}
