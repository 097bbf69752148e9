import type { CompiledRuleSet } from './compiled.ts';
import type { BodyChange } from './rule-set.ts';

export function withChanges(
  rules: CompiledRuleSet,
  changes: { readonly revision: number; readonly changes: readonly BodyChange[] },
): CompiledRuleSet {
  return { ...rules, ruleSet: { ...rules.ruleSet, revision: changes.revision } };
}
