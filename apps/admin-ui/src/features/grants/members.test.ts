import type { Grant } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { describeGrant, membersOf } from './members.ts';

const grant = (kind: Grant['holder']['kind'], name: string, environment: string | null): Grant => ({
  ...{
    id: `${name} ${environment}`,
    holder: { kind, id: name, name },
    role: 'editor',
    actions: [],
    project: 'shop',
    environment,
  },
  ...{ issuer: null, createdAt: '' },
});

describe('membersOf', () => {
  it('gathers the rights of each holder, people before teams before tokens', () => {
    const members = membersOf(
      [
        grant('token', 'ci', null),
        grant('user', 'zoe', 'production'),
        grant('team', 'web', null),
        grant('user', 'zoe', null),
        grant('user', 'ada', 'staging'),
      ],
      ['staging', 'production'],
    );
    expect(members.map(({ name, grants }) => [name, grants.map(({ environment }) => environment)])).toEqual([
      ['ada', ['staging']],
      ['zoe', [null, 'production']],
      ['web', [null]],
      ['ci', [null]],
    ]);
  });
});

describe('describeGrant', () => {
  it('names the role, or the single actions', () => {
    expect(describeGrant({ role: 'admin', actions: [] })).toBe('Admin');
    expect(describeGrant({ role: null, actions: ['flag.kill', 'flag.unkill'] })).toBe('flag.kill, flag.unkill');
  });
});
