import { expect, it } from 'vitest';
import { trendPath } from './trend.ts';

it('draws the highest count at the top, or as high as the scale says, and none on the ground', () => {
  expect(trendPath([0, 10, 5])).toBe('M0 17L28 1L56 9');
  expect(trendPath([50, 50], 100)).toBe('M0 9L56 9');
  expect(trendPath([0, 0])).toBe('M0 17L56 17');
});

it('draws a single count as a level line', () => {
  expect(trendPath([100], 100)).toBe('M0 1L56 1');
});
