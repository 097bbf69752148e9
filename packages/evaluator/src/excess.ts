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

/** Which limit a body exceeds, times `factor`; undefined: none. Takes any JSON, counts only, never throws. */
export function excessOf(kind: EntityKind, body: unknown, factor: number): Countable | undefined {
  if (!isObject(body)) return undefined;
  const over = (limit: Countable, count: number) => (count > LIMITS[limit] * factor ? limit : undefined);
  if (kind === 'segment') {
    const keys = lengthOf(body.include) + lengthOf(body.exclude);
    return over('segmentKeys', keys) ?? excessIn(body.when);
  }
  const variants = isObject(body.variants) ? Object.keys(body.variants).length : 0;
  const counted =
    over('rules', lengthOf(body.rules)) ?? over('prerequisites', lengthOf(body.prerequisites)) ?? over('variants', variants);
  if (counted !== undefined || !Array.isArray(body.rules)) return counted;
  for (const rule of body.rules) {
    const excess = isObject(rule) ? excessIn(rule.when) : undefined;
    if (excess !== undefined) return excess;
  }
  return undefined;

  function excessIn(root: unknown): Countable | undefined {
    let clauses = 0;
    let values = 0;
    count(root, 0);
    return over('clauses', clauses) ?? over('values', values);

    function count(condition: unknown, depth: number): void {
      // Deeper is unreadable; enough is enough.
      if (!isObject(condition) || depth > MAX_DEPTH || clauses > LIMITS.clauses * factor) return;
      if (condition.not !== undefined) {
        count(condition.not, depth + 1);
        return;
      }
      const parts = condition.all ?? condition.any;
      if (Array.isArray(parts)) {
        for (const part of parts) count(part, depth + 1);
        return;
      }
      clauses++;
      values = Math.max(values, lengthOf(condition.values));
    }
  }
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
