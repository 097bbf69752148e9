import { assemble, flagCell, segmentCell } from './cells.ts';
import { type Cell, type CompiledRuleSet, type Issue, readCell } from './compiled.ts';
import { isObject } from './json.ts';
import type { RuleSet } from './rule-set.ts';

/**
 * Compiles a rule set for `resolve`. Takes any JSON and never throws: what cannot be read is in `issues`, and
 * breaks the one flag or segment it is in. A rule set that is not of format 1 has one issue and no flags.
 * With `lazy` each body compiles when it is first needed.
 */
export function compile(ruleSet: RuleSet, options: { readonly lazy?: boolean } = {}): CompiledRuleSet {
  const json: { readonly [member: string]: unknown } = isObject(ruleSet) ? ruleSet : {};
  const ownIssues: Issue[] = [];
  const report = (code: Issue['code'], path: string) =>
    ownIssues.push({ code, path, kind: 'rule set', key: '', unreadable: true });
  if (json.format !== 1) report('format', '/format');

  const { hashing } = json;
  const hashingSalt = isObject(hashing) && typeof hashing.salt === 'string' ? hashing.salt : undefined;
  const linker = { flagSlots: new Map<string, number>(), segmentSlots: new Map<string, number>(), hashingSalt };
  const rules = assemble({
    ruleSet: {
      project: text(json.project),
      environment: text(json.environment),
      epoch: text(json.epoch),
      revision: typeof json.revision === 'number' ? json.revision : 0,
    },
    lazy: options.lazy === true,
    linker,
    flags: tableOf('flags', linker.flagSlots, flagCell),
    segments: tableOf('segments', linker.segmentSlots, segmentCell),
    ownIssues,
  });
  if (!rules.lazy)
    for (const table of [rules.flags, rules.segments]) for (const cell of table) if (cell) readCell<unknown>(cell, linker);
  return rules;

  function tableOf<Compiled>(
    member: 'flags' | 'segments',
    slots: Map<string, number>,
    makeCell: (key: string, body: unknown) => Cell<Compiled>,
  ): Cell<Compiled>[] {
    if (json.format !== 1) return [];
    const bodies = json[member];
    if (!isObject(bodies)) {
      report('malformed', `/${member}`);
      return [];
    }
    // Keys of one object differ, so each takes the next slot.
    return Object.keys(bodies).map((key, slot) => {
      slots.set(key, slot);
      return makeCell(key, bodies[key]);
    });
  }
}

function text(json: unknown): string {
  return typeof json === 'string' ? json : '';
}
