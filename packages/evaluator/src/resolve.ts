import { attributeReader, unitText } from './attribute.ts';
import type { CompiledFlag, CompiledRuleSet } from './compiled.ts';
import { hashValue } from './hash.ts';
import { isSound } from './link.ts';
import { errorOutcome } from './outcomes.ts';
import type { EvaluationContext, Resolution } from './resolution.ts';
import type { FlagType } from './rule-set.ts';

const FLAG_NOT_FOUND = errorOutcome('FLAG_NOT_FOUND');
const TYPE_MISMATCH = errorOutcome('TYPE_MISMATCH');
const PARSE_ERROR = errorOutcome('PARSE_ERROR');
const GENERAL = errorOutcome('GENERAL');

const readTargetingKey = attributeReader('targetingKey');

/**
 * Decides a flag for a context at `nowMs` (epoch milliseconds). Total and deterministic in its arguments: no
 * I/O, no clock, never throws. The resolution is frozen and shared with every evaluation that ends at the same
 * place; its `value` is undefined where the caller gets its code default. Errors: FLAG_NOT_FOUND, TYPE_MISMATCH,
 * PARSE_ERROR (the flag, or a segment it uses, cannot be read), TARGETING_KEY_MISSING (a split without a unit),
 * GENERAL (reading the context threw).
 */
export function resolve(
  rules: CompiledRuleSet,
  flagKey: string,
  type: FlagType,
  context: EvaluationContext,
  nowMs: number,
): Resolution {
  const slot = rules.linker.flagSlots.get(flagKey);
  const flag = slot === undefined ? undefined : rules.flags[slot]?.read();
  if (slot === undefined || flag === undefined) return FLAG_NOT_FOUND;
  if (flag.type !== undefined && flag.type !== type) return TYPE_MISMATCH;
  try {
    return decide(rules, slot, flag, context, nowMs);
  } catch {
    return GENERAL;
  }
}

/** Steps 3 to 8 of the order of evaluation. */
function decide(rules: CompiledRuleSet, slot: number, flag: CompiledFlag, context: EvaluationContext, nowMs: number): Resolution {
  if (flag.killed !== undefined) return flag.killed;
  if (flag.issues.length > 0 || !isSound(rules, slot, flag)) return PARSE_ERROR;
  for (const prerequisite of flag.prerequisites) {
    const other = rules.flags[prerequisite.slot]?.read();
    const variant = other && decide(rules, prerequisite.slot, other, context, nowMs).variant;
    if (variant === undefined || !prerequisite.variants.has(variant)) return prerequisite.failed;
  }
  const target = targetOf(flag, context);
  if (target !== undefined) return target;
  for (const rule of flag.rules) if (rule.test(context, nowMs, rules)) return rule.decide(context);
  return flag.fallthrough(context);
}

/** Resolution of the first target that lists the context's targetingKey. */
export function targetOf(flag: CompiledFlag, context: EvaluationContext): Resolution | undefined {
  if (flag.targets.length === 0) return undefined;
  const unit = unitText(readTargetingKey(context));
  if (unit === undefined) return undefined;
  for (const { salt, byKey } of flag.targets) {
    const resolution = byKey.get(salt === undefined ? unit : hashValue(salt, unit));
    if (resolution !== undefined) return resolution;
  }
  return undefined;
}
