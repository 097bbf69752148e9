import type { Flag } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import { isServed, toDetails, toUpdateInput } from './flag-details.ts';

const flag: Flag = {
  key: 'checkout', kind: 'release', type: 'boolean', description: 'New checkout', variants: { on: true, off: false },
  clientSide: false,
  salt: 's', owner: 'payments', ownerTeam: null, expiresOn: '2027-05-01', tags: ['q1', 'web'],
  links: [{ title: 'Ticket', url: 'https://tickets.example.com/7' }], lifecycle: 'active', snooze: null, version: 3,
  createdAt: '2027-01-01T00:00:00.000Z', archivedAt: null, environments: [],
}; // biome-ignore format: a fixture is read as one block
const details = toDetails(flag);
const inputOf = (part: object) => toUpdateInput(flag, { ...details, ...part });

describe('toUpdateInput', () => {
  test('sends only what differs', () => {
    expect(inputOf({})).toEqual({ input: {} });
    expect(inputOf({ tags: 'q1,  web' })).toEqual({ input: {} });
    expect(inputOf({ description: ' Checkout ', reason: ' Clearer ' })).toEqual({
      input: { description: 'Checkout', reason: 'Clearer' },
    });
  });

  test('drops empty links and names one without a title by its address', () => {
    const links = [
      { id: 0, title: '', url: '' },
      { id: 1, title: '', url: 'https://example.com' },
    ];
    expect(inputOf({ links })).toEqual({ input: { links: [{ title: 'https://example.com', url: 'https://example.com' }] } });
  });

  test('names every problem beside its field', () => {
    const links = [
      { id: 4, title: 'x', url: 'javascript:alert(1)' },
      { id: 5, title: 'y', url: '' },
    ];
    const result = inputOf({ owner: ' ', expiresOn: '', links });
    expect('errors' in result && Object.keys(result.errors)).toEqual(['owner', 'expiresOn', 'links.4', 'links.5']);
  });

  test('asks a flag for what its new kind asks for', () => {
    expect(inputOf({ kind: 'operational', owner: '', expiresOn: '' })).toEqual({
      input: { kind: 'operational', owner: null, expiresOn: null },
    });
    const stays = { ...flag, kind: 'operational' as const, owner: null, expiresOn: null };
    const becomes = toUpdateInput(stays, { ...toDetails(stays), kind: 'experiment' });
    expect('errors' in becomes && Object.keys(becomes.errors)).toEqual(['owner', 'expiresOn']);
  });

  test('lets a flag that may stay lose owner and expiry', () => {
    const stays = { ...flag, kind: 'operational' as const };
    expect(toUpdateInput(stays, { ...toDetails(stays), owner: '', expiresOn: '' })).toEqual({
      input: { owner: null, expiresOn: null },
    });
  });
});

test('only another kind or owner changes what is served', () => {
  expect([
    isServed({ owner: 'growth' }),
    isServed({ owner: null }),
    isServed({ kind: 'permission' }),
    isServed({ description: 'x', links: [] }),
  ]).toEqual([true, true, true, false]);
});
