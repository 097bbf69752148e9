/**
 * Arbitrary histories of one environment, for properties of views and deltas. What must never reach a browser
 * carries a recognisable word: see SECRETS.
 */

import type { Condition, FlagConfiguration, Rule, SegmentConfiguration } from '@yardarm/evaluator';
import fc from 'fast-check';
import { tagOf, toStoredText } from '../ruleset/build.ts';
import type { StoredObject } from '../ruleset/environment-rules.ts';

/** Parts of names that only the server may know, in lower case. */
export const SECRETS = ['secret-user', 'secret-segment', 'secret-rule', 'secret-owner'] as const;

const FLAG_KEYS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const SEGMENT_KEYS = ['secret-segment-1', 'secret-segment-2', 'secret-segment-3'];
const USERS = ['secret-user-1', 'secret-user-2', 'secret-user-3', 42];

const condition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.record({ segment: fc.constantFrom(...SEGMENT_KEYS) }),
    fc.record({ attribute: fc.constant('plan'), op: fc.constant('equals' as const), values: fc.constant(['gold']) }),
    fc.record({
      attribute: fc.constantFrom('targetingKey', 'email'),
      op: fc.constantFrom('in' as const, 'not_in' as const, 'equals' as const, 'not_equals' as const),
      values: fc.array(fc.constantFrom('secret-user-1', 'Secret-User-2', 'SECRET-USER-3'), { minLength: 1 }),
      ignoreCase: fc.boolean(),
    }),
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
})).condition;

const rule: fc.Arbitrary<Rule> = fc.record({
  id: fc.constantFrom('secret-rule-1', 'secret-rule-2'),
  when: condition,
  serve: fc.constant({ variant: 'on' }),
});

const flag: fc.Arbitrary<FlagConfiguration> = fc.record(
  {
    type: fc.constant('boolean' as const),
    variants: fc.constant({ on: true, off: false }),
    on: fc.boolean(),
    offVariant: fc.constantFrom('off', null),
    prerequisites: fc.array(fc.record({ flag: fc.constantFrom(...FLAG_KEYS), variants: fc.constant(['on']) }), { maxLength: 2 }),
    targets: fc.array(fc.record({ variant: fc.constant('on'), keys: fc.uniqueArray(fc.constantFrom(...USERS)) }), {
      maxLength: 2,
    }),
    rules: fc.array(rule, { maxLength: 3 }),
    fallthrough: fc.constant({ variant: 'off' }),
    metadata: fc.constant({ kind: 'release', owner: 'secret-owner' }),
    clientSide: fc.constant(true as const),
  },
  { requiredKeys: ['type', 'variants', 'on', 'offVariant', 'fallthrough', 'metadata'] },
);

const segment: fc.Arbitrary<SegmentConfiguration> = fc.record({
  include: fc.uniqueArray(fc.constantFrom(...USERS)),
  exclude: fc.uniqueArray(fc.constantFrom(...USERS)),
  when: fc.option(fc.constant<Condition>({ attribute: 'email', op: 'ends_with', values: ['@example.com'] })),
});

const write = fc.oneof(
  fc.record({ kind: fc.constant('flag' as const), key: fc.constantFrom(...FLAG_KEYS), body: fc.option(flag, { freq: 5 }) }),
  fc.record({
    kind: fc.constant('segment' as const),
    key: fc.constantFrom(...SEGMENT_KEYS),
    body: fc.option(segment, { freq: 5 }),
  }),
);
const changeSet = fc.uniqueArray(write, { maxLength: 4, selector: ({ kind, key }) => `${kind}:${key}` });

/** Revisions 1, 2, ... of an environment, each with the objects that it wrote; some write none. */
export const ruleHistory: fc.Arbitrary<readonly (readonly StoredObject[])[]> = fc
  .array(changeSet, { minLength: 1, maxLength: 12 })
  .map((sets) =>
    sets.map((set, index) =>
      set.map(({ kind, key, body }) => {
        const text = body === null ? null : toStoredText(body);
        return { revision: index + 1, kind, key, body: text, tag: tagOf(text) };
      }),
    ),
  );
