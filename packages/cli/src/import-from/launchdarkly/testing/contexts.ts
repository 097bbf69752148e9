/** Contexts of LaunchDarkly, and the same in our terms. */
import type { EvaluationContext } from '@yardarm/evaluator';
import fc from 'fast-check';

export type LdContext = { readonly kind: string; readonly [member: string]: unknown };

const text = fc.constantFrom('pro', 'free', 'p', '5', '', 'Pro', 'x', 'a_b', 'a', 'gold', 'a-1', 'prö');
const number = fc.constantFrom(5, 17, 18, 19, 40, 41, -1, 0, 17.5);
const scalar = fc.oneof({ weight: 4, arbitrary: text }, { weight: 2, arbitrary: number }, fc.boolean());
const odd = fc.constantFrom<unknown>(null, {}, { a: 1 }, [], [[5]], ['pro', 5], [null, 'a'], [true]);
const anything = fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 2, arbitrary: odd });
const rather = (usual: readonly unknown[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: anything });

const DATES = [
  ...[
    '2025-12-31T23:59:59.999Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:00:00+02:00',
    '2026-01-01T00:00:00.5Z',
    '2027-01-01T00:00:00Z',
  ],
  ...[
    1_767_225_600_000,
    1_767_225_599_999,
    1_767_225_600_001,
    0,
    '2026-01-01',
    '2026-01-01T00:00:00',
    'yesterday',
    '1767225600000',
  ],
];
const VERSIONS = [
  ...['2.0.0', '2', '2.0', '2.0.0-rc.1', '2.0.0-rc.2', '2.0.0-rc.10', '2.0.0+build', '1.9.9', '3', '2.0-rc', '10.0.0', '2.0.1'],
  ...['02.0.0', '2.0.0.0', 'x', '2.x', '=2.0.0', 2, '2.0.0-01'],
];
const EMAILS = ['ann@example.com', 'bob@example.org', 'b12@elsewhere.net', 'ann@example.com.evil', '@'];
const address = fc.oneof(
  { weight: 8, arbitrary: fc.record({ city: rather(['Paris', 'Rome', 'Rome', 'Oslo']) }) },
  { weight: 1, arbitrary: anything },
);

const attributes = {
  plan: fc.oneof({ weight: 1, arbitrary: fc.constantFrom('pro', 5) }, { weight: 3, arbitrary: anything }),
  email: rather(EMAILS),
  age: rather([5, 17, 18, 19, 40, 41]),
  tags: fc.array(rather(['a', 'ab', 'b']), { maxLength: 3 }),
  joined: rather(DATES),
  version: rather(VERSIONS),
  address,
  'a/b': rather(['x', 'y']),
  '/plan': rather(['pro', 'free']),
  tier: rather(['gold', 'silver']),
  toString: rather(['x', 'y']),
};

const kindOf = (keys: readonly string[]) =>
  fc
    .record(
      {
        key: fc.constantFrom(...keys),
        anonymous: fc.boolean(),
        name: fc.constantFrom('Ann', 'Bob', 'Cem', 'Dee', 'Eli', 'Fay'),
        ...attributes,
      },
      { requiredKeys: ['key'] },
    )
    // Members that nobody set are missing, those of prototypes included.
    .map((members): Record<string, unknown> => ({ ...members }));

const USERS = Array.from({ length: 30 }, (_, index) => `u${index}`);

// Those that are listed somewhere come often.
const user = kindOf(['u1', 'u2', 'u3', 'u1', 'u2', 'u3', 'u1', 'u2', 'u3', ...USERS]);
const org = kindOf(['o1', 'o2']);
const device = kindOf(['d1', 'd2']);

export const ldContext: fc.Arbitrary<LdContext> = fc.oneof(
  { weight: 5, arbitrary: user.map((members) => ({ kind: 'user', ...members })) },
  { weight: 1, arbitrary: org.map((members) => ({ kind: 'org', ...members })) },
  {
    weight: 8,
    arbitrary: fc.record({ user, org, device }, { requiredKeys: ['user'] }).map((kinds) => ({ kind: 'multi', ...kinds })),
  },
  { weight: 1, arbitrary: fc.record({ org, device }).map((kinds) => ({ kind: 'multi', ...kinds })) },
);

/** As docs/importing.md says it: a user at the top, its key as targetingKey, any other kind under its name. */
export function ourContext({ kind, ...members }: LdContext): EvaluationContext {
  const kinds = kind === 'multi' ? members : { [kind]: members };
  const { user: members_ = {}, ...others } = kinds as Record<string, Record<string, unknown>>;
  const { key, ...attributes } = members_;
  return { ...(key !== undefined && { targetingKey: key }), ...attributes, ...others } as EvaluationContext;
}
