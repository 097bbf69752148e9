/**
 * The compiled form of a rule set. Immutable to its users. A flag or segment lives in a cell that compiles on
 * first use and is shared by every later version until its body changes. Cells are found through slots: the
 * key -> slot maps only grow and are shared by all versions, each version has its own arrays of cells. Taking
 * a change therefore copies two arrays of references and nothing else.
 */
import type { AttributePath } from './attribute.ts';
import type { HashState } from './hash.ts';
import type { Match, TextSet } from './operators/operators.ts';
import type { Resolution } from './resolution.ts';
import type { EntityKind, FlagType } from './rule-set.ts';

/** Why a body, or its place in the rule set, is not sound. Sentences: `validate`. */
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
  /** True: the body itself cannot be read, keep the last good one. False: it reads well but does not fit the rest of the rule set. */
  readonly unreadable: boolean;
}

/**
 * A compiled condition: data that one function walks, for a call to one of many closures costs more than most
 * conditions.
 */
export type Test =
  | TestOf<'attribute', Match | TextSet | string, AttributePath>
  | TestOf<'exists', undefined, AttributePath>
  | TestOf<'now', number>
  /** Slot of the segment. */
  | TestOf<'segment', number>
  | TestOf<'all' | 'any' | 'not', readonly Test[]>;

interface TestOf<Form, Wanted, Attribute = undefined> {
  readonly form: Form;
  /** Of an attribute: a match, some texts of which it must be one, or the only such text. */
  readonly wanted: Wanted;
  readonly negated: boolean;
  readonly attribute: Attribute;
}

/** A compiled `serve`: one resolution for everyone, or one of a split. */
export type CompiledServe =
  | { readonly outcome: Resolution; readonly split: undefined }
  | { readonly outcome: undefined; readonly split: CompiledSplit };

export interface CompiledSplit {
  readonly by: AttributePath;
  /** State of the hash after `salt + ":"`. */
  readonly salted: HashState;
  readonly shares: readonly { readonly end: number; readonly resolution: Resolution }[];
  /** Without a unit. */
  readonly missing: Resolution;
}

export interface CompiledRule {
  readonly test: Test;
  readonly serve: CompiledServe;
}

export interface CompiledPrerequisite {
  readonly slot: number;
  readonly variants: ReadonlySet<string>;
  /** Outcome of the dependent flag while this prerequisite is not met. */
  readonly failed: Resolution;
}

/** Targets with keys in one form: texts of units, or (salt given) hashes of them. */
export interface CompiledTargets {
  readonly salt: string | undefined;
  readonly byKey: ReadonlyMap<string, Resolution>;
}

export interface CompiledFlag {
  /** Undefined: not readable. */
  readonly type: FlagType | undefined;
  /** Outcome while killed; undefined while on. */
  readonly killed: Resolution | undefined;
  /** Outcome that hangs on neither the context nor the rest of the rule set: killed, unreadable, or without any rule. */
  readonly settled: Resolution | undefined;
  /** Empty unless the body is unreadable. */
  readonly issues: readonly Issue[];
  /** It uses segments or prerequisites, so that it may not fit the rest of the rule set. */
  readonly refers: boolean;
  readonly prerequisites: readonly CompiledPrerequisite[];
  /** Slots of the segments in use, each with the path of its first use. */
  readonly segments: ReadonlyMap<number, string>;
  readonly targets: readonly CompiledTargets[];
  readonly rules: readonly CompiledRule[];
  readonly fallthrough: CompiledServe;
}

/** `included` wins over `excluded`, and both over `when`. */
export interface CompiledSegment {
  readonly issues: readonly Issue[];
  /** Given: the lists hold hashes of units. */
  readonly salt: string | undefined;
  /** Undefined: empty. */
  readonly included: ReadonlySet<string> | undefined;
  readonly excluded: ReadonlySet<string> | undefined;
  readonly when: Test | undefined;
}

/** There are as many as flags, so a cell is data without closures; `readCell` and `boundariesOf` fill what is undefined. */
export interface Cell<Compiled> {
  readonly key: string;
  readonly body: unknown;
  readonly compile: (key: string, body: unknown, linker: Linker) => Compiled;
  compiled: Compiled | undefined;
  /** Instants named by the body's `now` conditions. */
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
  /** Every reason why some part is not sound. Asking compiles whatever has not been compiled yet. */
  readonly issues: readonly Issue[];
  // The members below belong to the evaluator.
  readonly lazy: boolean;
  /** Issues of the rule set as a whole. */
  readonly ownIssues: readonly Issue[];
  readonly linker: Linker;
  readonly flags: Table<CompiledFlag>;
  readonly segments: Table<CompiledSegment>;
  /** By flag slot, found out on first use: 1 if the flag fits the rest of this version, 2 if not. */
  readonly soundness: Uint8Array;
}

/** The compiled form of a body, compiled now if this is its first use. */
export function readCell<Compiled>(cell: Cell<Compiled>, linker: Linker): Compiled {
  cell.compiled ??= cell.compile(cell.key, cell.body, linker);
  return cell.compiled;
}

/** Slot of a key, made if there is none yet: a reference may come before the body it refers to. */
export function slotOf(slots: Map<string, number>, key: string): number {
  const known = slots.get(key);
  if (known !== undefined) return known;
  slots.set(key, slots.size);
  return slots.size - 1;
}
