import { expect, test } from 'vitest';
import { createStreamTokens, TOKEN_HOUR_MS } from './stream-token.ts';

const NOW_MS = 1_000 * TOKEN_HOUR_MS;
const KEY = '0f6f4b0e-8d2f-4a8e-9a53-6d0f3f5a9a10';

test('a token names its key until the end of the next hour, and is the same all hour', () => {
  const { mint, read } = createStreamTokens('secret');
  const token = mint(KEY, NOW_MS);
  expect(mint(KEY, NOW_MS + TOKEN_HOUR_MS - 1)).toBe(token);
  expect(mint(KEY, NOW_MS + TOKEN_HOUR_MS)).not.toBe(token);
  expect(read(token, NOW_MS)).toBe(KEY);
  expect(read(token, NOW_MS + 2 * TOKEN_HOUR_MS - 1)).toBe(KEY);
  expect(read(token, NOW_MS + 2 * TOKEN_HOUR_MS)).toBeNull();
  expect(read(token, NOW_MS - TOKEN_HOUR_MS - 1)).toBeNull();
});

test('a token of another server, of another key or of no form is none', () => {
  const { mint, read } = createStreamTokens('secret');
  const token = mint(KEY, NOW_MS);
  expect(createStreamTokens('another').read(token, NOW_MS)).toBeNull();
  expect(read(token.replace(KEY, KEY.replace('0', '1')), NOW_MS)).toBeNull();
  expect(read(token.replace('1000.', '1001.'), NOW_MS)).toBeNull();
  expect(read(`${token}x`, NOW_MS)).toBeNull();
  expect(read('', NOW_MS)).toBeNull();
});
