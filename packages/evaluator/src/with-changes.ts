import { assemble, cellOf } from './cells.ts';
import { compileFlag } from './compile-flag.ts';
import { compileSegment } from './compile-segment.ts';
import { type Cell, type CompiledRuleSet, readCell, slotOf } from './compiled.ts';
import type { BodyChange } from './rule-set.ts';

/**
 * The rule set after some bodies changed, at the given revision. The old one stays as it was. Unchanged bodies
 * are shared, compiled form included; later changes of the same body win.
 */
export function withChanges(
  rules: CompiledRuleSet,
  { revision, changes }: { readonly revision: number; readonly changes: readonly BodyChange[] },
): CompiledRuleSet {
  const { linker, lazy } = rules;
  const flags = [...rules.flags];
  const segments = [...rules.segments];
  for (const { kind, key, body } of changes) {
    if (kind === 'flag')
      replace(flags, slotOf(linker.flagSlots, key), body === null ? undefined : cellOf(key, body, compileFlag));
    else replace(segments, slotOf(linker.segmentSlots, key), body === null ? undefined : cellOf(key, body, compileSegment));
  }
  const { project, environment, epoch } = rules.ruleSet;
  const ownIssues = rules.ownIssues;
  return assemble({ ruleSet: { project, environment, epoch, revision }, lazy, linker, flags, segments, ownIssues });

  function replace<Compiled>(table: (Cell<Compiled> | undefined)[], slot: number, cell: Cell<Compiled> | undefined): void {
    // Slots handed out to another version since this one was made: no holes, which would slow every later copy.
    while (table.length < slot) table.push(undefined);
    table[slot] = cell;
    if (!lazy && cell !== undefined) readCell(cell, linker);
  }
}
