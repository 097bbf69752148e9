/**
 * Rule sets and contexts for comparing with flagd: sound bodies, every operator, all JSON types in all places, near
 * misses of every guard. Mostly portable; a few of each obstacle. Contexts keep within what docs/flagd.md asks of
 * them: JSON, ASCII units, versions that are no lists.
 */
import fc from 'fast-check';
import {
  type AttributeCondition,
  type Condition,
  type FlagBody,
  type FlagType,
  type FlagValue,
  OPERATORS,
  type Operator,
  type RuleSet,
  type SegmentBody,
  type Serve,
  WEIGHT_SCALE,
} from '../rule-set.ts';
import { weightsOf } from './arbitraries.ts';
import { makeFlag, makeRuleSet, makeSegment } from './factories.ts';

const FLAG_KEYS = ['a', 'b', 'c', 'd', '__proto__', 'constructor', 'flag with "quotes"'] as const;
const SEGMENT_KEYS = ['s', 't', '$&', '__proto__'] as const;
const VARIANTS = ['on', 'off', 'true', '__proto__'] as const;
const ATTRIBUTES = ['targetingKey', 'plan', 'age', 'tags', 'user.email', 'user.of.many', 'app.version', 'toString'] as const;
const STRANGE_ATTRIBUTES = [
  'plan.length',
  'tags.0',
  '__proto__',
  'user.toString.name',
  'user..email',
  '$flagd.flagKey',
  'a\\.b',
] as const;

const TEXTS = [
  '',
  'pro',
  'PRO',
  'proton',
  'pros and cons',
  'a@example.com',
  'example.com',
  '5',
  '-',
  'true',
  'null',
  '1,2',
  'é€😀',
  '😀',
  '\ud83d',
  '$&',
  '[object Object]',
  '042',
];
const NUMBERS = [0, -0, 5, -5, 7, 0.5, 1e21, -1e-9, Number.MAX_SAFE_INTEGER, 2 ** 53];
const UNITS = ['u1', 'u2', 'user-3', '7', '042', '-0', '12345678901234567890', 7, -3, 0] as const;
const VERSIONS = [
  '1.2.3',
  '1.2.4',
  'v1.2.3',
  '2',
  '1.10',
  '1.2.3-rc.1',
  '1.2.3-rc.2',
  '1.2.3-rc.1.alpha',
  '1.2.3+build.5',
  'v2.0.0-0',
  '0.0.0',
];
const NEAR_VERSIONS = [
  'V1.2.3',
  'vv1.2.3',
  ' 1.2.3',
  '1.2.3 ',
  '1.2.3\n',
  'v',
  '',
  '1.2.3.4',
  '01.2.3',
  '1.02',
  '1.2.x',
  'version 1',
  '=1.2.3',
  '1.2.3-',
  '1.2.3-01',
];

const text = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('pro', 'proton', '5') },
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.integer({ min: -10, max: 10 }));
const scalar = fc.oneof(text, number, fc.boolean());
const variant = fc.constantFrom(...VARIANTS);
const attribute = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...ATTRIBUTES) },
  { weight: 1, arbitrary: fc.constantFrom(...STRANGE_ATTRIBUTES) },
);
const some = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 });

/** Condition with one given operator and values that fit it. */
export function conditionWith(op: Operator): fc.Arbitrary<AttributeCondition> {
  const family = (values: fc.Arbitrary<readonly (string | number | boolean)[]>, on = attribute as fc.Arbitrary<string>) =>
    fc.record({ attribute: on, op: fc.constant(op), values });
  switch (op) {
    case 'exists':
    case 'not_exists':
      return fc.record({ attribute, op: fc.constant(op) });
    case 'equals':
    case 'not_equals':
    case 'in':
    case 'not_in':
      return family(some(scalar));
    case 'contains':
    case 'not_contains':
    case 'starts_with':
    case 'ends_with':
      return fc
        .tuple(family(some(text)), fc.nat(19))
        .map(([condition, chance]) => (chance === 0 ? { ...condition, ignoreCase: true } : condition));
    case 'matches':
    case 'not_matches':
      return family(fc.constantFrom(['^pro'], ['5']));
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return family(fc.tuple(number));
    case 'before':
    case 'after':
      return family(fc.constantFrom([1_000], ['2027-01-01T00:00:00Z']));
    case 'ip_in_range':
      return family(fc.constant(['10.0.0.0/8']));
    default:
      return family(fc.tuple(fc.constantFrom(...VERSIONS)), fc.constant('app.version'));
  }
}

const IMPOSSIBLE: readonly Operator[] = ['matches', 'not_matches', 'before', 'after', 'ip_in_range'];
/** The operators that JSON logic can say. */
export const PORTABLE_OPERATORS = OPERATORS.filter((op) => !IMPOSSIBLE.includes(op));

const leaf = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...PORTABLE_OPERATORS).chain(conditionWith) },
  { weight: 1, arbitrary: fc.constantFrom(...IMPOSSIBLE).chain(conditionWith) },
);

function conditions(inFlag: boolean): fc.Arbitrary<Condition> {
  const now = fc.record({
    now: fc.constantFrom('before', 'after'),
    values: fc.constantFrom([1_000], [2_000], [2_000], [1_500]),
  } as const);
  const segment = fc.constantFrom(...SEGMENT_KEYS).map((key) => ({ segment: key }));
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 8, arbitrary: leaf },
      { weight: 1, arbitrary: now },
      ...(inFlag ? [{ weight: 2, arbitrary: segment }] : []),
      { weight: 1, arbitrary: fc.array(tie('condition'), { maxLength: 3 }).map((all) => ({ all })) },
      { weight: 1, arbitrary: fc.array(tie('condition'), { maxLength: 3 }).map((any) => ({ any })) },
      { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
    ),
  })).condition;
}

const weights = weightsOf(variant);
const whole = variant.map((name) => [[name, WEIGHT_SCALE]] as const);
const salt = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('salt', 'k3v9', '', ':', '"\\') },
  { weight: 1, arbitrary: fc.constant('sält') },
);
const serve: fc.Arbitrary<Serve> = fc.oneof(
  variant.map((name) => ({ variant: name })),
  fc
    .record({
      by: fc.constantFrom('targetingKey', 'targetingKey', 'age', 'company.id'),
      salt,
      weights: fc.oneof({ weight: 6, arbitrary: weights }, { weight: 1, arbitrary: whole }),
    })
    .map((split) => ({ split: { ...split, hash: 2 as const } })),
);
const unit = fc.constantFrom(...UNITS);

const VALUES: { readonly [type in FlagType]: readonly FlagValue[] } = {
  boolean: [true, false, true, false],
  string: ['', 'x', 'y', '{"$ref":"s"}'],
  number: [0, 1, -2.5, 1e21],
  object: [{}, { n: 1 }, { list: [null, { if: [true] }] }, JSON.parse('{"__proto__":{"$ref":"s"}}')],
};

const flag: fc.Arbitrary<FlagBody> = fc
  .record({
    type: fc.constantFrom('boolean', 'string', 'number', 'object'),
    on: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
    offVariant: fc.option(variant),
    prerequisites: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: some(fc.record({ flag: fc.constantFrom(...FLAG_KEYS, 'unknown'), variants: some(variant) })) },
    ),
    targets: fc.array(fc.record({ variant, keys: fc.array(unit, { maxLength: 2 }) }), { maxLength: 2 }),
    rules: fc.array(fc.record({ id: fc.constantFrom('r1', 'r2'), when: conditions(true), serve }), { maxLength: 3 }),
    fallthrough: fc.option(serve),
  } as const)
  .map((body) =>
    makeFlag({
      ...body,
      variants: Object.fromEntries(VARIANTS.map((name, index) => [name, VALUES[body.type][index] as FlagValue])),
    }),
  );

const segment: fc.Arbitrary<SegmentBody> = fc
  .record({
    include: fc.array(unit, { maxLength: 3 }),
    exclude: fc.array(unit, { maxLength: 3 }),
    when: fc.option(conditions(false)),
  })
  .map(makeSegment);

/** Several flags that may require each other, in circles too; every segment exists. */
export const flagdRuleSet: fc.Arbitrary<RuleSet> = fc
  .tuple(fc.dictionary(fc.constantFrom(...FLAG_KEYS), flag, { minKeys: 1 }), fc.tuple(...SEGMENT_KEYS.map(() => segment)))
  .map(([flags, bodies]) =>
    makeRuleSet(flags, Object.fromEntries(SEGMENT_KEYS.map((key, index) => [key, bodies[index] as SegmentBody]))),
  );

const plain = fc.oneof(scalar, fc.constantFrom(null, {}, { length: 3 }, { 0: 'p' }));
const json = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 2, arbitrary: fc.array(fc.oneof(plain, fc.array(scalar, { maxLength: 2 })), { maxLength: 3 }) },
);
const splitUnit = fc.constantFrom<unknown>(...UNITS, '', null, 1.5, -1e21, 2 ** 53, true, [], ['u1'], [7], {});

const members = {
  targetingKey: fc.oneof({ weight: 3, arbitrary: fc.constantFrom<unknown>(...UNITS) }, { weight: 1, arbitrary: splitUnit }),
  plan: json,
  age: fc.oneof(number, splitUnit),
  tags: json,
  user: fc.oneof(fc.record({ email: json, of: fc.oneof(plain, fc.record({ many: json })) }), plain),
  app: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ version: fc.oneof(fc.constantFrom(...VERSIONS), fc.constantFrom(...NEAR_VERSIONS), plain) }),
    },
    { weight: 1, arbitrary: plain },
  ),
  company: fc.oneof(fc.record({ id: splitUnit }), plain),
  toString: json,
};

/** A context as JSON: anything at all may be missing, and be of any type. */
export const flagdContext = fc.oneof(
  { weight: 2, arbitrary: fc.record(members) },
  { weight: 1, arbitrary: fc.record(members, { requiredKeys: [] }) },
);
