/** Whether a compiled condition holds. */
import { readAttribute } from './attribute.ts';
import type { AttributeTest, CompiledRuleSet, Test } from './compiled.ts';
import type { EvaluationContext } from './resolution.ts';

/** Throws only where reading the context throws; `resolve` catches that. */
export function passes(test: Test, context: EvaluationContext, nowMs: number, rules: CompiledRuleSet): boolean {
  return typeof test === 'function' ? test(context, nowMs, rules) : attributePasses(test, context);
}

function attributePasses({ attribute, wanted, negated }: AttributeTest, context: EvaluationContext): boolean {
  const value = readAttribute(context, attribute);
  if (typeof value !== 'string' && Array.isArray(value)) return elementPasses(value, wanted, negated);
  const matched = matches(value, wanted);
  return matched !== undefined && matched !== negated;
}

function elementPasses(elements: readonly unknown[], wanted: AttributeTest['wanted'], negated: boolean): boolean {
  let seen = false;
  for (const element of elements) {
    const matched = matches(element, wanted);
    if (matched === true) return !negated;
    if (matched === false) seen = true;
  }
  return negated && seen;
}

function matches(value: unknown, wanted: AttributeTest['wanted']): boolean | undefined {
  if (typeof wanted === 'function') return wanted(value);
  if (typeof value !== 'string') return undefined;
  return typeof wanted === 'string' ? value === wanted : wanted.has(value);
}
