/** What `explain` answers. Plain JSON, apart from the values that the context itself holds. */
import type { Resolution } from './resolution.ts';
import type { Condition, FlagType, WeightEntry } from './rule-set.ts';

/** How one evaluation went: its outcome, and every step up to it in order. */
export interface Trace {
  readonly flag: string;
  readonly resolution: Resolution;
  /** Ends early where reading the context threw. */
  readonly steps: readonly TraceStep[];
}

export type TraceStep =
  | { readonly step: 'lookup'; readonly found: boolean }
  | { readonly step: 'type'; readonly requested: FlagType; readonly declared: FlagType | undefined; readonly passed: boolean }
  | { readonly step: 'kill'; readonly on: boolean }
  /** Only where the flag, or a segment it uses, cannot be read, or its prerequisites do not end. */
  | { readonly step: 'broken' }
  /** One per prerequisite up to the first that fails; `trace` is the whole evaluation of the other flag. */
  | { readonly step: 'prerequisite'; readonly variants: readonly string[]; readonly passed: boolean; readonly trace: Trace }
  /** Only if the flag has targets. `variant` undefined: none of them lists the unit. */
  | { readonly step: 'targets'; readonly unit: string | undefined; readonly variant: string | undefined }
  /** One per rule up to the first that matches. */
  | { readonly step: 'rule'; readonly id: string; readonly passed: boolean; readonly condition: ConditionTrace }
  | { readonly step: 'fallthrough' }
  /** What the rule or fallthrough before it serves, if that is a split which needs a unit. */
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
  /** The attribute as the context holds it; undefined if it does not. */
  readonly seen?: unknown;
  /** For `all`, `any` and `not`: every part, also those that evaluation need not look at. */
  readonly parts?: readonly ConditionTrace[];
  /** For `segment`: how the context fares in it. */
  readonly segment?: SegmentTrace;
}

export interface SegmentTrace {
  readonly unit: string | undefined;
  /** Which list decided; `condition` if neither names the unit. */
  readonly by: 'include' | 'exclude' | 'condition';
  readonly condition: ConditionTrace | undefined;
}
