/**
 * Tells how `resolve` came to its answer. The answer itself is that of `resolve`, and each condition, part by
 * part, is judged by the compiler that `resolve` uses; only the order of the steps is written twice.
 */
import { attributePath, ownContext, readAttribute, unitText } from './attribute.ts';
import { compileCondition } from './compile-condition.ts';
import { type CompiledFlag, type CompiledRuleSet, readCell } from './compiled.ts';
import { bucketOf, hashValue } from './hash.ts';
import { isSound } from './link.ts';
import { passes } from './passes.ts';
import { placeOf } from './place.ts';
import type { EvaluationContext } from './resolution.ts';
import { resolve, targetOf } from './resolve.ts';
import {
  type Condition,
  type FlagBody,
  type FlagType,
  type SegmentBody,
  type Serve,
  type Split,
  WEIGHT_SCALE,
  type WeightEntry,
} from './rule-set.ts';
import type { ConditionTrace, SegmentTrace, Trace, TraceStep } from './trace.ts';

interface Situation {
  readonly rules: CompiledRuleSet;
  readonly context: EvaluationContext;
  readonly nowMs: number;
}

/** Resolves a flag and reports every step, with the operands seen. Never throws. Not meant for the hot path. */
export function explain(
  rules: CompiledRuleSet,
  flagKey: string,
  type: FlagType,
  context: EvaluationContext,
  nowMs: number,
): Trace {
  const steps: TraceStep[] = [];
  try {
    for (const step of traceSteps({ rules, context: ownContext(context), nowMs }, flagKey, type)) steps.push(step);
  } catch {
    // Reading the context threw: the steps so far stand.
  }
  return { flag: flagKey, resolution: resolve(rules, flagKey, type, context, nowMs), steps };
}

function* traceSteps(situation: Situation, flagKey: string, requested: FlagType): Generator<TraceStep> {
  const { rules, context } = situation;
  const slot = rules.linker.flagSlots.get(flagKey);
  const cell = slot === undefined ? undefined : rules.flags[slot];
  yield { step: 'lookup', found: cell !== undefined };
  if (slot === undefined || cell === undefined) return;

  const flag = readCell(cell, rules.linker);
  const passed = flag.type === undefined || flag.type === requested;
  yield { step: 'type', requested, declared: flag.type, passed };
  if (!passed) return;
  yield { step: 'kill', on: flag.killed === undefined };
  if (flag.killed !== undefined) return;
  if (flag.issues.length > 0 || !isSound(rules, slot, flag)) return yield { step: 'broken' };

  // Without issues the body has the shape of its type.
  const body = cell.body as FlagBody;
  for (const prerequisite of body.prerequisites ?? []) {
    const step = tracePrerequisite(situation, prerequisite.flag, prerequisite.variants, requested);
    yield step;
    if (!step.passed) return;
  }
  if ((body.targets ?? []).length > 0) {
    const step = traceTargets(flag, context);
    yield step;
    if (step.variant !== undefined) return;
  }
  for (const { id, when, serve } of body.rules ?? []) {
    const condition = traceCondition(situation, when, true);
    yield { step: 'rule', id, passed: condition.passed, condition };
    if (condition.passed) return yield* traceServe(serve, situation);
  }
  yield { step: 'fallthrough' };
  yield* traceServe(body.fallthrough, situation);
}

function tracePrerequisite(
  { rules, context, nowMs }: Situation,
  flagKey: string,
  variants: readonly string[],
  requested: FlagType,
): TraceStep & { readonly step: 'prerequisite' } {
  const slot = rules.linker.flagSlots.get(flagKey);
  // A prerequisite has no requested type: its own is right.
  const cell = slot === undefined ? undefined : rules.flags[slot];
  const type = (cell && readCell(cell, rules.linker).type) ?? requested;
  const trace = explain(rules, flagKey, type, context, nowMs);
  const { variant } = trace.resolution;
  return { step: 'prerequisite', variants, passed: variant !== undefined && variants.includes(variant), trace };
}

function traceTargets(flag: CompiledFlag, context: EvaluationContext): TraceStep & { readonly step: 'targets' } {
  return { step: 'targets', unit: targetingUnit(context), variant: targetOf(flag, context)?.variant };
}

function* traceServe(serve: Serve | null, { context }: Situation): Generator<TraceStep> {
  if (serve === null || !('split' in serve)) return;
  const { split } = serve;
  if (split.weights.some(([, weight]) => weight === WEIGHT_SCALE)) return;
  const unit = unitText(readAttribute(context, attributePath(split.by)));
  const bucket = unit === undefined ? undefined : bucketOf(split.salt, unit);
  yield { step: 'split', by: split.by, salt: split.salt, unit, bucket, entry: entryAt(split, bucket) };
}

function entryAt({ weights }: Split, bucket: number | undefined): WeightEntry | undefined {
  if (bucket === undefined) return undefined;
  let end = 0;
  return weights.find(([, weight]) => {
    end += weight;
    return bucket < end;
  });
}

/** `inFlag` false: inside a segment, where no segment may be named. */
function traceCondition(situation: Situation, condition: Condition, inFlag: boolean): ConditionTrace {
  const { rules, context, nowMs } = situation;
  const place = placeOf(inFlag ? 'flag' : 'segment', '', condition, rules.linker);
  const passed = passes(compileCondition(place), context, nowMs, rules);
  if ('all' in condition || 'any' in condition || 'not' in condition) {
    const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : [condition.not];
    return { condition, passed, parts: parts.map((part) => traceCondition(situation, part, inFlag)) };
  }
  if ('segment' in condition) return { condition, passed, segment: traceSegment(situation, condition.segment) };
  return 'attribute' in condition
    ? { condition, passed, seen: readAttribute(context, attributePath(condition.attribute)) }
    : { condition, passed };
}

function traceSegment(situation: Situation, key: string): SegmentTrace {
  const { rules, context } = situation;
  const slot = rules.linker.segmentSlots.get(key) ?? -1;
  // A sound flag uses readable segments only.
  const body = rules.segments[slot]?.body as SegmentBody;
  const unit = targetingUnit(context);
  const salt = body.hashed === true ? rules.linker.hashingSalt : undefined;
  const listed = unit === undefined || salt === undefined ? unit : hashValue(salt, unit);
  const names = (units: SegmentBody['include'] | undefined) => (units ?? []).some((entry) => unitText(entry) === listed);
  if (listed !== undefined && names(body.include)) return { unit, by: 'include', condition: undefined };
  if (listed !== undefined && names(body.exclude)) return { unit, by: 'exclude', condition: undefined };
  const condition = body.when === null ? undefined : traceCondition(situation, body.when, false);
  return { unit, by: 'condition', condition };
}

function targetingUnit(context: EvaluationContext): string | undefined {
  return unitText(context.targetingKey);
}
