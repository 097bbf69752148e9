/** Building blocks of conditions that a source makes. */
import type { Condition } from '@yardarm/evaluator';
import { LIMITS } from '@yardarm/evaluator/limits';

export const NEVER: Condition = { any: [] };
export const ALWAYS: Condition = { all: [] };

export function allOf(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ('all' in part ? part.all : [part]));
  return flat.length === 1 ? (flat[0] as Condition) : { all: flat };
}

export function anyOf(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ('any' in part ? part.any : [part]));
  return flat.length === 1 ? (flat[0] as Condition) : { any: flat };
}

export function not(part: Condition): Condition {
  return 'not' in part ? part.not : { not: part };
}

/** Whether the attribute is, or has as an element, one of the values; as many conditions as their number takes. */
export function isOneOf(attribute: string, values: readonly (string | number | boolean)[]): Condition {
  const chunks: Condition[] = [];
  for (let at = 0; at < values.length; at += LIMITS.values)
    chunks.push({ attribute, op: 'in', values: values.slice(at, at + LIMITS.values) });
  return anyOf(chunks);
}
