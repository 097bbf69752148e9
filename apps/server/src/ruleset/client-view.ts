/**
 * What a browser may see of a flag or segment. Built by naming what goes in, never by deleting what must
 * not: a member that is added to the wire form later stays on the server until somebody lists it here.
 * Keys of users, texts that conditions compare whole, and names of segments and rules travel as hashes: obfuscation,
 * not secrecy (ADR-0004). What still is readable, client-exposure.ts lists.
 */

import { createHash } from 'node:crypto';
import {
  type AttributeCondition,
  type Condition,
  type FlagConfiguration,
  hashValue,
  type Rule,
  type SegmentConfiguration,
  type Unit,
} from '@yardarm/evaluator';

/** Salt of the hashed lists of one environment. Made of its id, so that every replica and restart has the same. */
export function hashingSaltOf(environmentId: string): string {
  return createHash('sha256').update(`client view of ${environmentId}`).digest('hex').slice(0, 16);
}

/** What takes the place of a text. */
export type Hash = (text: string) => string;

export function hashWith(salt: string): Hash {
  return (text) => hashValue(salt, text);
}

/** Name under which a segment travels in the client view. */
export function clientSegmentKey(key: string, hash: Hash): string {
  return hash(`segment ${key}`);
}

/** A flag as a browser may see it, or null when it is not marked for browsers. */
export function toClientFlag(flag: FlagConfiguration, hash: Hash): FlagConfiguration | null {
  const { type, variants, on, offVariant, prerequisites, targets, rules, fallthrough, requires } = flag;
  if (flag.clientSide !== true) return null;
  return {
    type,
    variants,
    on,
    offVariant,
    ...(prerequisites && { prerequisites }),
    ...(targets && {
      targets: targets.map((target) => ({ variant: target.variant, keys: hashUnits(target.keys, hash), hashed: true })),
    }),
    ...(rules && { rules: rules.map((rule) => toClientRule(rule, hash)) }),
    fallthrough,
    ...(requires && { requires }),
  };
}

/** A segment as a browser may see it; which segments it sees at all is decided by the flags that use them. */
export function toClientSegment(segment: SegmentConfiguration, hash: Hash): SegmentConfiguration {
  return {
    include: hashUnits(segment.include, hash),
    exclude: hashUnits(segment.exclude, hash),
    hashed: true,
    when: segment.when === null ? null : toClientCondition(segment.when, hash),
    ...(segment.requires && { requires: segment.requires }),
  };
}

/** Whether a stored text can be of a flag for browsers: most are not, and need not be parsed to see that. */
export function mayBeClientSide(storedText: string): boolean {
  return storedText.includes('"clientSide":true');
}

/** Keys of the segments that the rules of a flag use, each once. */
export function segmentsOf(flag: FlagConfiguration): ReadonlySet<string> {
  const found = new Set<string>();
  for (const rule of flag.rules ?? [])
    visitLeaves(rule.when, '', (leaf) => {
      if ('segment' in leaf) found.add(leaf.segment);
    });
  return found;
}

type Leaf = Exclude<Condition, { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }>;

/** Every condition that is made of no others, in order, with its JSON Pointer; `path` is that of `condition`. */
export function visitLeaves(condition: Condition, path: string, visit: (leaf: Leaf, path: string) => void): void {
  if ('all' in condition) for (const [index, part] of condition.all.entries()) visitLeaves(part, `${path}/all/${index}`, visit);
  else if ('any' in condition)
    for (const [index, part] of condition.any.entries()) visitLeaves(part, `${path}/any/${index}`, visit);
  else if ('not' in condition) visitLeaves(condition.not, `${path}/not`, visit);
  else visit(condition, path);
}

function toClientRule(rule: Rule, hash: Hash): Rule {
  return { id: hash(`rule ${rule.id}`), when: toClientCondition(rule.when, hash), serve: rule.serve };
}

function toClientCondition(condition: Condition, hash: Hash): Condition {
  if ('all' in condition) return { all: condition.all.map((part) => toClientCondition(part, hash)) };
  if ('any' in condition) return { any: condition.any.map((part) => toClientCondition(part, hash)) };
  if ('not' in condition) return { not: toClientCondition(condition.not, hash) };
  if ('segment' in condition) return { segment: clientSegmentKey(condition.segment, hash) };
  if ('now' in condition) return { now: condition.now, values: condition.values };
  return toClientAttribute(condition, hash);
}

/** Operators whose values are compared whole, so that a hash can be compared in their place. */
const HASHABLE: ReadonlySet<string> = new Set(['equals', 'not_equals', 'in', 'not_in']);

/** Whether texts among its values travel as hashes; numbers and truth values never do. */
export function canHash({ op }: AttributeCondition): boolean {
  return HASHABLE.has(op);
}

/** Whatever the attribute: what is sensitive need not have been declared yet, and a declaration changes no rule set. */
function toClientAttribute(condition: AttributeCondition, hash: Hash): AttributeCondition {
  const { attribute, op, values, ignoreCase, maxInput } = condition;
  const shared = { attribute, op, ...(ignoreCase !== undefined && { ignoreCase }), ...(maxInput !== undefined && { maxInput }) };
  if (!canHash(condition) || !values?.some((value) => typeof value === 'string')) return { ...shared, ...(values && { values }) };
  const hashed = values.map((value) =>
    typeof value === 'string' ? hash(ignoreCase === true ? value.toLowerCase() : value) : value,
  );
  // Sorted, as are lists of units.
  return { ...shared, values: hashed.sort(), hashed: true };
}

/** Sorted, so that the order in which somebody typed the keys says nothing. */
function hashUnits(units: readonly Unit[], hash: Hash): string[] {
  return units.map((unit) => hash(String(unit))).sort();
}
