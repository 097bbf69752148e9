/**
 * Which rules an evaluation passed over because the context lacks an attribute that they ask for: the usual reason why a flag
 * "does not work". Names only, all of which come from the rule set; nothing of the context.
 */
import { type CompiledRuleSet, type ConditionTrace, type EvaluationContext, explain, type FlagType } from '@yardarm/evaluator';
import type { SkippedRule } from '@yardarm/sync';

/** Explaining takes microseconds for most flags, and milliseconds where a segment lists a hundred thousand keys. */
const MOST_MS_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const NONE: readonly SkippedRule[] = [];

/** Looks for skipped rules, for no more than ten milliseconds a minute: it does so in calls of the application. `nowMs` is monotonic. */
export function skipFinder(nowMs: () => number): typeof findSkipped {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let spentMs = 0;
  return (...evaluation) => {
    const startedMs = nowMs();
    if (startedMs - sinceMs >= MINUTE_MS) {
      sinceMs = startedMs;
      spentMs = 0;
    }
    if (spentMs >= MOST_MS_A_MINUTE) return NONE;
    const skipped = findSkipped(...evaluation);
    spentMs += nowMs() - startedMs;
    return skipped;
  };
}

/** Never throws. */
function findSkipped(
  rules: CompiledRuleSet,
  flagKey: string,
  type: FlagType,
  context: EvaluationContext,
  nowMs: number,
): readonly SkippedRule[] {
  const skipped: SkippedRule[] = [];
  for (const step of explain(rules, flagKey, type, context, nowMs).steps) {
    const attribute = step.step === 'rule' ? missingIn(step.condition) : undefined;
    if (step.step === 'rule' && attribute !== undefined) skipped.push({ flag: flagKey, rule: step.id, attribute });
  }
  return skipped;
}

/** The first attribute for want of which the condition failed. */
function missingIn({ condition, passed, seen, parts, segment }: ConditionTrace): string | undefined {
  if (passed) return undefined;
  if ('attribute' in condition) {
    // These two ask whether it is there.
    const isAbsent = (seen ?? null) === null && condition.op !== 'exists' && condition.op !== 'not_exists';
    return isAbsent ? condition.attribute : undefined;
  }
  const inner = parts ?? (segment?.condition === undefined ? [] : [segment.condition]);
  for (const part of inner) {
    const attribute = missingIn(part);
    if (attribute !== undefined) return attribute;
  }
  return undefined;
}
