import { describe, expect, it } from 'vitest';
import { flagsCrossing, flagsReached, type Links, linksOf } from './dependants.ts';

const flag = (key: string, body: object) => ({ kind: 'flag' as const, key, body, links: undefined });
const segment = (key: string, body: object) => ({ kind: 'segment' as const, key, body, links: undefined });

describe('which flags a change reaches (I7)', () => {
  const entries: { kind: 'flag' | 'segment'; key: string; body: object; links: Links | undefined }[] = [
    flag('plain', {}),
    flag('by-segment', { rules: [{ when: { all: [{ not: { segment: 'beta' } }, { attribute: 'a', op: 'exists' }] } }] }),
    flag('dependent', { prerequisites: [{ flag: 'by-segment', variants: ['on'] }] }),
    flag('second-hand', { prerequisites: [{ flag: 'dependent', variants: ['on'] }] }),
    flag('loop', { prerequisites: [{ flag: 'loop', variants: ['on'] }] }),
    segment('beta', { when: { now: 'after', values: [5_000] } }),
    segment('unused', {}),
  ];

  it('names a changed flag alone when nothing depends on it', () => {
    expect(flagsReached(['flag:plain'], entries)).toEqual(['plain']);
  });

  it('follows a segment through its users and the prerequisites on them', () => {
    expect(flagsReached(['segment:beta'], entries)).toEqual(['by-segment', 'dependent', 'second-hand']);
  });

  it('names no flag for a segment that nobody uses, and nothing for no change', () => {
    expect(flagsReached(['segment:unused'], entries)).toEqual([]);
    expect(flagsReached([], entries)).toEqual([]);
  });

  it('ends on a flag that depends on itself', () => {
    expect(flagsReached(['flag:loop'], entries)).toEqual(['loop']);
  });

  it('names the flags whose time rules name an instant after the last look and up to now', () => {
    expect(flagsCrossing(entries, 4_999, 5_000)).toEqual(['by-segment', 'dependent', 'second-hand']);
    expect(flagsCrossing(entries, 5_000, 9_000)).toEqual([]);
    expect(flagsCrossing(entries, 0, 4_999)).toEqual([]);
  });
});

describe('links of a body', () => {
  it('reads what it can of bodies that are not what they should be', () => {
    for (const body of [null, 7, [], { rules: 'x' }, { rules: [null, { when: [] }] }, { prerequisites: [1, { flag: 2 }] }]) {
      expect(linksOf(body)).toEqual({ uses: [], instants: [] });
    }
  });

  it('reads a list of any length', () => {
    const all: object[] = Array.from({ length: 300_000 }, () => ({}));
    expect(linksOf({ rules: [{ when: { all: [...all, { segment: 'last' }] } }] }).uses).toEqual(['segment:last']);
  });

  it('reaches the bottom of a condition 100 000 levels deep', () => {
    let when: object = { segment: 'deep' };
    for (let depth = 0; depth < 100_000; depth++) when = { not: when };
    expect(linksOf({ rules: [{ when }] }).uses).toEqual(['segment:deep']);
  });
});
