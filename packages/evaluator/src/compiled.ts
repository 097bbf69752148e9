/**
 * The compiled form of a rule set. Immutable to its users; a flag or segment lives in a cell that compiles on
 * first use and is shared by every later version until its body changes. Cells are found through slots: the
 * key -> slot map is shared by all versions, each version has its own array of cells, so that taking a change
 * copies two arrays of references and nothing else.
 */
import type { EvaluationContext, Resolution } from './resolution.ts';
import type { EntityKind, FlagType } from './rule-set.ts';

/**
 * Why a body, or a rule set, is not sound. The codes of the second group concern a body that reads well but
 * does not fit the rest of the rule set: it is not `unreadable`.
 */
export type IssueCode =
  | 'format'
  | 'malformed'
  | 'unsupported'
  | 'variant_type'
  | 'unknown_variant'
  | 'weights'
  | 'values'
  | 'pattern'
  | 'too_deep'
  | 'nested_segment'
  | 'unsalted'
  //
  | 'unknown_segment'
  | 'unreadable_segment'
  | 'unknown_flag'
  | 'prerequisites';

export interface Issue {
  readonly code: IssueCode;
  /** JSON Pointer into the rule set: `/flags/new-checkout/rules/0/when`. */
  readonly path: string;
  readonly kind: EntityKind | 'rule set';
  /** Key of the flag or segment; empty for the rule set itself. */
  readonly key: string;
  /** The body itself cannot be read: a reader should keep the last good one. */
  readonly unreadable: boolean;
}

/** Condition after compilation. May throw only where reading the context throws; `resolve` catches that. */
export type Test = (context: EvaluationContext, nowMs: number, rules: CompiledRuleSet) => boolean;
export type Decide = (context: EvaluationContext) => Resolution;

export interface CompiledPrerequisite {
  readonly slot: number;
  readonly variants: ReadonlySet<string>;
  /** Outcome of the dependent flag when this prerequisite is not met. */
  readonly failed: Resolution;
}

/** Consecutive targets with keys in the same form: text of the unit, or its hash. */
export interface CompiledTargets {
  readonly hashed: boolean;
  readonly byKey: Map<string, Resolution>;
}

export interface CompiledFlag {
  /** Undefined: not readable. */
  readonly type: FlagType | undefined;
  /** Outcome while killed; undefined while on. */
  readonly killed: Resolution | undefined;
  /** Empty unless the body is unreadable. */
  readonly issues: readonly Issue[];
  readonly prerequisites: readonly CompiledPrerequisite[];
  /** Slots of the segments in use. */
  readonly segments: readonly number[];
  readonly targets: readonly CompiledTargets[];
  readonly rules: readonly { readonly test: Test; readonly decide: Decide }[];
  readonly fallthrough: Decide;
}

export interface CompiledSegment {
  readonly issues: readonly Issue[];
  readonly test: Test;
}

export interface Cell<Compiled> {
  readonly key: string;
  readonly body: unknown;
  /** Filled on first use. */
  compiled: Compiled | undefined;
  /** Instants named by `now` conditions; filled on first use. */
  boundaries: readonly number[] | undefined;
}

export type Table<Compiled> = readonly (Cell<Compiled> | undefined)[];

/** What compiling a body needs of its surroundings; shared by all versions of a rule set. */
export interface Linker {
  readonly flagSlots: Map<string, number>;
  readonly segmentSlots: Map<string, number>;
  /** Salt of hashed lists; undefined in views that carry none. */
  readonly hashingSalt: string | undefined;
}

export interface RuleSetHeader {
  readonly project: string;
  readonly environment: string;
  readonly epoch: string;
  readonly revision: number;
}

export interface CompiledRuleSet {
  readonly ruleSet: RuleSetHeader;
  /** Every reason why some part is not sound. Asking compiles what has not been compiled yet. */
  readonly issues: readonly Issue[];
  /** The rest belongs to the evaluator. */
  readonly lazy: boolean;
  readonly linker: Linker;
  readonly flags: Table<CompiledFlag>;
  readonly segments: Table<CompiledSegment>;
  /** Per flag slot, filled on first use: all its segments are readable and its prerequisites are finite. */
  readonly sound: Map<number, boolean>;
}
