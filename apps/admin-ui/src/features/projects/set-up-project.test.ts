import { describe, expect, it } from 'vitest';
import { keyOf } from './set-up-project.ts';

describe('keyOf', () => {
  it('makes a key of what a name says', () => {
    expect(keyOf("Ann's Shop 2")).toBe('anns-shop-2');
    expect(keyOf('  Café — Zürich ')).toBe('cafe-zurich');
  });

  it('is empty where nothing of a name can be in a key, and never longer than a key may be', () => {
    expect(keyOf('商店')).toBe('');
    expect(keyOf('a '.repeat(100))).toMatch(/^[a-z-]{1,64}$/);
    expect(keyOf(`${'a'.repeat(63)} b`)).toBe('a'.repeat(63));
  });
});
