/** Random rule sets and contexts. Keys, attributes and values come from small pools, so that rules do match. */
import fc from 'fast-check';
import {
  type Condition,
  type FlagBody,
  OPERATORS,
  type RuleSet,
  type SegmentBody,
  type Serve,
  WEIGHT_SCALE,
} from '../rule-set.ts';
import { makeFlag, makeRuleSet, makeSegment } from './factories.ts';

const FLAG_KEYS = ['a', 'b', 'c', '__proto__', 'constructor'] as const;
const SEGMENT_KEYS = ['s', 't', 'toString'] as const;
const VARIANTS = ['on', 'off', 'hasOwnProperty'] as const;
const ATTRIBUTES = ['targetingKey', 'plan', 'app.version', 'toString', '__proto__', 'constructor.name'] as const;
const SAMPLES = [
  '',
  'u1',
  'u2',
  'pro',
  'PRO',
  '1.2.3',
  'v2',
  '10.0.0.1',
  '::1',
  '2027-01-01T00:00:00Z',
  'abc',
  0,
  7,
  -1.5,
  true,
  false,
] as const;

export const flagKey = fc.constantFrom(...FLAG_KEYS);
const variant = fc.constantFrom(...VARIANTS);
const unit = fc.constantFrom('u1', 'u2', 'u3', 7, -3);

/** Three shares that sum to the scale, zero among them; a variant may recur. */
export function weightsOf(name: fc.Arbitrary<string>) {
  return fc.tuple(fc.nat(WEIGHT_SCALE), fc.nat(WEIGHT_SCALE), name, name, name).map(([x, y, a, b, c]) => {
    const [low, high] = [Math.min(x, y), Math.max(x, y)];
    return [
      [a, low, 'treatment'],
      [b, high - low],
      [c, WEIGHT_SCALE - high, 'control'],
    ] as const;
  });
}
const weights = weightsOf(variant);
export const serve: fc.Arbitrary<Serve> = fc.oneof(
  variant.map((name) => ({ variant: name })),
  fc
    .record({ by: fc.constantFrom(...ATTRIBUTES), salt: fc.string(), weights })
    .map((split) => ({ split: { ...split, hash: 2 as const } })),
);

/** Any operator with one to twelve values, which often do not fit it: such a body is unreadable. */
const attributeCondition = fc.record(
  {
    attribute: fc.constantFrom(...ATTRIBUTES),
    op: fc.constantFrom(...OPERATORS),
    values: fc.array(fc.constantFrom(...SAMPLES), { minLength: 1, maxLength: 12, size: 'small' }),
    ignoreCase: fc.boolean(),
  },
  { requiredKeys: ['attribute', 'op', 'values'] },
);

/** Values that fit the operator, so that whole rule sets are sound. */
const soundCondition = fc.oneof(
  fc.record({
    attribute: fc.constantFrom(...ATTRIBUTES),
    op: fc.constantFrom('in', 'not_in', 'equals'),
    values: fc.array(fc.constantFrom(...SAMPLES), { minLength: 1 }),
  } as const),
  fc.record({ attribute: fc.constantFrom(...ATTRIBUTES), op: fc.constantFrom('exists', 'not_exists') } as const),
  fc.record({
    attribute: fc.constantFrom(...ATTRIBUTES),
    op: fc.constantFrom('contains', 'not_contains', 'matches'),
    values: fc.constantFrom(['u'], ['pro', 'a']),
  } as const),
  fc.record({
    attribute: fc.constantFrom(...ATTRIBUTES),
    op: fc.constantFrom('gt', 'lte', 'before'),
    values: fc.constantFrom([0], [7]),
  } as const),
);

function conditions(leaf: fc.Arbitrary<Condition>, inFlag: boolean): fc.Arbitrary<Condition> {
  const now = fc.record({ now: fc.constantFrom('before', 'after'), values: fc.constantFrom([1_000], [2_000]) } as const);
  const segment = fc.constantFrom(...SEGMENT_KEYS).map((key) => ({ segment: key }));
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      now,
      ...(inFlag ? [segment] : []),
      fc.array(tie('condition'), { maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('condition'), { maxLength: 3 }).map((any) => ({ any })),
      tie('condition').map((not) => ({ not })),
    ),
  })).condition;
}

function flags(leaf: fc.Arbitrary<Condition>): fc.Arbitrary<FlagBody> {
  return fc
    .record({
      type: fc.constantFrom('boolean', 'string', 'object'),
      on: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      offVariant: fc.option(variant),
      prerequisites: fc.array(fc.record({ flag: flagKey, variants: fc.array(variant, { minLength: 1 }) }), { maxLength: 2 }),
      targets: fc.array(fc.record({ variant, keys: fc.array(unit) }), { maxLength: 2 }),
      rules: fc.array(fc.record({ id: fc.constantFrom('r1', 'r2'), when: conditions(leaf, true), serve }), { maxLength: 3 }),
      fallthrough: fc.option(serve),
    } as const)
    .map((body) => {
      const values =
        body.type === 'boolean' ? [true, false, true] : body.type === 'string' ? ['x', 'y', 'z'] : [{ n: 1 }, {}, { list: [1] }];
      return makeFlag({ ...body, variants: Object.fromEntries(VARIANTS.map((name, index) => [name, values[index] as boolean])) });
    });
}

function segments(leaf: fc.Arbitrary<Condition>): fc.Arbitrary<SegmentBody> {
  return fc
    .record({
      include: fc.array(unit, { maxLength: 3 }),
      exclude: fc.array(unit, { maxLength: 3 }),
      when: fc.option(conditions(leaf, false)),
    })
    .map(makeSegment);
}

function ruleSets(leaf: fc.Arbitrary<Condition>, segmentKeys: fc.Arbitrary<readonly string[]>): fc.Arbitrary<RuleSet> {
  return fc
    .tuple(fc.dictionary(flagKey, flags(leaf)), segmentKeys, fc.infiniteStream(segments(leaf)))
    .map(([flagBodies, keys, bodies]) => {
      const entries = keys.map((key) => [key, bodies.next().value as SegmentBody] as const);
      return makeRuleSet(flagBodies, Object.fromEntries(entries));
    });
}

/** Bodies are well formed apart from values that may not fit their operator; segments may be missing. */
export const anyRuleSet = ruleSets(attributeCondition, fc.subarray([...SEGMENT_KEYS]));
/** Every body reads well and every segment exists; prerequisites may run in circles. */
export const readableRuleSet = ruleSets(soundCondition, fc.constant(SEGMENT_KEYS));

const attributeValue = fc.oneof(
  fc.constantFrom<unknown>(...SAMPLES, null, Number.NaN, Number.POSITIVE_INFINITY, new Date(1_500), new Date(Number.NaN)),
  fc.array(fc.constantFrom<unknown>(...SAMPLES, null), { maxLength: 3 }),
);
/** What applications pass, with the mistakes they make. */
export const context = fc.record(
  {
    targetingKey: fc.constantFrom<unknown>('u1', 'u2', 'u3', 7, '', null, 1.5),
    plan: attributeValue,
    app: fc.oneof(fc.record({ version: attributeValue }), attributeValue),
    toString: attributeValue,
  },
  { requiredKeys: [] },
);
export const nowMs = fc.constantFrom(0, 999, 1_000, 1_001, 2_000, 5_000);
