import { ownContext, readAttribute, unitText } from './attribute.ts';
import { type CompiledFlag, type CompiledRuleSet, type CompiledServe, readCell } from './compiled.ts';
import { bucketAfter, hashValue } from './hash.ts';
import { isSound, SOUND } from './link.ts';
import { errorOutcome, PARSE_ERROR } from './outcomes.ts';
import { passes } from './passes.ts';
import type { EvaluationContext, Resolution } from './resolution.ts';
import type { FlagType } from './rule-set.ts';

const FLAG_NOT_FOUND = errorOutcome('FLAG_NOT_FOUND');
const TYPE_MISMATCH = errorOutcome('TYPE_MISMATCH');
const GENERAL = errorOutcome('GENERAL');

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
  const cell = slot === undefined ? undefined : rules.flags[slot];
  if (slot === undefined || cell === undefined) return FLAG_NOT_FOUND;
  const flag = readCell(cell, rules.linker);
  if (flag.type !== type && flag.type !== undefined) return TYPE_MISMATCH;
  return flag.settled ?? decideSafely(rules, slot, flag, context, nowMs);
}

/** Apart, so that engines can put the rest of `resolve`, which is all that most flags need, into the code of its callers. */
function decideSafely(
  rules: CompiledRuleSet,
  slot: number,
  flag: CompiledFlag,
  context: EvaluationContext,
  nowMs: number,
): Resolution {
  try {
    return decide(rules, slot, flag, ownContext(context), nowMs);
  } catch {
    return GENERAL;
  }
}

/** Steps 3 to 8 of the order of evaluation. */
function decide(rules: CompiledRuleSet, slot: number, flag: CompiledFlag, context: EvaluationContext, nowMs: number): Resolution {
  if (flag.settled !== undefined) return flag.settled;
  if (flag.refers) {
    if (rules.soundness[slot] !== SOUND && !isSound(rules, slot, flag)) return PARSE_ERROR;
    for (const prerequisite of flag.prerequisites) {
      const cell = rules.flags[prerequisite.slot];
      const variant = cell && decide(rules, prerequisite.slot, readCell(cell, rules.linker), context, nowMs).variant;
      if (variant === undefined || !prerequisite.variants.has(variant)) return prerequisite.failed;
    }
  }
  const target = targetOf(flag, context);
  if (target !== undefined) return target;
  for (const rule of flag.rules) if (passes(rule.test, context, nowMs, rules)) return outcomeOf(rule.serve, context);
  return outcomeOf(flag.fallthrough, context);
}

/** What is served; of a split, the share that the context's unit falls into. */
function outcomeOf({ outcome, split }: CompiledServe, context: EvaluationContext): Resolution {
  if (split === undefined) return outcome;
  const unit = unitText(readAttribute(context, split.by));
  if (unit === undefined) return split.missing;
  const bucket = bucketAfter(split.salted, unit);
  for (const share of split.shares) if (bucket < share.end) return share.resolution;
  return split.missing;
}

/** Resolution of the first target that lists the context's targetingKey. */
export function targetOf(flag: CompiledFlag, context: EvaluationContext): Resolution | undefined {
  if (flag.targets.length === 0) return undefined;
  const unit = unitText(context.targetingKey);
  if (unit === undefined) return undefined;
  for (const { salt, byKey } of flag.targets) {
    const resolution = byKey.get(salt === undefined ? unit : hashValue(salt, unit));
    if (resolution !== undefined) return resolution;
  }
  return undefined;
}
