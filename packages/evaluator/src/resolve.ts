import type { CompiledRuleSet } from './compiled.ts';
import type { EvaluationContext, Resolution } from './resolution.ts';
import type { FlagType } from './rule-set.ts';

const FLAG_NOT_FOUND: Resolution = Object.freeze({
  value: undefined,
  variant: undefined,
  reason: 'ERROR',
  errorCode: 'FLAG_NOT_FOUND',
  metadata: Object.freeze({}),
});

export function resolve(
  _rules: CompiledRuleSet,
  _flagKey: string,
  _type: FlagType,
  _context: EvaluationContext,
  _nowMs: number,
): Resolution {
  return FLAG_NOT_FOUND;
}
