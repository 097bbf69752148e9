/** Building blocks of conditions that a source makes. Constants are folded, so that what a source says in many words is read as few. */
import type { AttributeCondition, Condition } from '@yardarm/evaluator';
import { LIMITS } from '@yardarm/evaluator/limits';

export const NEVER: Condition = { any: [] };
export const ALWAYS: Condition = { all: [] };

export function allOf(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ('all' in part ? part.all : [part]));
  if (flat.some(isNever)) return NEVER;
  return flat.length === 1 ? (flat[0] as Condition) : { all: flat };
}

export function anyOf(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ('any' in part ? part.any : [part]));
  if (flat.some(isAlways)) return ALWAYS;
  return flat.length === 1 ? (flat[0] as Condition) : { any: flat };
}

export function not(part: Condition): Condition {
  if (isAlways(part)) return NEVER;
  if (isNever(part)) return ALWAYS;
  return 'not' in part ? part.not : { not: part };
}

export function isAlways(condition: Condition): boolean {
  return 'all' in condition && condition.all.length === 0;
}

export function isNever(condition: Condition): boolean {
  return 'any' in condition && condition.any.length === 0;
}

export function constant(holds: boolean): Condition {
  return holds ? ALWAYS : NEVER;
}

/** A condition on an attribute. */
export function test(
  attribute: string,
  op: AttributeCondition['op'],
  values?: readonly (string | number | boolean)[],
  ignoreCase = false,
): Condition {
  return { attribute, op, ...(values && { values }), ...(ignoreCase && { ignoreCase }) };
}

/** Whether the attribute is a text: every text starts with nothing, and nothing else does. */
export function isText(attribute: string): Condition {
  return test(attribute, 'starts_with', ['']);
}

/** Whether the attribute is, or has as an element, one of the values; as many conditions as their number takes. */
export function isOneOf(attribute: string, values: readonly (string | number | boolean)[], ignoreCase = false): Condition {
  const chunks: Condition[] = [];
  for (let at = 0; at < values.length; at += LIMITS.values)
    chunks.push(test(attribute, 'in', values.slice(at, at + LIMITS.values), ignoreCase));
  return anyOf(chunks);
}
