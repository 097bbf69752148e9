import { assemble, cellOf } from './cells.ts';
import { compileFlag } from './compile-flag.ts';
import { compileSegment } from './compile-segment.ts';
import { type Cell, type CompiledRuleSet, type Issue, type Linker, readCell } from './compiled.ts';
import { isObject, isString, ownMember } from './json.ts';
import { at, type Place, read } from './place.ts';
import type { RuleSet } from './rule-set.ts';

/**
 * Compiles a rule set for `resolve`. Takes any JSON and never throws: what cannot be read is in `issues`, and
 * breaks the one flag or segment it is in. A rule set that is not of format 1 has one issue and no flags.
 * With `lazy` each body compiles when it is first needed.
 */
export function compile(ruleSet: RuleSet, { lazy = false }: { readonly lazy?: boolean } = {}): CompiledRuleSet {
  const hashingSalt = ownMember(ownMember(ruleSet, 'hashing'), 'salt');
  const linker: Linker = {
    flagSlots: new Map(),
    segmentSlots: new Map(),
    hashingSalt: isString(hashingSalt) ? hashingSalt : undefined,
  };
  const ownIssues: Issue[] = [];
  const root: Place = {
    json: ruleSet,
    path: '',
    body: { kind: 'rule set', key: '', linker, issues: ownIssues, segments: new Map() },
  };
  const format = read(at(root, 'format'), (json) => json === 1, 'format');
  const { project, environment, epoch, revision } = isObject(ruleSet) ? ruleSet : ({} as Partial<RuleSet>);
  const text = (json: unknown) => (isString(json) ? json : '');
  const rules = assemble({
    ruleSet: {
      project: text(project),
      environment: text(environment),
      epoch: text(epoch),
      revision: typeof revision === 'number' ? revision : 0,
    },
    lazy,
    linker,
    flags: tableOf('flags', linker.flagSlots, compileFlag),
    segments: tableOf('segments', linker.segmentSlots, compileSegment),
    ownIssues,
  });
  if (!lazy)
    for (const table of [rules.flags, rules.segments]) for (const cell of table) if (cell) readCell<unknown>(cell, linker);
  return rules;

  function tableOf<Compiled>(
    member: string,
    slots: Map<string, number>,
    compileBody: Cell<Compiled>['compile'],
  ): Cell<Compiled>[] {
    const bodies = format === undefined ? undefined : read<{ readonly [key: string]: unknown }>(at(root, member), isObject);
    // Keys of one object differ, so each takes the next slot.
    return Object.keys(bodies ?? {}).map((key, slot) => {
      slots.set(key, slot);
      return cellOf(key, bodies?.[key], compileBody);
    });
  }
}
