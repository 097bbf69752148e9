import { expect, it } from 'vitest';
import { trendPath, trendSentence } from './trend.ts';

it('draws the highest day at the top and an idle one on the ground', () => {
  expect(trendPath([0, 10, 5])).toBe('M0 17L28 1L56 9');
  expect(trendPath([0, 0])).toBe('M0 17L56 17');
});

it('says how many there were, and how many of them today', () => {
  expect(trendSentence([1_000, 204])).toBe('1,204 evaluations in 2 days, 204 of them today');
  expect(trendSentence([0, 0])).toBe('Not evaluated in 2 days');
});
