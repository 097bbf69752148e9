import type { EntityDiff, Flag } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { changedSince, choiceWords, type EntityId, keysOf, missingSegments } from './choice.ts';

const item = (kind: EntityDiff['kind'], key: string, before: unknown = 1): EntityDiff => ({
  ...{ kind, key, change: 'changed' },
  diff: [{ path: ['fallthrough'], kind: 'value', before, after: 2 }],
});
const ITEMS = [item('flag', 'checkout'), item('segment', 'beta'), item('segment', 'staff')];
const FLAGS = [
  {
    key: 'checkout',
    environments: [
      {
        environment: 'staging',
        rules: [
          { id: 'r1', when: { any: [{ segment: 'beta' }, { not: { segment: 'same-everywhere' } }] }, serve: { variant: 'on' } },
        ],
      },
    ],
  },
] as unknown as Flag[];
const chosen = (...ids: EntityId[]) => new Set(ids);

describe('keysOf', () => {
  it('takes one kind apart from the other', () => {
    expect(keysOf(chosen('flag b', 'segment a', 'flag a'), 'flag')).toEqual(['a', 'b']);
  });
});

describe('choiceWords', () => {
  it('says of what kind the chosen are, one or several', () => {
    expect(choiceWords(chosen('flag a'))).toBe('1 flag');
    expect(choiceWords(chosen('segment s', 'flag a', 'flag b'))).toBe('2 flags and 1 segment');
    expect(choiceWords(chosen())).toBe('');
  });
});

describe('missingSegments', () => {
  it('names what a chosen flag asks for, where that differs and is not chosen', () => {
    expect(missingSegments(chosen('flag checkout'), ITEMS, FLAGS, 'staging')).toEqual([{ flag: 'checkout', segment: 'beta' }]);
    expect(missingSegments(chosen('flag checkout', 'segment beta'), ITEMS, FLAGS, 'staging')).toEqual([]);
    expect(missingSegments(chosen('segment staff'), ITEMS, FLAGS, 'staging')).toEqual([]);
  });
});

describe('changedSince', () => {
  it('names the chosen ones whose difference is another one now, or gone', () => {
    const now = [item('flag', 'checkout', 5), item('segment', 'beta')];
    expect(changedSince(chosen('flag checkout', 'segment beta', 'segment staff'), ITEMS, now)).toEqual([
      'flag checkout',
      'segment staff',
    ]);
  });
});
