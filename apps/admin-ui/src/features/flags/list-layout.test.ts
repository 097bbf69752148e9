import type { Flag } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { chosenColumns, nextSort, parseListLayout, type Sort, sortFlags, withColumn } from './list-layout.ts';

const flags = [
  { key: 'banner', owner: null, expiresOn: '2031-05-01', createdAt: '2030-01-03T00:00:00.000Z' },
  { key: 'basket', owner: 'shop', expiresOn: null, createdAt: '2030-01-01T00:00:00.000Z' },
  { key: 'checkout', owner: 'growth', expiresOn: '2031-02-01', createdAt: '2030-01-02T00:00:00.000Z' },
] as Flag[];
const lastEvaluated = (key: string) => ({ banner: 2_000, checkout: 1_000 })[key];
const keysBy = (sort: Sort) => sortFlags(flags, sort, { flagOf: (flag) => flag, lastEvaluated }).map(({ key }) => key);

describe('sortFlags', () => {
  it.each<[Sort, string]>([
    ['key', 'banner basket checkout'],
    ['-key', 'checkout basket banner'],
    ['created', 'basket checkout banner'],
    ['-created', 'banner checkout basket'],
  ])('by %s is %s', (sort, keys) => expect(keysBy(sort).join(' ')).toBe(keys));

  it('has what has no owner or no expiry last, in either direction', () => {
    expect([keysBy('owner'), keysBy('-owner')]).toEqual([
      ['checkout', 'basket', 'banner'],
      ['basket', 'checkout', 'banner'],
    ]);
    expect([keysBy('expires'), keysBy('-expires')]).toEqual([
      ['checkout', 'banner', 'basket'],
      ['banner', 'checkout', 'basket'],
    ]);
  });

  it('takes what was never evaluated for evaluated longest ago', () => {
    expect([keysBy('evaluated'), keysBy('-evaluated')]).toEqual([
      ['basket', 'checkout', 'banner'],
      ['banner', 'checkout', 'basket'],
    ]);
  });

  it('orders what is equal by key, in either direction', () => {
    const alike = ['b', 'a'].map((key) => ({ key, owner: 'shop' }) as Flag);
    for (const sort of ['owner', '-owner'] as const)
      expect(sortFlags(alike, sort, { flagOf: (flag) => flag, lastEvaluated }).map(({ key }) => key)).toEqual(['a', 'b']);
  });
});

it('goes from ascending to descending to the usual order, and to another column at once', () => {
  expect([nextSort('key', 'created'), nextSort('created', 'created'), nextSort('-created', 'created')]).toEqual([
    'created',
    '-created',
    'key',
  ]);
  expect(nextSort('-created', 'owner')).toBe('owner');
});

describe('columns', () => {
  it('are written as what is other than usual, and read again', () => {
    const columns = withColumn(withColumn(withColumn('', 'created', true), 'owner', false), { environment: 'staging' }, false);
    expect(columns).toBe('-owner,created,-in:staging');
    expect(chosenColumns(columns)).toEqual({ owner: false, created: true, evaluated: true, without: new Set(['staging']) });
  });

  it('leave nothing in the address once they are as usual again', () => {
    expect(withColumn('-in:staging', { environment: 'staging' }, true)).toBe('');
    expect(withColumn('-owner', 'owner', true)).toBe('');
  });
});

it('drops of an address what it does not know', () => {
  expect(parseListLayout({ sort: '-expires', columns: 'size,-owner,-in:,' })).toEqual({ sort: '-expires', columns: '-owner' });
  expect(parseListLayout({ sort: 'size', columns: 7 })).toEqual({});
  expect(parseListLayout({ sort: 'key', columns: '' })).toEqual({});
});
