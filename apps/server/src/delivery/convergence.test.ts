import { describe, expect, test } from 'vitest';
import { type ConvergenceRow, noCounts, percentileMs, SLOT_MS, stepOf, summariseConvergence } from './convergence.ts';
import { createConvergenceLog } from './convergence-log.ts';

function countsOf(...ms: number[]): number[] {
  const counts = noCounts();
  for (const one of ms) counts[stepOf(one)]!++;
  return counts;
}
const row = (part: Partial<ConvergenceRow>): ConvergenceRow => ({
  ...{ environmentId: 'e', keyKind: 'server', app: 'shop', slotMs: 0, counts: countsOf(10) },
  ...part,
});

describe('percentileMs', () => {
  test('lies within the step in which the share is reached', () => {
    const counts = countsOf(...Array.from({ length: 98 }, () => 18), 250, 4_000);
    expect(percentileMs(counts, 0.5)).toBeGreaterThan(15);
    expect(percentileMs(counts, 0.5)).toBeLessThanOrEqual(20);
    expect(percentileMs(counts, 0.99)).toBe(300);
    expect(percentileMs(counts, 1)).toBe(5_000);
  });

  test('says a minute for everything above', () => {
    expect(percentileMs(countsOf(600_000), 0.5)).toBe(60_000);
    expect(stepOf(60_000)).toBe(stepOf(60_001) - 1);
  });
});

describe('summariseConvergence', () => {
  test('adds slots up to those of the range, and apps over the whole of it', () => {
    const halfAnHour = SLOT_MS * 6;
    const rows = [row({}), row({ slotMs: SLOT_MS }), row({ slotMs: halfAnHour }), row({ app: '', keyKind: 'client' })];
    const { apps, items } = summariseConvergence(rows, 'day');
    expect(apps.map(({ keyKind, app, n }) => [keyKind, app, n])).toEqual([
      ['server', 'shop', 3],
      ['client', null, 1],
    ]);
    expect(items.filter(({ app }) => app === 'shop').map(({ at, n }) => [at, n])).toEqual([
      ['1970-01-01T00:00:00.000Z', 2],
      ['1970-01-01T00:30:00.000Z', 1],
    ]);
  });
});

describe('createConvergenceLog', () => {
  test('gathers by slot, and keeps what could not be written for the next time', () => {
    const log = createConvergenceLog();
    const arrival = { environmentId: 'e', keyKind: 'server', app: 'shop' } as const;
    log.note({ ...arrival, ms: 12 }, 1);
    log.note({ ...arrival, ms: 13 }, SLOT_MS - 1);
    log.note({ ...arrival, ms: 5_000 }, SLOT_MS);
    const taken = log.take();
    expect(taken.map(({ slotMs, counts }) => [slotMs, counts])).toEqual([
      [0, countsOf(12, 13)],
      [SLOT_MS, countsOf(5_000)],
    ]);
    expect(log.take()).toEqual([]);
    log.note({ ...arrival, ms: 14 }, 2);
    log.putBack(taken);
    expect(log.take()[0]?.counts).toEqual(countsOf(12, 13, 14));
  });
});
