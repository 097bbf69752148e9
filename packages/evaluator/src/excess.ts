/**
 * Limits, by counting: the table for everyone, and a look at one body that costs next to nothing. The server writes within
 * the limits (`validate` says where they are exceeded, in sentences); a reader takes `READER_FACTOR` times as much, so
 * that a newer server with higher limits is still understood, and refuses the rest before compiling it.
 */
import { isObject, MAX_DEPTH } from './json.ts';
import type { EntityKind } from './rule-set.ts';

/** Most that may be written, sizes in bytes of JSON as UTF-8. */
export const LIMITS = {
  flags: 10_000,
  rules: 100,
  /** Conditions that are not `all`, `any` or `not`, per rule or segment. */
  clauses: 30,
  values: 1_000,
  variants: 100,
  prerequisites: 10,
  /** Evaluations of other flags for one of this flag, over all paths of its prerequisites. */
  evaluations: 1_000,
  segmentKeys: 100_000,
  variantBytes: 64 * 1_024,
  flagBytes: 256 * 1_024,
  ruleSetBytes: 8 * 1_024 * 1_024,
} as const;

export const READER_FACTOR = 2;

type Countable = 'rules' | 'clauses' | 'values' | 'variants' | 'prerequisites' | 'segmentKeys';

/**
 * Which limit a body exceeds, times `factor`; undefined: none. Takes any JSON, counts only, never throws. An SDK asks it ten
 * thousand times before its first answer, hence no closures and no lists.
 */
export function excessOf(kind: EntityKind, body: unknown, factor: number): Countable | undefined {
  if (!isObject(body)) return undefined;
  if (kind === 'segment') {
    if (lengthOf(body.include) + lengthOf(body.exclude) > LIMITS.segmentKeys * factor) return 'segmentKeys';
    return excessIn(body.when, factor);
  }
  const { rules } = body;
  if (lengthOf(rules) > LIMITS.rules * factor) return 'rules';
  if (lengthOf(body.prerequisites) > LIMITS.prerequisites * factor) return 'prerequisites';
  if (isObject(body.variants) && Object.keys(body.variants).length > LIMITS.variants * factor) return 'variants';
  if (!Array.isArray(rules)) return undefined;
  for (const rule of rules) {
    const excess = isObject(rule) ? excessIn(rule.when, factor) : undefined;
    if (excess !== undefined) return excess;
  }
  return undefined;
}

function excessIn(condition: unknown, factor: number): Countable | undefined {
  const found = countClauses(condition, 0, factor);
  if (found > LIMITS.clauses * factor) return found === TOO_MANY_VALUES ? 'values' : 'clauses';
  return undefined;
}

const TOO_MANY_VALUES = Number.POSITIVE_INFINITY;

/** Clauses of a condition, counted until there are too many; TOO_MANY_VALUES if one of them has those. */
function countClauses(condition: unknown, depth: number, factor: number): number {
  // Deeper is unreadable.
  if (!isObject(condition) || depth > MAX_DEPTH) return 0;
  if (condition.not !== undefined) return countClauses(condition.not, depth + 1, factor);
  const parts = condition.all ?? condition.any;
  if (!Array.isArray(parts)) return lengthOf(condition.values) > LIMITS.values * factor ? TOO_MANY_VALUES : 1;
  let clauses = 0;
  for (const part of parts) {
    clauses += countClauses(part, depth + 1, factor);
    if (clauses > LIMITS.clauses * factor) break;
  }
  return clauses;
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
