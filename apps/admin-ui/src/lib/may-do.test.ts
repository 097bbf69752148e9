import type { Right } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { mayDo } from './may-do.ts';

const right = (part: Partial<Right>): Right => ({ role: null, actions: [], project: null, environment: null, ...part });
const MAKE_KEY = { role: 'admin', action: 'key.create' } as const;
const PRODUCTION = { project: 'shop', environment: 'production' };

describe('mayDo', () => {
  it('counts every role from the least one on', () => {
    const need = { role: 'editor', action: 'flag.configure' } as const;
    expect(mayDo([right({ role: 'releaser' })], need, PRODUCTION)).toBe(true);
    expect(mayDo([right({ role: 'viewer' })], need, PRODUCTION)).toBe(false);
  });

  it('takes a right of one environment there and nowhere else', () => {
    const grants = [right({ role: 'admin', project: 'shop', environment: 'staging' })];
    expect(mayDo(grants, MAKE_KEY, { project: 'shop', environment: 'staging' })).toBe(true);
    expect(mayDo(grants, MAKE_KEY, PRODUCTION)).toBe(false);
    expect(mayDo(grants, MAKE_KEY, { project: 'shop' })).toBe(false);
  });

  it('takes a single action without any role', () => {
    expect(mayDo([right({ actions: ['key.create'], project: 'shop' })], MAKE_KEY, PRODUCTION)).toBe(true);
    expect(mayDo([right({ actions: ['key.create'], project: 'mobile' })], MAKE_KEY, PRODUCTION)).toBe(false);
  });
});
