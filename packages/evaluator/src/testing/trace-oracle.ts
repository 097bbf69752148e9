/**
 * Judges traces by the bodies alone: the steps of a trace must lead to its resolution, and each condition must follow
 * from its parts. `explain` takes its resolution from `resolve`, so this is what tells whether the two agree.
 */
import type { RuleSet, Serve } from '../rule-set.ts';
import type { ConditionTrace, Trace } from '../trace.ts';

/** What is wrong with a trace, those of its prerequisites included; undefined if nothing is. */
export function traceDisagreement(trace: Trace, ruleSet: RuleSet): string | undefined {
  const { reason, variant } = trace.resolution;
  const expected = outcomeOf(trace, ruleSet);
  if (reason !== expected.reason || variant !== expected.variant)
    return `${trace.flag}: ${JSON.stringify({ reason, variant })}, and the steps lead to ${JSON.stringify(expected)}`;
  for (const step of trace.steps) {
    if (step.step === 'rule' && !isConsistent(step.condition)) return `${trace.flag}: ${JSON.stringify(step)} contradicts itself`;
    const below = step.step === 'prerequisite' ? traceDisagreement(step.trace, ruleSet) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Variant and reason that the steps of a trace lead to, worked out from the bodies and the last steps alone. */
function outcomeOf(
  { flag, steps }: Trace,
  { flags }: RuleSet,
): { readonly reason: string; readonly variant: string | undefined } {
  const body = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
  const last = steps.at(-1);
  const failed = { reason: 'ERROR', variant: undefined };
  if (body === undefined || last === undefined) return failed;
  const serving = last.step === 'split' ? steps.at(-2) : last;
  const serve: Serve | null | undefined =
    serving?.step === 'rule'
      ? body.rules?.find((_, index) => index === steps.filter(({ step }) => step === 'rule').length - 1)?.serve
      : body.fallthrough;
  const { rules = [], targets = [], prerequisites = [] } = body;
  const byFallthrough = rules.length + targets.length + prerequisites.length === 0 ? 'STATIC' : 'DEFAULT';
  switch (last.step) {
    case 'lookup':
    case 'type':
    case 'broken':
      return failed;
    case 'kill':
    case 'prerequisite':
      return { reason: 'DISABLED', variant: body.offVariant ?? undefined };
    case 'targets':
      return { reason: 'TARGETING_MATCH', variant: last.variant };
    case 'split':
      return last.entry === undefined ? failed : { reason: 'SPLIT', variant: last.entry[0] };
    case 'rule':
      return { reason: 'TARGETING_MATCH', variant: variantOf(serve) };
    case 'fallthrough':
      return { reason: serve === null ? 'DEFAULT' : byFallthrough, variant: variantOf(serve) };
  }
}

function variantOf(serve: Serve | null | undefined): string | undefined {
  if (serve === null || serve === undefined) return undefined;
  return 'variant' in serve ? serve.variant : serve.split.weights.find(([, weight]) => weight === 100_000)?.[0];
}

/** Each node against its parts: what `all`, `any`, `not` and a segment must be. */
function isConsistent({ condition, passed, parts = [], segment }: ConditionTrace): boolean {
  const [each, some] = [parts.every((part) => part.passed), parts.some((part) => part.passed)];
  if ('all' in condition && passed !== each) return false;
  if ('any' in condition && passed !== some) return false;
  if ('not' in condition && passed !== !each) return false;
  if (segment !== undefined) {
    const listed = segment.by === 'condition' ? segment.condition?.passed === true : segment.by === 'include';
    if (passed !== listed || (segment.condition !== undefined && !isConsistent(segment.condition))) return false;
  }
  return parts.every(isConsistent);
}
