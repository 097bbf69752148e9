import type { Condition } from '@yardarm/evaluator';
import { describe, expect, it } from 'vitest';
import { fromGroup, fromWholeGroup, toGroup, wholeGroup } from './condition-edits.ts';

const plan: Condition = { attribute: 'plan', op: 'equals', values: ['pro'] };
const beta: Condition = { segment: 'beta' };

describe('toGroup', () => {
  it.each<[string, Condition, string, readonly string[]]>([
    ['all', { all: [plan, beta] }, 'all', ['/all/0', '/all/1']],
    ['any', { any: [plan] }, 'any', ['/any/0']],
    ['none of several', { not: { any: [plan, beta] } }, 'none', ['/not/any/0', '/not/any/1']],
    ['not all of several', { not: { all: [plan, beta] } }, 'not_all', ['/not/all/0', '/not/all/1']],
    ['not one', { not: plan }, 'none', ['/not']],
    ['not not one', { not: { not: plan } }, 'none', ['/not']],
  ])('reads %s', (_, condition, kind, paths) => {
    expect(toGroup(condition)).toMatchObject({ kind, paths });
  });

  it('leaves alone what has no parts', () => {
    for (const condition of [plan, beta, { not: beta }, { now: 'after', values: [0] } as const])
      expect(toGroup(condition)).toBeNull();
  });

  it.each<Condition>([{ all: [plan, beta] }, { any: [] }, { not: { any: [plan, beta] } }, { not: { all: [plan] } }])(
    'is undone by fromGroup: %j',
    (condition) => {
      const { kind, parts } = toGroup(condition)!;
      expect(fromGroup(kind, parts)).toEqual(condition);
    },
  );
});

describe('wholeGroup', () => {
  it('shows a condition that stands alone as the only one of all, and writes it as it was', () => {
    for (const condition of [plan, beta, { not: beta }]) {
      const { kind, parts, paths } = wholeGroup(condition);
      expect([kind, paths]).toEqual(['all', ['']]);
      expect(fromWholeGroup(kind, parts)).toEqual(condition);
    }
  });

  it('becomes a group with the second part', () => {
    const { kind, parts } = wholeGroup(plan);
    expect(fromWholeGroup(kind, [...parts, beta])).toEqual({ all: [plan, beta] });
  });
});
