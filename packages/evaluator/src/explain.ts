import type { CompiledRuleSet } from './compiled.ts';
import type { EvaluationContext, Resolution } from './resolution.ts';
import { resolve } from './resolve.ts';
import type { Condition, FlagType, WeightEntry } from './rule-set.ts';

/** How one evaluation went: its outcome and every step up to it, in order. Plain JSON apart from what the context holds. */
export interface Trace {
  readonly flag: string;
  readonly resolution: Resolution;
  readonly steps: readonly TraceStep[];
}

export type TraceStep =
  | { readonly step: 'lookup'; readonly found: boolean }
  | { readonly step: 'type'; readonly requested: FlagType; readonly declared: FlagType | undefined; readonly passed: boolean }
  | { readonly step: 'kill'; readonly on: boolean }
  /** Present only where the flag is broken. */
  | { readonly step: 'broken' }
  | {
      readonly step: 'prerequisite';
      readonly variants: readonly string[];
      readonly passed: boolean;
      /** The whole evaluation of the other flag. */
      readonly trace: Trace;
    }
  | { readonly step: 'targets'; readonly unit: string | undefined; readonly variant: string | undefined }
  | { readonly step: 'rule'; readonly id: string; readonly passed: boolean; readonly condition: ConditionTrace }
  | { readonly step: 'fallthrough'; readonly codeDefault: boolean }
  | {
      readonly step: 'split';
      readonly by: string;
      readonly salt: string;
      readonly unit: string | undefined;
      /** 0 … 99 999; undefined without a unit. */
      readonly bucket: number | undefined;
      readonly entry: WeightEntry | undefined;
    };

export interface ConditionTrace {
  readonly condition: Condition;
  readonly passed: boolean;
  /** The attribute as the context holds it, or the instant seen by a `now` condition. */
  readonly seen?: unknown;
  /** Parts of all, any, not, and of a segment. */
  readonly parts?: readonly ConditionTrace[];
}

export function explain(
  rules: CompiledRuleSet,
  flagKey: string,
  type: FlagType,
  context: EvaluationContext,
  nowMs: number,
): Trace {
  return { flag: flagKey, resolution: resolve(rules, flagKey, type, context, nowMs), steps: [] };
}
