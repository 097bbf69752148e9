import type { Fleet, FleetInstance } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { behindBy, filterInstances, fleetApps, fleetTotals } from './fleet-rows.ts';

const group = (part: Partial<Fleet['groups'][number]>): Fleet['groups'][number] => ({
  ...{ keyKind: 'server', app: { name: 'shop', version: '1.4.2' }, sdk: 'sdk-node/1' },
  ...{ revision: 41, instances: 1, polling: 0, rejected: 0 },
  ...part,
});
const instance = (part: Partial<FleetInstance>): FleetInstance => ({
  ...{ keyKind: 'server', instance: 'shop-7f', app: { name: 'shop', version: '1.4.2', commit: null }, sdk: 'sdk-node/1' },
  ...{ held: { epoch: '1-a', revision: 41 }, state: 'applied', polls: false, connectedAt: '', heardAt: '' },
  ...part,
});

describe('fleetApps', () => {
  it('adds up SDKs and revisions of one version, and puts who is behind first', () => {
    const apps = fleetApps({
      revision: 41,
      groups: [
        group({ instances: 5, polling: 2 }),
        group({ instances: 2, sdk: 'sdk-node/2' }),
        group({ app: { name: null, version: null }, keyKind: 'client', instances: 3 }),
        group({ app: { name: 'search', version: '9' }, instances: 1, revision: 40 }),
        group({ app: { name: 'search', version: '9' }, instances: 1, revision: null }),
      ],
    });
    expect(apps.map(({ name, instances, current }) => [name, instances, current])).toEqual([
      ['search 9', 2, 0],
      ['shop 1.4.2', 7, 7],
      ['unnamed page', 3, 3],
    ]);
    expect(apps[0]?.revisions).toEqual([
      { revision: 40, instances: 1 },
      { revision: null, instances: 1 },
    ]);
    expect(fleetTotals(apps)).toEqual({ server: 9, client: 3, current: 10, rejected: 0, polling: 2 });
  });

  it('takes nobody who refused the newest revision for current', () => {
    expect(fleetApps({ revision: 41, groups: [group({ instances: 3, rejected: 1 })] })[0]).toMatchObject({
      current: 2,
      rejected: 1,
    });
  });
});

describe('filterInstances', () => {
  it('finds by instance, app, commit and SDK, each word somewhere', () => {
    const all = [
      instance({}),
      instance({ instance: 'search-1', state: 'pending', app: { name: 'search', version: '9', commit: 'abc' } }),
    ];
    expect(filterInstances(all, { q: 'sdk-node SEARCH abc', state: '' })).toEqual([all[1]]);
    expect(filterInstances(all, { q: '', state: 'pending' })).toEqual([all[1]]);
    expect(filterInstances(all, { q: 'shop', state: 'pending' })).toEqual([]);
  });
});

describe('behindBy', () => {
  it('counts revisions, and says nothing of another epoch or of who has said nothing', () => {
    expect(behindBy(instance({}), 43)).toBe(2);
    expect(behindBy(instance({ held: null }), 43)).toBeNull();
    expect(behindBy(instance({}), 3)).toBeNull();
  });
});
