import { expect, it } from 'vitest';
import { mintSecret } from '../auth/secrets.ts';
import { looksLikeToken, mintTokenSecret } from './token-secret.ts';

it('is yt_, 43 characters of randomness and a checksum of 8, which one wrong character breaks', () => {
  const secret = mintTokenSecret(mintSecret);
  expect(secret).toMatch(/^yt_[\w-]{43}[0-9a-f]{8}$/);
  expect(looksLikeToken(secret)).toBe(true);
  for (let at = 3; at < secret.length; at++) {
    const wrong = secret[at] === 'a' ? 'b' : 'a';
    expect(looksLikeToken(secret.slice(0, at) + wrong + secret.slice(at + 1))).toBe(false);
  }
});
