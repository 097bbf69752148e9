import type { Flag } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import { filterFlags, isFiltered, ownersOf, parseFlagFilter, tagsOf, toSearchable } from './flag-filter.ts';

function flagOf(part: Partial<Flag>): Flag {
  return {
    key: 'flag', kind: 'release', type: 'boolean', description: '', variants: {}, clientSide: false,
  salt: 's', owner: null,
    ownerTeam: null, expiresOn: null, tags: [], links: [], lifecycle: 'active', snooze: null, version: 1,
    createdAt: '2027-01-01T00:00:00.000Z', archivedAt: null, environments: [], ...part,
  }; // biome-ignore format: a fixture is read as one block
}

const flags = [
  flagOf({
    key: 'new-checkout',
    description: 'One-page checkout',
    owner: 'payments',
    expiresOn: '2027-03-12',
    lifecycle: 'stale',
  }),
  flagOf({ key: 'recommendations', kind: 'operational', owner: 'search', tags: ['ml'] }),
  flagOf({ key: 'old-banner', owner: 'payments', expiresOn: '2027-01-01', lifecycle: 'expired' }),
];
const keys = (filter: Parameters<typeof filterFlags>[1]) => filterFlags(flags.map(toSearchable), filter).map(({ key }) => key);

describe('filterFlags', () => {
  test('finds every word in key, description, owner or tags, whatever its case', () => {
    expect(keys({ q: 'CHECKOUT payments' })).toEqual(['new-checkout']);
    expect(keys({ q: 'ml' })).toEqual(['recommendations']);
    expect(keys({ q: 'checkout search' })).toEqual([]);
  });

  test('combines kind, owner and lifecycle', () => {
    expect(keys({ owner: 'payments' })).toEqual(['new-checkout', 'old-banner']);
    expect(keys({ owner: 'payments', lifecycle: 'expired' })).toEqual(['old-banner']);
    expect(keys({ lifecycle: 'stale' })).toEqual(['new-checkout']);
    expect(keys({ kind: 'operational' })).toEqual(['recommendations']);
    expect(keys({ tag: 'ml' })).toEqual(['recommendations']);
  });
});

test('tells what is portable from what has obstacles', () => {
  const keysOf = (portable: 'yes' | 'no') =>
    filterFlags(flags.map(toSearchable), { portable }, { 'old-banner': [] }).map(({ key }) => key);
  expect(keysOf('no')).toEqual(['old-banner']);
  expect(keysOf('yes')).toEqual(['new-checkout', 'recommendations']);
});

describe('filterFlags by state', () => {
  const state = (on: boolean) => ({ ...({} as Flag['environments'][number]), environment: 'production', on });
  const switched = [flagOf({ key: 'up', environments: [state(true)] }), flagOf({ key: 'down', environments: [state(false)] })];

  test('tells on from off in the environment that is named', () => {
    const keysOf = (filter: Parameters<typeof filterFlags>[1]) =>
      filterFlags(switched.map(toSearchable), filter).map(({ key }) => key);
    expect(keysOf({ on: 'production' })).toEqual(['up']);
    expect(keysOf({ off: 'production' })).toEqual(['down']);
    expect(keysOf({ on: 'staging' })).toEqual([]);
  });
});

test('an order or a choice of columns filters nothing', () => {
  expect(isFiltered({ sort: '-created', columns: 'created' })).toBe(false);
  expect(isFiltered({ sort: '-created', owner: 'payments' })).toBe(true);
});

describe('parseFlagFilter', () => {
  test('has the order and the columns beside the filters', () => {
    expect(parseFlagFilter({ q: 'a', sort: '-expires', columns: 'created' })).toEqual({
      ...{ q: 'a', sort: '-expires', columns: 'created' },
    });
  });

  test('drops what it does not know and keeps a search for a number as text', () => {
    expect(parseFlagFilter({ q: 404, kind: 'toggle', lifecycle: 'expired', page: 3 })).toEqual({
      q: '404',
      lifecycle: 'expired',
    });
  });
});

test('owners are named once, in order', () => {
  expect(ownersOf(flags)).toEqual(['payments', 'search']);
});

test('tags are named once, in order', () => {
  expect(tagsOf(flags)).toEqual(['ml']);
});
