import type { CompiledRuleSet } from './compiled.ts';
import type { RuleSet } from './rule-set.ts';

export function compile(ruleSet: RuleSet, options: { readonly lazy?: boolean } = {}): CompiledRuleSet {
  const { project, environment, epoch, revision } = ruleSet;
  const linker = { flagSlots: new Map(), segmentSlots: new Map(), hashingSalt: ruleSet.hashing?.salt };
  const lazy = options.lazy === true;
  return {
    ruleSet: { project, environment, epoch, revision },
    issues: [],
    lazy,
    linker,
    flags: [],
    segments: [],
    sound: new Map(),
  };
}
