/** A trace as lines of text: what was looked at, what was seen, and what came of it. */
import type { ConditionTrace, Trace, TraceStep } from '@yardarm/evaluator';
import { formatPercent } from '../../lib/rollout.ts';
import { OPERATOR_WORDS, shorten } from '../../lib/rule-sentence.ts';

export interface TraceLine {
  readonly text: string;
  /** Whether the step let the evaluation take this way; null where there is no such question. */
  readonly passed: boolean | null;
  /** How far inside other steps it is. */
  readonly depth: number;
}

export function traceLines({ steps }: Pick<Trace, 'steps'>, depth = 0): TraceLine[] {
  let rules = 0;
  return steps.flatMap((step) => {
    // Rules are looked at in their order, none left out: their number is the one that the editor shows.
    if (step.step === 'rule') rules += 1;
    return linesOf(step, depth, rules);
  });
}

function linesOf(step: TraceStep, depth: number, ruleNumber: number): TraceLine[] {
  const line = (text: string, passed: boolean | null = null): TraceLine => ({ text, passed, depth });
  switch (step.step) {
    case 'lookup':
      return step.found ? [] : [line('There is no such flag', false)];
    case 'type':
      return step.passed ? [] : [line(`Asked for a ${step.requested}, but the flag is a ${step.declared}`, false)];
    case 'kill':
      return step.on ? [line('The flag is on', true)] : [line('The flag is off', false)];
    case 'broken':
      return [line('The flag cannot be read', false)];
    case 'prerequisite':
      return [
        line(
          `Prerequisite ${step.trace.flag}: ${step.trace.resolution.variant ?? 'no variant'}, needs ${step.variants.join(' or ')}`,
          step.passed,
        ),
        ...traceLines(step.trace, depth + 1),
      ];
    case 'targets':
      return [
        step.variant === undefined
          ? line(`No target lists ${step.unit ?? 'a missing targeting key'}`, false)
          : line(`${step.unit} is a target of ${step.variant}`, true),
      ];
    case 'rule':
      return [line(`Rule ${ruleNumber}, ${step.id}`, step.passed), ...conditionLines(step.condition, depth + 1)];
    case 'fallthrough':
      return [line('What everybody else gets')];
    case 'split':
      if (step.bucket === undefined) return [line(`A split by ${step.by}, which the context does not have`, false)];
      return [
        line(`Split by ${step.by}: ${step.unit} is at ${formatPercent(step.bucket)}, which is ${step.entry?.[0] ?? 'nobody'}`),
      ];
  }
}

/** What of the segment decided. */
function segmentWords(segment: ConditionTrace['segment']): string {
  if (segment === undefined || segment.by === 'condition') return ', by its condition';
  return `: ${segment.unit} is ${segment.by === 'include' ? 'always' : 'never'} in it`;
}

function conditionLines({ condition, passed, seen, parts, segment }: ConditionTrace, depth: number): TraceLine[] {
  const line = (text: string): TraceLine => ({ text, passed, depth });
  const inside = (parts ?? []).flatMap((part) => conditionLines(part, depth + 1));
  if ('all' in condition) return [line('all of'), ...inside];
  if ('any' in condition) return [line('any of'), ...inside];
  if ('not' in condition) return [line('not'), ...inside];
  if ('segment' in condition)
    return [
      line(`in segment ${condition.segment}${segmentWords(segment)}`),
      ...(segment?.condition === undefined ? [] : conditionLines(segment.condition, depth + 1)),
    ];
  if ('now' in condition) return [line(`now is ${condition.now} ${new Date(condition.values[0] ?? 0).toISOString()}`)];
  const { shown, more } = shorten(condition.values ?? []);
  const values = shown.map((value) => JSON.stringify(value)).join(', ') + (more > 0 ? ` and ${more} more` : '');
  const [before, after] = OPERATOR_WORDS[condition.op];
  const asked = [condition.attribute, before, values, after].filter(Boolean).join(' ');
  return [line(`${asked}; seen ${seen === undefined ? 'nothing' : JSON.stringify(seen)}`)];
}
