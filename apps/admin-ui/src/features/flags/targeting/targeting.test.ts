import type { FlagEnvironment } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { editedMembers, withEdit } from '../../../lib/draft.ts';
import { moved, newRule, type Targeting, toTargeting } from './targeting.ts';

const before: Targeting = { prerequisites: [], targets: [], rules: [], fallthrough: { variant: 'off' }, offVariant: 'off' };

describe('editedMembers', () => {
  it('names what changed and nothing else', () => {
    const now: Targeting = { ...before, fallthrough: { variant: 'on' } };
    expect(editedMembers({ before, version: 1, now })).toEqual({ fallthrough: { variant: 'on' } });
  });

  it('is empty for an edit that was taken back', () => {
    expect(editedMembers({ before, version: 1, now: { ...before, rules: [] } })).toEqual({});
  });
});

describe('withEdit', () => {
  it('is no draft where it is back at what it was made from: what others publish is shown again', () => {
    const state = { ...before, version: 3 } as FlagEnvironment;
    const draft = withEdit(null, { before: toTargeting(state), version: state.version }, { ...before, offVariant: 'on' });
    expect(draft).toMatchObject({ version: 3, before, now: { offVariant: 'on' } });
    expect(withEdit(draft, { before: toTargeting({ ...state, offVariant: 'new' }), version: 4 }, before)).toBeNull();
  });
});

describe('newRule', () => {
  it('has an id that no other rule has', () => {
    const first = newRule([], 'on');
    expect(first.id).toBe('rule-1');
    expect(newRule([{ ...first, id: 'rule-2' }], 'on').id).toBe('rule-3');
  });
});

describe('moved', () => {
  it.each([
    [0, 2, ['b', 'c', 'a']],
    [2, 0, ['c', 'a', 'b']],
    [1, 1, ['a', 'b', 'c']],
  ] as const)('from %i to %i', (from, to, order) => {
    expect(moved(['a', 'b', 'c'], from, to)).toEqual(order);
  });
});
