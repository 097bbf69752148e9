/** Flags as LaunchDarkly's SDKs receive them, made by hand: every operator, and every other thing that decides what is served. */

interface Clause {
  readonly attribute: string;
  readonly op: string;
  readonly values: readonly unknown[];
  readonly negate?: boolean;
  readonly contextKind?: string;
}

/** A clause about a user, unless told otherwise. */
export function clause(attribute: string, op: string, values: readonly unknown[], more: Partial<Clause> = {}): Clause {
  return { contextKind: 'user', attribute, op, values, ...more };
}

/** A boolean flag that is on and serves false, with what the test is about written over it. */
export function flag(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    ...{ version: 1, on: true, salt: 'salt', variations: [true, false], fallthrough: { variation: 1 }, offVariation: 1 },
    ...{ targets: [], contextTargets: [], rules: [], prerequisites: [] },
    ...more,
  };
}

/** Serves true under all of the clauses. */
export function flagWhen(...clauses: readonly Clause[]): Record<string, unknown> {
  return flag({ rules: [{ id: 'r', variation: 0, clauses }] });
}

const negate = { negate: true };
const org = { contextKind: 'org' };

/** By key. Those of one operator come as it is and negated. */
export const FLAGS: Readonly<Record<string, Record<string, unknown>>> = {
  'in-text': flagWhen(clause('plan', 'in', ['pro', 'free'])),
  'in-mixed': flagWhen(clause('plan', 'in', ['5', 5, true])),
  'in-no-values': flagWhen(clause('plan', 'in', [])),
  'in-no-values-negated': flagWhen(clause('plan', 'in', [], negate)),
  'in-object': flagWhen(clause('plan', 'in', [{ a: 1 }, 'pro'])),
  'in-negated': flagWhen(clause('plan', 'in', ['pro', 5], negate)),
  'in-key': flagWhen(clause('key', 'in', ['u1', 'u2'])),
  'in-key-negated': flagWhen(clause('key', 'in', ['u1', 'u2'], negate)),
  'in-1500-values': flagWhen(clause('plan', 'in', [...Array.from({ length: 1_499 }, (_, index) => `p${index}`), 'pro'])),
  'starts-with': flagWhen(clause('plan', 'startsWith', ['pr', '5', 7])),
  'starts-with-negated': flagWhen(clause('plan', 'startsWith', ['pr'], negate)),
  'starts-with-nothing': flagWhen(clause('plan', 'startsWith', [''])),
  'ends-with': flagWhen(clause('email', 'endsWith', ['@example.com', '@example.org'])),
  'ends-with-negated': flagWhen(clause('email', 'endsWith', ['@example.com'], negate)),
  contains: flagWhen(clause('email', 'contains', ['example'])),
  'contains-negated': flagWhen(clause('tags', 'contains', ['a'], negate)),
  matches: flagWhen(clause('email', 'matches', ['^[a-z]+\\@example\\.(com|org)$', '\\d{2}'])),
  'matches-negated': flagWhen(clause('plan', 'matches', ['^p', '[\\-_]'], negate)),
  'less-than': flagWhen(clause('age', 'lessThan', [18, 5])),
  'less-than-negated': flagWhen(clause('age', 'lessThan', [18], negate)),
  'less-than-or-equal': flagWhen(clause('age', 'lessThanOrEqual', [18, 'x'])),
  'greater-than': flagWhen(clause('age', 'greaterThan', [18, 40])),
  'greater-than-negated': flagWhen(clause('age', 'greaterThan', [18], negate)),
  'greater-than-or-equal': flagWhen(clause('age', 'greaterThanOrEqual', [18])),
  before: flagWhen(clause('joined', 'before', ['2026-01-01T00:00:00Z'])),
  'before-negated': flagWhen(clause('joined', 'before', [1_767_225_600_000], negate)),
  after: flagWhen(clause('joined', 'after', [1_767_225_600_000, '2027-01-01T00:00:00+02:00', 'no date'])),
  'after-negated': flagWhen(clause('joined', 'after', ['2026-01-01T00:00:00.5Z'], negate)),
  'sem-ver-equal': flagWhen(clause('version', 'semVerEqual', ['2', '3.0.0'])),
  'sem-ver-equal-negated': flagWhen(clause('version', 'semVerEqual', ['2.0.0'], negate)),
  'sem-ver-less-than': flagWhen(clause('version', 'semVerLessThan', ['2.0.0'])),
  'sem-ver-less-than-negated': flagWhen(clause('version', 'semVerLessThan', ['2.0.0-rc.2'], negate)),
  'sem-ver-greater-than': flagWhen(clause('version', 'semVerGreaterThan', ['2.0.0-rc.1'])),
  'reference-nested': flagWhen(clause('/address/city', 'in', ['Paris', 'Rome'])),
  'reference-nested-negated': flagWhen(clause('/address/city', 'in', ['Paris'], negate)),
  'reference-plain': flagWhen(clause('/plan', 'in', ['pro'])),
  'reference-escaped': flagWhen(clause('/a~1b', 'in', ['x'])),
  'literal-with-slash': flagWhen({ attribute: 'a/b', op: 'in', values: ['x'] }),
  'without-a-kind': flagWhen({ attribute: '/plan', op: 'in', values: ['pro'] }),
  'anonymous-is': flagWhen(clause('anonymous', 'in', [true])),
  'anonymous-is-not': flagWhen(clause('anonymous', 'in', [false])),
  'anonymous-negated': flagWhen(clause('anonymous', 'in', [true], negate)),
  'name-reserved-here': flagWhen(clause('toString', 'in', ['x'], negate)),
  'kind-in': flagWhen(clause('kind', 'in', ['org', 'device'])),
  'kind-negated': flagWhen(clause('kind', 'in', ['org'], negate)),
  'other-kind': flagWhen(clause('tier', 'in', ['gold'], org)),
  'other-kind-negated': flagWhen(clause('tier', 'in', ['gold'], { ...org, ...negate })),
  'other-kind-key': flagWhen(clause('key', 'startsWith', ['o'], org)),
  'two-kinds': flagWhen(clause('plan', 'in', ['pro', 'free', 'x'], negate), clause('/address/city', 'in', ['Rome'], org)),
  'all-clauses': flagWhen(
    clause('plan', 'in', ['pro'], negate),
    clause('age', 'greaterThan', [5]),
    clause('tags', 'contains', ['a']),
  ),
  'no-clauses': flagWhen(),
  'rules-in-order': flag({
    variations: ['a', 'b', 'c', 'd'],
    fallthrough: { variation: 3 },
    rules: [
      { id: '1', variation: 0, clauses: [clause('plan', 'in', ['pro'])] },
      { id: '2', variation: 1, clauses: [clause('age', 'lessThan', [40])] },
      { id: '3', variation: 2, clauses: [clause('email', 'contains', ['@'])] },
    ],
  }),
  off: flag({ on: false, offVariation: 0 }),
  'off-without-variation': flag({ on: false, offVariation: null }),
  numbers: flag({ variations: [1, 2.5, -3], fallthrough: { variation: 2 }, targets: [{ variation: 1, values: ['u1'] }] }),
  objects: flag({ variations: [{ a: [1] }, {}], rules: [{ id: 'r', variation: 0, clauses: [clause('plan', 'in', ['pro'])] }] }),
  targets: flag({
    variations: ['a', 'b', 'c'],
    targets: [
      { variation: 0, values: ['u1'] },
      { variation: 1, values: ['u1', 'u2'] },
    ],
    fallthrough: { variation: 2 },
  }),
  'context-targets': flag({
    variations: ['a', 'b', 'c'],
    targets: [
      { variation: 0, values: ['u1'] },
      { variation: 1, values: ['u2', 'u3'] },
    ],
    contextTargets: [
      { contextKind: 'user', variation: 1, values: [] },
      { contextKind: 'org', variation: 1, values: ['o1'] },
      { contextKind: 'user', variation: 0, values: [] },
      { contextKind: 'device', variation: 0, values: ['d1'] },
    ],
    fallthrough: { variation: 2 },
  }),
  'prerequisite-met': flag({ fallthrough: { variation: 0 }, prerequisites: [{ key: 'in-text', variation: 0 }] }),
  'prerequisite-chain': flag({ fallthrough: { variation: 0 }, prerequisites: [{ key: 'prerequisite-met', variation: 0 }] }),
  'prerequisite-off': flag({ fallthrough: { variation: 0 }, prerequisites: [{ key: 'off', variation: 1 }] }),
  'prerequisites-of-two': flag({
    ...{ variations: ['a', 'b'], fallthrough: { variation: 0 } },
    prerequisites: [
      { key: 'targets', variation: 2 },
      { key: 'less-than', variation: 0 },
    ],
  }),
  segment: flagWhen(clause('', 'segmentMatch', ['testers'])),
  'segment-negated': flagWhen(clause('', 'segmentMatch', ['testers', 'orgs'], negate)),
  'segment-of-kinds': flagWhen(clause('', 'segmentMatch', ['orgs'])),
  'segment-nested': flagWhen(clause('', 'segmentMatch', ['nested'])),
  'segment-and-clause': flagWhen(clause('', 'segmentMatch', ['everyone']), clause('plan', 'in', ['pro'])),
  'rollout-whole': flag({ fallthrough: { rollout: { variations: [{ variation: 0, weight: 100_000 }] } } }),
  'rollout-nothing': flag({
    fallthrough: {
      rollout: {
        variations: [
          { variation: 0, weight: 0 },
          { variation: 1, weight: 0 },
        ],
      },
    },
  }),
  'rollout-half': flag({
    fallthrough: {
      rollout: {
        variations: [
          { variation: 0, weight: 50_000 },
          { variation: 1, weight: 50_000 },
        ],
      },
    },
  }),
  'rollout-short': flag({
    variations: ['a', 'b', 'c'],
    fallthrough: {
      rollout: {
        variations: [
          { variation: 2, weight: 0 },
          { variation: 0, weight: 10_000 },
          { variation: 1, weight: 20_000 },
        ],
      },
    },
  }),
  'rollout-of-orgs': flag({
    rules: [
      {
        id: 'r',
        clauses: [clause('plan', 'in', ['pro', 5])],
        rollout: {
          contextKind: 'org',
          variations: [
            { variation: 0, weight: 25_000 },
            { variation: 1, weight: 75_000 },
          ],
        },
      },
    ],
  }),
  'rollout-by-attribute': flag({
    fallthrough: {
      rollout: {
        ...{ contextKind: 'user', bucketBy: 'name' },
        variations: [
          { variation: 0, weight: 40_000 },
          { variation: 1, weight: 60_000 },
        ],
      },
    },
  }),
  experiment: flag({
    variations: ['a', 'b', 'c'],
    fallthrough: {
      rollout: {
        ...{ kind: 'experiment', contextKind: 'user', seed: 61 },
        variations: [
          { variation: 0, weight: 10_000 },
          { variation: 1, weight: 20_000 },
          { variation: 0, weight: 70_000, untracked: true },
        ],
      },
    },
  }),
};

export const SEGMENTS: Readonly<Record<string, Record<string, unknown>>> = {
  testers: segment('testers', {
    ...{ included: ['u1'], excluded: ['u1', 'u2'] },
    rules: [
      { clauses: [clause('email', 'endsWith', ['@example.com'])] },
      { weight: 100_000, clauses: [clause('age', 'lessThan', [18])] },
    ],
  }),
  orgs: segment('orgs', {
    excluded: ['u1'],
    includedContexts: [
      { contextKind: 'org', values: ['o1'] },
      { contextKind: 'user', values: ['u2'] },
    ],
    excludedContexts: [{ contextKind: 'device', values: ['d1'] }],
    rules: [{ clauses: [clause('tier', 'in', ['gold'], org)] }],
  }),
  nested: segment('nested', {
    excludedContexts: [{ contextKind: 'device', values: ['d1'] }],
    rules: [{ clauses: [clause('', 'segmentMatch', ['testers', 'orgs']), clause('plan', 'in', ['free'], negate)] }],
  }),
  everyone: segment('everyone', { excluded: ['u3'], rules: [{ clauses: [] }] }),
};

function segment(key: string, more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { key, version: 1, salt: 'salt', included: [], excluded: [], rules: [], ...more };
}
