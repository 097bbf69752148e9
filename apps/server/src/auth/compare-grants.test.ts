import { ROLES } from '@yardarm/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsAll, intersectGrants } from './compare-grants.ts';
import { can, type Grant, type Principal } from './policies.ts';
import { type Action, GRANTABLE_ACTIONS, OWN_ACTIONS } from './roles.ts';

const place = fc.oneof(
  fc.constant({ project: null, environment: null }),
  fc.record({ project: fc.constantFrom('web', 'api'), environment: fc.constantFrom(null, 'production', 'staging') }),
);
const anyGrant: fc.Arbitrary<Grant> = fc
  .record({
    place,
    role: fc.constantFrom(null, ...ROLES),
    actions: fc.subarray(['flag.kill', 'flag.read', 'grant.create', 'user.read']),
  })
  .map(({ place, role, actions }) => ({ role, actions, ...place }));
const anyGrants = fc.array(anyGrant, { maxLength: 3 });
const person = (grants: readonly Grant[]): Principal => ({ actor: { kind: 'person', id: '1', name: 'ada' }, grants });
const TARGETS = [
  {},
  ...['web', 'api'].flatMap((project) => [
    { project },
    ...['production', 'staging'].map((environment) => ({ project, environment })),
  ]),
];
const everything = GRANTABLE_ACTIONS.filter((action) => !OWN_ACTIONS.has(action)) as Action[];
const allOf = (grants: readonly Grant[]) =>
  TARGETS.flatMap((target) =>
    everything.filter((action) => can(person(grants), action, target)).map((action) => `${action} ${JSON.stringify(target)}`),
  );

describe('intersectGrants', () => {
  it('brings nothing that either side does not, anywhere', () => {
    fc.assert(
      fc.property(anyGrants, anyGrants, (one, other) => {
        const [ofOne, ofOther] = [new Set(allOf(one)), new Set(allOf(other))];
        expect(allOf(intersectGrants(one, other)).filter((cell) => !ofOne.has(cell) || !ofOther.has(cell))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('of a set and everything is that set', () => {
    const all: Grant = { role: 'admin', actions: [], project: null, environment: null };
    fc.assert(
      fc.property(anyGrants, (grants) => {
        expect(allOf(intersectGrants(grants, [all])).toSorted()).toEqual(allOf(grants).toSorted());
      }),
    );
  });
});

describe('holdsAll', () => {
  it('says yes only where the wanted right adds nothing', () => {
    fc.assert(
      fc.property(anyGrants, anyGrant, (grants, wanted) => {
        fc.pre(holdsAll(grants, wanted));
        expect(new Set(allOf([...grants, wanted]))).toEqual(new Set(allOf(grants)));
      }),
    );
  });

  it.each<[string, Grant, Grant, boolean]>([
    ['a role of the project', right('admin', 'web'), right('editor', 'web', 'staging'), true],
    ['a role of one environment', right('admin', 'web', 'staging'), right('viewer', 'web'), false],
    ['another project', right('admin', 'api'), right('viewer', 'web'), false],
    ['the whole instance', right('admin', 'web'), right('viewer', null), false],
    ['a greater role', right('editor', 'web'), right('releaser', 'web'), false],
  ])('judges by place and role: %s', (_, held, wanted, expected) => {
    expect(holdsAll([held], wanted)).toBe(expected);
  });
});

function right(role: Grant['role'], project: string | null, environment: string | null = null): Grant {
  return { role, actions: [], project, environment };
}
