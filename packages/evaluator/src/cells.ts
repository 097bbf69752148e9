/** Cells and the rule set made of them: what `compile` and `withChanges` share. */
import { collectBoundaries } from './boundary.ts';
import { compileFlag } from './compile-flag.ts';
import { compileSegment } from './compile-segment.ts';
import type { Cell, CompiledFlag, CompiledRuleSet, CompiledSegment, Issue, Linker } from './compiled.ts';
import { linkIssues } from './link.ts';

type Compile<Compiled> = (key: string, body: unknown, linker: Linker) => Compiled;

export function flagCell(key: string, body: unknown, linker: Linker): Cell<CompiledFlag> {
  return makeCell(key, body, linker, compileFlag);
}

export function segmentCell(key: string, body: unknown, linker: Linker): Cell<CompiledSegment> {
  return makeCell(key, body, linker, compileSegment);
}

type Parts = Omit<CompiledRuleSet, 'issues' | 'sound'>;

/** A version of a rule set. Its issues are collected when asked for, once. */
export function assemble(parts: Parts): CompiledRuleSet {
  let issues: readonly Issue[] | undefined;
  const rules: CompiledRuleSet = {
    ...parts,
    sound: new Map(),
    get issues() {
      issues ??= [...parts.ownIssues, ...collectIssues(rules)];
      return issues;
    },
  };
  return rules;
}

function makeCell<Compiled>(key: string, body: unknown, linker: Linker, compileBody: Compile<Compiled>): Cell<Compiled> {
  let compiled: Compiled | undefined;
  let boundaries: readonly number[] | undefined;
  return {
    key,
    body,
    read: () => {
      compiled ??= compileBody(key, body, linker);
      return compiled;
    },
    boundaries: () => {
      boundaries ??= collectBoundaries(body);
      return boundaries;
    },
  };
}

function collectIssues(rules: CompiledRuleSet): readonly Issue[] {
  const ofFlags = rules.flags.flatMap((cell) => {
    const flag = cell?.read();
    return cell === undefined || flag === undefined ? [] : [...flag.issues, ...linkIssues(rules, cell.key, flag)];
  });
  return [...ofFlags, ...rules.segments.flatMap((cell) => cell?.read().issues ?? [])];
}
