import { describe, expect, test } from 'vitest';
import { type FleetReader, mergeFleets, startMeasure } from './fleet.ts';

const STATE = { epoch: '1-a', revision: 7, digest: '0'.repeat(16) };
const reader = (instance: string, part: Partial<FleetReader> = {}): FleetReader => ({
  ...{ keyId: 'k', keyKind: 'server', environmentId: 'e', instance, sdk: 'sdk-node/1' },
  app: { name: 'shop', version: '1', commit: null },
  ...{ held: STATE, state: 'applied', polls: false, connectedAtMs: 1_000, heardAtMs: 2_000 },
  ...part,
});

function measureFleet(readers: readonly FleetReader[]) {
  const measure = startMeasure();
  for (const one of readers) measure.add(one);
  return measure.result();
}

describe('startMeasure', () => {
  test('counts instances by app, version, SDK and what they run', () => {
    const old = { ...STATE, revision: 6 };
    const { groups } = measureFleet([
      reader('a'),
      reader('b', { polls: true }),
      reader('c', { held: old, state: 'rejected' }),
      reader('d', { held: null, state: 'pending' }),
      reader('e', { keyKind: 'client' }),
    ]);
    const shop = { app: { name: 'shop', version: '1' }, sdk: 'sdk-node/1' };
    expect(groups).toEqual([
      { keyKind: 'server', ...shop, revision: 7, instances: 2, polling: 1, rejected: 0 },
      { keyKind: 'server', ...shop, revision: 6, instances: 1, polling: 0, rejected: 1 },
      { keyKind: 'server', ...shop, revision: null, instances: 1, polling: 0, rejected: 0 },
      { keyKind: 'client', ...shop, revision: 7, instances: 1, polling: 0, rejected: 0 },
    ]);
  });

  test('names who is behind first, then who has connected last, and crowds nobody out by another kind of key', () => {
    const many = Array.from({ length: 2_500 }, (_, index) => reader(`s${index}`, { connectedAtMs: index }));
    const { groups, instances } = measureFleet([
      reader('late', { state: 'pending', connectedAtMs: 0 }),
      ...many,
      reader('page', { keyKind: 'client' }),
    ]);
    expect(instances.slice(0, 3).map(({ instance }) => instance)).toEqual(['late', 's2499', 's2498']);
    expect(groups[0]?.instances).toBe(2_501);
    expect(instances).toHaveLength(201);
    expect(instances.at(-1)?.instance).toBe('page');
  });
});

describe('mergeFleets', () => {
  test('adds up what several servers count', () => {
    const { groups, instances } = mergeFleets([
      measureFleet([reader('a'), reader('b')]),
      measureFleet([reader('c'), reader('d', { state: 'pending', held: null })]),
    ]);
    expect(groups.map(({ revision, instances: n }) => [revision, n])).toEqual([
      [7, 3],
      [null, 1],
    ]);
    expect(instances.map(({ instance }) => instance)).toEqual(['d', 'a', 'b', 'c']);
  });
});
