/** Cells and the rule set made of them: what `compile` and `withChanges` share. */
import { compileFlag } from './compile-flag.ts';
import { compileSegment } from './compile-segment.ts';
import { type Cell, type CompiledFlag, type CompiledRuleSet, type CompiledSegment, type Issue, readCell } from './compiled.ts';
import { linkIssues } from './link.ts';

export function flagCell(key: string, body: unknown): Cell<CompiledFlag> {
  return { key, body, compile: compileFlag, compiled: undefined, boundaries: undefined };
}

export function segmentCell(key: string, body: unknown): Cell<CompiledSegment> {
  return { key, body, compile: compileSegment, compiled: undefined, boundaries: undefined };
}

type Parts = Omit<CompiledRuleSet, 'issues' | 'soundness'>;

/** A version of a rule set. Its issues are collected when asked for, once. */
export function assemble(parts: Parts): CompiledRuleSet {
  let issues: readonly Issue[] | undefined;
  const rules: CompiledRuleSet = {
    ...parts,
    soundness: new Uint8Array(parts.flags.length),
    get issues() {
      issues ??= [...parts.ownIssues, ...collectIssues(rules)];
      return issues;
    },
  };
  return rules;
}

function collectIssues(rules: CompiledRuleSet): readonly Issue[] {
  const { linker } = rules;
  const ofFlags = rules.flags.flatMap((cell) => {
    const flag = cell && readCell(cell, linker);
    return flag === undefined ? [] : [...flag.issues, ...linkIssues(rules, cell?.key ?? '', flag)];
  });
  return [...ofFlags, ...rules.segments.flatMap((cell) => (cell === undefined ? [] : readCell(cell, linker).issues))];
}
