import { expect, it } from 'vitest';
import { isMistyped, mintSecret } from './secrets.ts';

it('ends a secret with a prefix in a checksum, and one without in none', () => {
  expect(mintSecret('ys_')).toMatch(/^ys_[\w-]{49}$/);
  expect(mintSecret('')).toMatch(/^[\w-]{43}$/);
});

it('finds any one wrong character of a key, and any two exchanged ones', () => {
  const key = mintSecret('yc_');
  expect(isMistyped(key)).toBe(false);
  for (let index = 3; index < key.length - 1; index++) {
    const [a, b] = [key[index] as string, key[index + 1] as string];
    expect(isMistyped(key.slice(0, index) + (a === 'x' ? 'y' : 'x') + key.slice(index + 1))).toBe(true);
    expect(isMistyped(key.slice(0, index) + b + a + key.slice(index + 2))).toBe(a !== b);
  }
});

it('takes keys of former versions and of the configuration for no mistyped ones', () => {
  for (const key of [`ys_${'a'.repeat(43)}`, 'ys_3f9a0c1d7b2e', 'yc_51c27e90aa4b', '', 'Basic abc'])
    expect(isMistyped(key)).toBe(false);
});
