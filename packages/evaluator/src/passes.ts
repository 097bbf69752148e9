/** Whether a compiled condition holds. */
import { isPresent, readAttribute, unitText } from './attribute.ts';
import { type CompiledRuleSet, type CompiledSegment, readCell, type Test } from './compiled.ts';
import { hashValue } from './hash.ts';
import { isString } from './json.ts';
import type { EvaluationContext } from './resolution.ts';

/** `context` as `ownContext` answers it. Throws only where reading the context throws; `resolve` catches that. */
export function passes(test: Test, context: EvaluationContext, nowMs: number, rules: CompiledRuleSet): boolean {
  switch (test.form) {
    case 'attribute':
      return attributePasses(readAttribute(context, test.attribute), test);
    case 'exists':
      return isPresent(readAttribute(context, test.attribute)) !== test.negated;
    case 'now':
      return nowMs < test.wanted !== test.negated;
    case 'segment': {
      const cell = rules.segments[test.wanted];
      return cell !== undefined && isMember(readCell(cell, rules.linker), context, nowMs, rules);
    }
    default:
      // `all` looks for a part that does not hold, the others for one that does.
      for (const part of test.wanted) if (passes(part, context, nowMs, rules) !== (test.form === 'all')) return !test.negated;
      return test.negated;
  }
}

function attributePasses(value: unknown, { wanted, negated }: Extract<Test, { form: 'attribute' }>): boolean {
  if (!isString(value) && Array.isArray(value)) return elementPasses(value, wanted, negated);
  const matched = matches(value, wanted);
  return matched !== undefined && matched !== negated;
}

function elementPasses(elements: readonly unknown[], wanted: Wanted, negated: boolean): boolean {
  let seen = false;
  for (const element of elements) {
    const matched = matches(element, wanted);
    if (matched) return !negated;
    if (matched === false) seen = true;
  }
  return negated && seen;
}

type Wanted = Extract<Test, { form: 'attribute' }>['wanted'];

function matches(value: unknown, wanted: Wanted): boolean | undefined {
  if (typeof wanted === 'function') return wanted(value);
  if (!isString(value)) return undefined;
  return isString(wanted) ? value === wanted : wanted.has(value);
}

function isMember(
  { salt, included, excluded, when }: CompiledSegment,
  context: EvaluationContext,
  nowMs: number,
  rules: CompiledRuleSet,
): boolean {
  const unit = unitText(context.targetingKey);
  if (unit !== undefined) {
    const listed = salt === undefined ? unit : hashValue(salt, unit);
    if (included?.has(listed)) return true;
    if (excluded?.has(listed)) return false;
  }
  return when !== undefined && passes(when, context, nowMs, rules);
}
