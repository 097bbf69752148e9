import { describe, expect, it } from 'vitest';
import { nextRange, type RowRange } from './staged-range.ts';

const LIMITS = { most: 10, ahead: 6 };
const next = (wanted: RowRange, drawn: RowRange) => nextRange(wanted, drawn, LIMITS);

describe('nextRange', () => {
  it('draws everything the first time, and what is in sight first after a leap', () => {
    expect(next({ start: 0, end: 23 }, { start: 0, end: 0 })).toEqual({ start: 0, end: 23 });
    expect(next({ start: 100, end: 129 }, { start: 0, end: 23 })).toEqual({ start: 106, end: 116 });
    expect(next({ start: 0, end: 23 }, { start: 100, end: 129 })).toEqual({ start: 0, end: 10 });
  });

  it('keeps what is drawn and goes on from there, downwards first', () => {
    expect(next({ start: 10, end: 39 }, { start: 0, end: 29 })).toEqual({ start: 10, end: 39 });
    expect(next({ start: 100, end: 129 }, { start: 106, end: 116 })).toEqual({ start: 106, end: 126 });
    expect(next({ start: 100, end: 129 }, { start: 106, end: 126 })).toEqual({ start: 100, end: 129 });
    expect(next({ start: 10, end: 39 }, { start: 27, end: 56 })).toEqual({ start: 17, end: 39 });
  });

  it('never draws what is not wanted, however short the list has become', () => {
    expect(next({ start: 0, end: 3 }, { start: 100, end: 129 })).toEqual({ start: 0, end: 3 });
    expect(next({ start: 0, end: 0 }, { start: 100, end: 129 })).toEqual({ start: 0, end: 0 });
  });

  it('has drawn all of any leap after a few steps, each of at most ten rows', () => {
    for (const [wanted, from] of [
      [
        { start: 500, end: 529 },
        { start: 0, end: 23 },
      ],
      [
        { start: 0, end: 23 },
        { start: 500, end: 529 },
      ],
    ] as const) {
      let drawn: RowRange = from;
      for (let step = 0; step < 3; step += 1) {
        const before = drawn;
        drawn = next(wanted, drawn);
        const kept = Math.max(0, Math.min(before.end, drawn.end) - Math.max(before.start, drawn.start));
        expect(drawn.end - drawn.start - kept).toBeLessThanOrEqual(LIMITS.most);
      }
      expect(drawn).toEqual(wanted);
    }
  });
});
