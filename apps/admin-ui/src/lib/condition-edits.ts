/** Edits of conditions. A condition is shown as groups of parts, and written as the rule language has it. */
import type { AttributeCondition, Condition } from '@yardarm/evaluator';

export type GroupKind = 'all' | 'any' | 'none' | 'not_all';

export interface Group {
  readonly kind: GroupKind;
  readonly parts: readonly Condition[];
  /** JSON Pointer of the parts within the condition. */
  readonly paths: readonly string[];
}

export const NEW_PART: AttributeCondition = { attribute: '', op: 'equals', values: [] };

/** A condition as a group; null for one that stands alone: an attribute, a segment (or not in it), the time. */
export function toGroup(condition: Condition): Group | null {
  if ('all' in condition) return group('all', condition.all, '/all');
  if ('any' in condition) return group('any', condition.any, '/any');
  if (!('not' in condition)) return null;
  const { not } = condition;
  if ('segment' in not) return null;
  if ('any' in not) return group('none', not.any, '/not/any');
  if ('all' in not) return group('not_all', not.all, '/not/all');
  return { kind: 'none', parts: [not], paths: ['/not'] };
}

export function fromGroup(kind: GroupKind, parts: readonly Condition[]): Condition {
  switch (kind) {
    case 'all':
      return { all: parts };
    case 'any':
      return { any: parts };
    case 'none':
      return { not: { any: parts } };
    case 'not_all':
      return { not: { all: parts } };
  }
}

/** The group that the whole of a rule is shown as: a condition that stands alone is all there is. */
export function wholeGroup(condition: Condition): Group {
  return toGroup(condition) ?? { kind: 'all', parts: [condition], paths: [''] };
}

/** As `fromGroup`, but one part that must hold stands alone. */
export function fromWholeGroup(kind: GroupKind, parts: readonly Condition[]): Condition {
  const [only, second] = parts;
  return kind === 'all' && only !== undefined && second === undefined ? only : fromGroup(kind, parts);
}

function group(kind: GroupKind, parts: readonly Condition[], path: string): Group {
  return { kind, parts, paths: parts.map((_, index) => `${path}/${index}`) };
}
