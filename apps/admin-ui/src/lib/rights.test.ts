import type { Right } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { isAllowed, type May, mayChange } from './rights.ts';

const right = (part: Partial<Right>): Right => ({ role: null, actions: [], project: null, environment: null, ...part });
const inShop = (environment?: string) => ({ project: 'shop', environment });

describe('isAllowed', () => {
  it('knows what a right names, and nothing else', () => {
    expect(isAllowed([right({ actions: ['flag.kill'] })], 'flag.kill', inShop('production'))).toBe(true);
    expect(isAllowed([right({ actions: ['flag.kill'] })], 'flag.unkill', inShop('production'))).toBe(false);
    expect(isAllowed([], 'flag.kill', inShop())).toBe(false);
  });

  it('keeps a right to where it was given', () => {
    const staging = right({ actions: ['flag.create', 'flag.kill'], project: 'shop', environment: 'staging' });
    expect(isAllowed([staging], 'flag.kill', inShop('staging'))).toBe(true);
    expect(isAllowed([staging], 'flag.kill', inShop('production'))).toBe(false);
    expect(isAllowed([staging], 'flag.create', inShop())).toBe(false);
    expect(isAllowed([staging], 'flag.kill', { project: 'mobile', environment: 'staging' })).toBe(false);
  });

  it('adds rights up', () => {
    const rights = [right({ actions: ['flag.kill'], project: 'mobile' }), right({ actions: ['flag.kill'], project: 'shop' })];
    expect(isAllowed(rights, 'flag.kill', inShop('production'))).toBe(true);
  });
});

describe('mayChange', () => {
  const editor: May = (action) => action === 'flag.configure';
  it('asks in a protected environment for the right to release there as well', () => {
    expect(mayChange(editor, 'flag.configure', { key: 'staging', protected: false })).toBe(true);
    expect(mayChange(editor, 'flag.configure', { key: 'production', protected: true })).toBe(false);
    expect(mayChange(() => true, 'flag.configure', { key: 'production', protected: true })).toBe(true);
  });
});
