import type { Flag } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { withFlag } from './with-flag.ts';

const flag = (key: string, part: Partial<Flag> = {}) => ({ key, archivedAt: null, version: 1, ...part }) as Flag;
const list = [flag('a'), flag('c'), flag('e')];
const keys = (flags: readonly Flag[]) => flags.map(({ key }) => key);

describe('withFlag', () => {
  it('replaces the flag where it stands', () => {
    expect(withFlag(list, flag('c', { version: 2 })).map(({ version }) => version)).toEqual([1, 2, 1]);
  });

  it.each([
    ['0', ['0', 'a', 'c', 'e']],
    ['d', ['a', 'c', 'd', 'e']],
    ['f', ['a', 'c', 'e', 'f']],
  ])('puts a new one, %s, into its place', (key, order) => {
    expect(keys(withFlag(list, flag(key)))).toEqual(order);
  });

  it('takes an archived one out, and adds none', () => {
    const archivedAt = '2026-01-01T00:00:00Z';
    expect(keys(withFlag(list, flag('c', { archivedAt })))).toEqual(['a', 'e']);
    expect(withFlag(list, flag('x', { archivedAt }))).toBe(list);
  });
});
