import { expect, test } from 'vitest';
import { counted, times } from './counted.ts';

test.each([
  [0, '0 flags'],
  [1, '1 flag'],
  [1_204, '1,204 flags'],
])('%i in words', (count, words) => {
  expect(counted(count, 'flag')).toBe(words);
});

test('how often is once, and from then on a number', () => {
  expect([times(0), times(1), times(1_204)]).toEqual(['0 times', 'once', '1,204 times']);
});
