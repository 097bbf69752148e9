import { describe, expect, it } from 'vitest';
import { chartLines, chartMarks } from './convergence-chart.ts';

const SIZE = { width: 100, height: 90 };
const HOUR_MS = 3_600_000;
const item = (hour: number, p50Ms: number, p99Ms: number) => ({
  ...({ at: new Date(hour * HOUR_MS).toISOString(), keyKind: 'server', app: 'shop', n: 1 } as const),
  ...{ p50Ms, p95Ms: p99Ms, p99Ms },
});
const RANGE = { since: new Date(0).toISOString(), slotSeconds: 3_600 };

describe('chartMarks', () => {
  it('puts time across, and ten times as long as high again', () => {
    const [first, last] = chartMarks([item(0, 1, 10), item(9, 100, 1_000)], RANGE, SIZE, 10 * HOUR_MS);
    expect(first).toMatchObject({ x: 0, width: 10, p50Y: 90 });
    expect(first?.p99Y).toBeCloseTo(60);
    expect(last).toMatchObject({ x: 90, p99Y: 0 });
    expect(last?.p50Y).toBeCloseTo(30);
  });

  it('shows the hour that has just begun whole', () => {
    const [mark] = chartMarks([item(9, 5, 50)], RANGE, SIZE, 9.1 * HOUR_MS);
    expect(mark).toMatchObject({ x: 90, width: 10 });
  });

  it('never leaves the picture below a millisecond', () => {
    expect(chartMarks([item(0, 0.01, 0.5)], RANGE, SIZE, HOUR_MS)[0]).toMatchObject({ p50Y: 90, p99Y: 90 });
  });
});

describe('chartLines', () => {
  it('reaches a second, and further where a change took longer', () => {
    expect(chartLines([], 90).map(({ ms }) => ms)).toEqual([1, 10, 100, 1_000]);
    expect(chartLines([item(0, 5, 30_000)], 90).at(-1)).toEqual({ ms: 100_000, y: 0 });
  });
});
