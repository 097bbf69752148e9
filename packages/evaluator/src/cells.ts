/** Cells and the rule set made of them: what `compile` and `withChanges` share. */
import { compileFlag } from './compile-flag.ts';
import { compileSegment } from './compile-segment.ts';
import {
  type Cell,
  type CompiledFlag,
  type CompiledRuleSet,
  type CompiledSegment,
  type Issue,
  type Linker,
  type RuleSetHeader,
  readCell,
  type Table,
} from './compiled.ts';
import { linkIssues } from './link.ts';
import type { EntityKind } from './rule-set.ts';

export function cellOf<Compiled>(key: string, body: unknown, compile: Cell<Compiled>['compile']): Cell<Compiled> {
  return { key, body, compile, compiled: undefined, boundaries: undefined };
}

type Parts = Omit<CompiledRuleSet, 'issues' | 'soundness'>;

/**
 * A version of a rule set. A class, because a getter in an object literal gives every object a hidden class of its
 * own, and `resolve` would be compiled anew after each change.
 */
class Version implements CompiledRuleSet {
  readonly ruleSet: RuleSetHeader;
  readonly lazy: boolean;
  readonly ownIssues: readonly Issue[];
  readonly linker: Linker;
  readonly flags: Table<CompiledFlag>;
  readonly segments: Table<CompiledSegment>;
  readonly soundness: Uint8Array;
  #issues: readonly Issue[] | undefined;

  constructor({ ruleSet, lazy, ownIssues, linker, flags, segments }: Parts) {
    this.ruleSet = ruleSet;
    this.lazy = lazy;
    this.ownIssues = ownIssues;
    this.linker = linker;
    this.flags = flags;
    this.segments = segments;
    this.soundness = new Uint8Array(flags.length);
  }

  get issues(): readonly Issue[] {
    this.#issues ??= [...this.ownIssues, ...collectIssues(this)];
    return this.#issues;
  }
}

/** A version of a rule set. Its issues are collected when asked for, once. */
export function assemble(parts: Parts): CompiledRuleSet {
  return new Version(parts);
}

/** Why this body cannot be read in this rule set; empty if it can. Compiles it, unless that has been done. */
export function bodyIssues(rules: CompiledRuleSet, kind: EntityKind, key: string, body: unknown): readonly Issue[] {
  const { linker } = rules;
  return kind === 'flag'
    ? compiledBody(rules.flags[linker.flagSlots.get(key) ?? -1], cellOf(key, body, compileFlag), linker).issues
    : compiledBody(rules.segments[linker.segmentSlots.get(key) ?? -1], cellOf(key, body, compileSegment), linker).issues;
}

/** From the cell in use if it holds the same body. */
function compiledBody<Compiled>(inUse: Cell<Compiled> | undefined, own: Cell<Compiled>, linker: Linker): Compiled {
  return readCell(inUse !== undefined && inUse.body === own.body ? inUse : own, linker);
}

function collectIssues(rules: CompiledRuleSet): readonly Issue[] {
  const { linker } = rules;
  const ofFlags = rules.flags.flatMap((cell) => {
    const flag = cell && readCell(cell, linker);
    return flag === undefined ? [] : [...flag.issues, ...linkIssues(rules, cell?.key ?? '', flag)];
  });
  return [...ofFlags, ...rules.segments.flatMap((cell) => (cell === undefined ? [] : readCell(cell, linker).issues))];
}
