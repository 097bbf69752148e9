import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterResync, allowedPollMs, noResyncYet, POLL_MS, pollDelayMs, reconnectDelayMs, refusedDelayMs } from './backoff.ts';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('delays (I9)', () => {
  it('reconnects within half a second at first, doubling to a minute, never later', () => {
    expect(reconnectDelayMs(0, 0.5)).toBe(250);
    expect(reconnectDelayMs(3, 0.5)).toBe(2_000);
    expect([reconnectDelayMs(6, 0), reconnectDelayMs(7, 0), reconnectDelayMs(70, 0.5)]).toEqual([0, 30_000, 45_000]);
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), anyRandom, (attempt, random) => {
        const delayMs = reconnectDelayMs(attempt, random);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(60_000);
      }),
    );
  });

  it('waits 3.75 to 5 minutes after a refused key, and 24 to 36 seconds between polls', () => {
    fc.assert(
      fc.property(anyRandom, (random) => {
        expect(refusedDelayMs(random)).toBeGreaterThanOrEqual(225_000);
        expect(refusedDelayMs(random)).toBeLessThanOrEqual(300_000);
        expect(pollDelayMs(POLL_MS, random)).toBeGreaterThanOrEqual(24_000);
        expect(pollDelayMs(POLL_MS, random)).toBeLessThanOrEqual(36_000);
      }),
    );
  });
});

it('an interval of polls that a server asks for is kept between 10 seconds and 5 minutes', () => {
  expect([0, 45_000, 86_400_000].map(allowedPollMs)).toEqual([10_000, 45_000, 300_000]);
});

describe('limit of resyncs (I8)', () => {
  it('allows the first at once, then one after 10 s, doubling to 5 minutes', () => {
    let limit = noResyncYet;
    let nowMs = 0;
    const intervals: number[] = [];
    for (let resync = 0; resync < 8; resync++) {
      limit = afterResync(limit, nowMs);
      intervals.push(limit.intervalMs);
      nowMs = limit.nextAtMs;
    }
    expect(intervals).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  it('begins anew after a calm as long as the interval itself', () => {
    const excited = afterResync(afterResync(noResyncYet, 0), 10_000);
    expect(afterResync(excited, 51_000).intervalMs).toBe(10_000);
    expect(afterResync(excited, 49_000).intervalMs).toBe(40_000);
  });
});
