/**
 * What a browser may see of a flag or segment. Built by naming what goes in, never by deleting what must
 * not: a member that is added to the wire form later stays on the server until somebody lists it here.
 * Keys of users and names of segments and rules travel as hashes: obfuscation, not secrecy (ADR-0004).
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

/** Name under which a segment travels in the client view. */
export function clientSegmentKey(key: string, salt: string): string {
  return hashValue(salt, `segment ${key}`);
}

/** A flag as a browser may see it, or null when it is not marked for browsers. */
export function toClientFlag(flag: FlagConfiguration, salt: string): FlagConfiguration | null {
  const { type, variants, on, offVariant, prerequisites, targets, rules, fallthrough, requires } = flag;
  if (flag.clientSide !== true) return null;
  return {
    type,
    variants,
    on,
    offVariant,
    ...(prerequisites && { prerequisites }),
    ...(targets && {
      targets: targets.map((target) => ({ variant: target.variant, keys: hashUnits(target.keys, salt), hashed: true })),
    }),
    ...(rules && { rules: rules.map((rule) => toClientRule(rule, salt)) }),
    fallthrough,
    ...(requires && { requires }),
  };
}

/** A segment as a browser may see it; which segments it sees at all is decided by the flags that use them. */
export function toClientSegment(segment: SegmentConfiguration, salt: string): SegmentConfiguration {
  return {
    include: hashUnits(segment.include, salt),
    exclude: hashUnits(segment.exclude, salt),
    hashed: true,
    when: segment.when === null ? null : toClientCondition(segment.when, salt),
    ...(segment.requires && { requires: segment.requires }),
  };
}

/** Keys of the segments that the rules of a flag use, each once. */
export function segmentsOf(flag: FlagConfiguration): ReadonlySet<string> {
  const found = new Set<string>();
  for (const rule of flag.rules ?? []) collectSegments(rule.when, found);
  return found;
}

function collectSegments(condition: Condition, found: Set<string>): void {
  if ('all' in condition) for (const part of condition.all) collectSegments(part, found);
  else if ('any' in condition) for (const part of condition.any) collectSegments(part, found);
  else if ('not' in condition) collectSegments(condition.not, found);
  else if ('segment' in condition) found.add(condition.segment);
}

function toClientRule(rule: Rule, salt: string): Rule {
  return { id: hashValue(salt, `rule ${rule.id}`), when: toClientCondition(rule.when, salt), serve: rule.serve };
}

function toClientCondition(condition: Condition, salt: string): Condition {
  if ('all' in condition) return { all: condition.all.map((part) => toClientCondition(part, salt)) };
  if ('any' in condition) return { any: condition.any.map((part) => toClientCondition(part, salt)) };
  if ('not' in condition) return { not: toClientCondition(condition.not, salt) };
  if ('segment' in condition) return { segment: clientSegmentKey(condition.segment, salt) };
  if ('now' in condition) return { now: condition.now, values: condition.values };
  return toClientAttribute(condition, salt);
}

/** Operators whose values are whole texts, so that a hash can be compared in their place. */
const HASHABLE = new Set(['equals', 'not_equals', 'in', 'not_in']);

function toClientAttribute(condition: AttributeCondition, salt: string): AttributeCondition {
  const { attribute, op, values, ignoreCase, maxInput } = condition;
  const shared = { attribute, op, ...(ignoreCase !== undefined && { ignoreCase }), ...(maxInput !== undefined && { maxInput }) };
  // A comparison with whole targeting keys names users as much as a list of targets does.
  if (attribute !== 'targetingKey' || !HASHABLE.has(op) || values === undefined) return { ...shared, ...(values && { values }) };
  const texts = values.map((value) => (typeof value === 'string' && ignoreCase === true ? value.toLowerCase() : value));
  return { ...shared, values: texts.map((value) => (typeof value === 'string' ? hashValue(salt, value) : value)), hashed: true };
}

/** Sorted, so that the order in which somebody typed the keys says nothing. */
function hashUnits(units: readonly Unit[], salt: string): string[] {
  return units.map((unit) => hashValue(salt, String(unit))).sort();
}
