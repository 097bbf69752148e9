import { expect, test } from 'vitest';
import { counted } from './counted.ts';

test.each([
  [0, '0 flags'],
  [1, '1 flag'],
  [1_204, '1,204 flags'],
])('%i in words', (count, words) => {
  expect(counted(count, 'flag')).toBe(words);
});
