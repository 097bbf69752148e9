import { expect, it } from 'vitest';
import { createAttemptLimit } from './attempt-limit.ts';

it('refuses what is above the share of a window, per key, and says how long to wait', () => {
  let nowMs = 0;
  const limit = createAttemptLimit({ max: 2, windowMs: 60_000, whose: 'for this account', now: () => nowMs });
  const take = (key: string) => {
    try {
      limit.take(key);
      return 'taken';
    } catch (error) {
      return error;
    }
  };
  expect([take('ada'), take('ada')]).toEqual(['taken', 'taken']);
  nowMs = 20_000;
  expect(take('ada')).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 40 });
  expect(take('grace')).toBe('taken');
  nowMs = 60_000;
  expect(take('ada')).toBe('taken');
});

it('forgets attempts of whoever succeeded', () => {
  const limit = createAttemptLimit({ max: 1, windowMs: 60_000, whose: 'for this account', now: () => 0 });
  limit.take('ada');
  limit.forgive('ada');
  expect(() => limit.take('ada')).not.toThrow();
});
