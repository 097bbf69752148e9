import type { FlagEvaluations } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { slotName, stacked, toSeries } from './evaluation-series.ts';

const DAY_MS = 86_400_000;
const sinceMs = Date.UTC(2027, 0, 30);
const item = (day: number, variant: string | null, n: number, defaultServed = false) => ({
  ...{ at: new Date(sinceMs + day * DAY_MS).toISOString(), keyKind: 'server' as const, reason: 'STATIC' },
  ...{ variant, n, defaultServed },
});
const of = (items: FlagEvaluations['items'], grain: FlagEvaluations['grain'] = 'day', since = sinceMs) =>
  ({ items, grain, since: new Date(since).toISOString() }) as FlagEvaluations;

describe('toSeries', () => {
  it('has a point for every day, those without a count included, and sums up what kinds of keys and reasons tell apart', () => {
    const { atMs, series, total } = toSeries(
      of([item(0, 'on', 2), item(0, 'on', 3), item(2, 'off', 1)]),
      ['off', 'on'],
      sinceMs + 2.5 * DAY_MS,
    );
    expect(atMs).toHaveLength(3);
    expect(series).toEqual([
      { label: 'off', counts: [0, 0, 1], total: 1 },
      { label: 'on', counts: [5, 0, 0], total: 5 },
    ]);
    expect(total).toBe(6);
  });

  it('puts variants that are gone after those of the flag, and what code defaults answered last', () => {
    const items = [item(0, null, 1), item(0, 'old', 1), item(0, 'on', 1), item(0, 'on', 4, true)];
    const { series } = toSeries(of(items), ['on'], sinceMs);
    expect(series.map(({ label, total }) => [label, total])).toEqual([
      ['on', 1],
      ['old', 1],
      ['code default', 5],
    ]);
  });

  it('goes by calendar months where months are asked for', () => {
    const { atMs } = toSeries(of([], 'month', Date.UTC(2026, 11, 1)), [], Date.UTC(2027, 1, 15));
    expect(atMs.map((at) => slotName(at, 'month'))).toEqual(['December 2026', 'January 2027', 'February 2027']);
  });
});

it('stacks each series on those before it', () => {
  const data = toSeries(of([item(0, 'a', 1), item(1, 'a', 2), item(1, 'b', 5)]), ['a', 'b'], sinceMs + DAY_MS);
  expect(stacked(data)).toEqual([
    [1, 2],
    [1, 7],
  ]);
});
