import { expect, test } from 'vitest';
import { toToken } from './sign-in-token.ts';

test.each([
  ['http://127.0.0.1:4400/sign-in#abc_123', 'abc_123'],
  ['#abc_123', 'abc_123'],
  [' abc_123\n', 'abc_123'],
  ['', ''],
  ['#', ''],
])('%j signs in with %j', (text, token) => {
  expect(toToken(text)).toBe(token);
});
