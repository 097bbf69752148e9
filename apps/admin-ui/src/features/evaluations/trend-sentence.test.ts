import { expect, it } from 'vitest';
import { trendSentence } from './trend-sentence.ts';

it('says how many there were, and how many of them today', () => {
  expect(trendSentence([1_000, 204])).toBe('1,204 evaluations in 2 days, 204 of them today');
  expect(trendSentence([0, 0])).toBe('Not evaluated in 2 days');
});
