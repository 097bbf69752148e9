import type { CompiledRuleSet } from './compiled.ts';

export function nextBoundary(_rules: CompiledRuleSet, _nowMs: number): number | undefined {
  return undefined;
}
