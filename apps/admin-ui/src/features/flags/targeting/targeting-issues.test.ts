import type { Flag, FlagEnvironment, Segment } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { issueAt } from '../../../lib/issues.ts';
import type { Targeting } from './targeting.ts';
import { targetingIssues } from './targeting-issues.ts';

const EMPTY: Targeting = { prerequisites: [], targets: [], rules: [], fallthrough: { variant: 'off' }, offVariant: 'off' };
const state: FlagEnvironment = { ...EMPTY, environment: 'production', on: false, version: 1, updatedAt: '2026-01-01T00:00:00Z' };
const flag = (key: string): Flag => ({
  ...{ key, kind: 'release', type: 'boolean', description: '', variants: { on: true, off: false }, clientSide: false, salt: 's' },
  ...{ owner: null, ownerTeam: null, expiresOn: null, tags: [], links: [], lifecycle: 'active', snooze: null, version: 1 },
  ...{ createdAt: '2026-01-01T00:00:00Z', archivedAt: null, environments: [state] },
});
const segments: Segment[] = [
  {
    key: 'beta',
    name: 'Beta',
    version: 1,
    environments: [{ environment: 'production', include: [], exclude: [], when: null, version: 1 }],
  },
];
const issues = (edit: Partial<Targeting>) =>
  targetingIssues(
    flag('checkout'),
    { before: EMPTY, now: { ...EMPTY, ...edit } },
    { environment: 'production', flags: [flag('checkout'), flag('other')], segments },
  );
const withRule = (when: Condition) => issues({ rules: [{ id: 'r', when, serve: { variant: 'on' } }] });

describe('targetingIssues', () => {
  it('finds nothing in what is sound, whether or not a split has a salt yet', () => {
    const split = {
      split: {
        by: 'targetingKey',
        hash: 2 as const,
        weights: [
          ['on', 25_000],
          ['off', 75_000],
        ] as [string, number][],
      },
    };
    expect(issues({ fallthrough: split, prerequisites: [{ flag: 'other', variants: ['on'] }] })).toEqual([]);
    expect(withRule({ segment: 'beta' })).toEqual([]);
  });

  it('names the place of what the server would refuse', () => {
    expect(issues({ fallthrough: { variant: 'gone' } })).toMatchObject([{ path: '/fallthrough/variant' }]);
    expect(withRule({ segment: 'gone' })[0]?.path).toBe('/rules/0/when/segment');
    expect(withRule({ all: [{ attribute: 'a', op: 'gt', values: [1, 2] }] })[0]?.path).toMatch(/^\/rules\/0\/when\/all\/0/);
  });

  it.each<[string, Condition]>([
    ['/rules/0/when', { attribute: '', op: 'equals', values: ['x'] }],
    ['/rules/0/when', { attribute: 'country', op: 'in', values: [] }],
    ['/rules/0/when/not/any', { not: { any: [] } }],
  ])('says at %s that something is unfinished', (path, when) => {
    expect(withRule(when)).toContainEqual({ path, message: expect.any(String) });
  });

  it('refuses a target of nobody', () => {
    expect(issues({ targets: [{ variant: 'on', keys: [] }] })).toMatchObject([{ path: '/targets/0' }]);
  });
});

describe('what was there before', () => {
  it('holds up no other edit, however unfinished it looks', () => {
    const before: Targeting = {
      ...EMPTY,
      rules: [{ id: 'r', when: { all: [] }, serve: { variant: 'on' } }],
      targets: [{ variant: 'on', keys: [] }],
    };
    const edit = { before, now: { ...before, fallthrough: { variant: 'on' } } };
    const surroundings = { environment: 'production', flags: [flag('checkout')], segments };
    expect(targetingIssues(flag('checkout'), edit, surroundings)).toEqual([]);
  });
});

describe('issueAt', () => {
  it('finds what is at the place or in it, and not at one that only begins alike', () => {
    const found = [{ path: '/rules/10/when', message: 'of rule 11' }];
    expect(issueAt(found, '/rules/1')).toBeUndefined();
    expect(issueAt(found, '/rules/10')).toBe('of rule 11');
  });
});
