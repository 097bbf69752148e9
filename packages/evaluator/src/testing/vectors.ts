/**
 * Checks an implementation of the evaluator against the vectors of the language (`vectors/*.json`). Pure and without imports
 * at run time, so that the same checks run in Node and inside a page on a bundle made for browsers.
 */
import type * as Evaluator from '../index.ts';
import type { Condition, FlagType, RuleSet } from '../rule-set.ts';

export interface Vectors {
  readonly hash: {
    readonly version: 1;
    readonly murmur3: readonly { readonly text: string; readonly seed: number; readonly hash: number }[];
    readonly bucketOf: readonly { readonly salt: string; readonly unit: string; readonly bucket: number }[];
    readonly hashValue: readonly { readonly salt: string; readonly value: string; readonly hash: string }[];
  };
  /** `value` is what the attribute holds; without it the attribute is missing. */
  readonly operators: {
    readonly version: 1;
    readonly cases: readonly { readonly op: string; readonly value?: unknown; readonly expected: boolean }[];
  };
  /** `expected` is the resolution: members that it does not have must be absent. */
  readonly evaluation: {
    readonly version: 1;
    readonly ruleSet: RuleSet;
    readonly cases: readonly {
      readonly flag: string;
      readonly type: FlagType;
      readonly context: { readonly [attribute: string]: unknown };
      readonly nowMs: number;
      readonly expected: { readonly [member: string]: unknown };
    }[];
  };
}

/** How many vectors were checked, and one line for each that got another answer. */
export function checkVectors(
  { compile, resolve, explain, murmur3, bucketOf, hashValue }: typeof Evaluator,
  { hash, operators, evaluation }: Vectors,
): { readonly checked: number; readonly failures: readonly string[] } {
  const failures: string[] = [];
  let checked = 0;
  const check = (what: unknown, seen: unknown, expected: unknown) => {
    checked++;
    if (textOf(seen) !== textOf(expected))
      failures.push(`${JSON.stringify(what)}: ${textOf(seen)} instead of ${textOf(expected)}`);
  };
  for (const { text, seed, hash: expected } of hash.murmur3) check({ text, seed }, murmur3(text, seed), expected);
  for (const { salt, unit, bucket } of hash.bucketOf) check({ salt, unit }, bucketOf(salt, unit), bucket);
  for (const { salt, value, hash: expected } of hash.hashValue) check({ salt, value }, hashValue(salt, value), expected);

  for (const vector of operators.cases) {
    const { value, expected, ...condition } = vector;
    const rules = compile(setWith({ attribute: 'a', ...condition } as unknown as Condition));
    const context = 'value' in vector ? { a: value } : {};
    check(vector, resolve(rules, 'f', 'boolean', context as Evaluator.EvaluationContext, 0).value, expected);
    if (rules.issues.length > 0) failures.push(`${JSON.stringify(vector)}: cannot be read`);
  }

  // What went over the wire, once more, has to mean the same.
  for (const ruleSet of [evaluation.ruleSet, JSON.parse(JSON.stringify(evaluation.ruleSet)) as RuleSet]) {
    for (const lazy of [true, false]) {
      const rules = compile(ruleSet, { lazy });
      for (const vector of evaluation.cases) {
        const { flag, type, context, nowMs, expected } = vector;
        const resolution = resolve(rules, flag, type, context as Evaluator.EvaluationContext, nowMs);
        check(vector, resolution, expected);
        const explained = explain(rules, flag, type, context as Evaluator.EvaluationContext, nowMs).resolution;
        if (explained !== resolution) failures.push(`${JSON.stringify(vector)}: explain does not agree`);
      }
    }
  }
  return { checked, failures };
}

function setWith(when: Condition): RuleSet {
  const stamp = { revision: 1, tag: '0000000000000000' };
  const rules = [{ id: 'r1', when, serve: { variant: 'on' } }];
  const variants = { on: true, off: false };
  const flag = {
    type: 'boolean',
    variants,
    on: true,
    offVariant: 'off',
    rules,
    fallthrough: { variant: 'off' },
    ...stamp,
  } as const;
  return { format: 1, project: 'shop', environment: 'test', epoch: '1-a', revision: 1, flags: { f: flag }, segments: {} };
}

/** JSON with sorted members; empty metadata counts as none, and the message of an error is for people. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (member, part: unknown) => {
    if (member === 'errorMessage') return undefined;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const sorted = Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
    if (member === 'metadata' && sorted.length === 0) return undefined;
    return Object.fromEntries(sorted);
  });
}
