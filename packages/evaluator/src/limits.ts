/** What may be written is smaller than what can be read: limits, names and numbers. For the server and tools only. */
import { type CompiledFlag, type CompiledRuleSet, readCell } from './compiled.ts';
import { LIMITS } from './excess.ts';
import { countEvaluations } from './link.ts';
import { bodyPath, escapeStep } from './place.ts';
import type { Condition, FlagBody, SegmentBody } from './rule-set.ts';

const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/;

/** A defect that compiling does not see, already in words. */
export interface LimitFinding {
  readonly code: 'limit' | 'name' | 'duplicate' | 'unsafe_integer' | 'unknown_variant';
  readonly path: string;
  readonly message: string;
}

/** All defects of these kinds, with limits `times` as large; bodies that cannot be read are left to their own issues. */
export function findLimits(rules: CompiledRuleSet, times: number): readonly LimitFinding[] {
  const findings: LimitFinding[] = [];
  const add = (code: LimitFinding['code'], path: string, message: string) => findings.push({ code, path, message });
  const limit = (what: string, path: string, count: number, most: number, thing: string) => {
    if (count > most * times) add('limit', path, `${what} has ${count} ${thing}; ${most * times} are allowed.`);
  };
  const name = (what: string, path: string, text: string) => {
    if (!NAME.test(text) || text === 'prototype' || text in {}) {
      add('name', path, `${what} needs another name: 1 to 128 letters, digits, '_', '.' or '-', none that JavaScript reserves.`);
    }
  };
  let bytes = 0;
  let flags = 0;
  for (const cell of rules.flags) {
    if (cell === undefined) continue;
    const [what, path] = [`Flag '${cell.key}'`, bodyPath('flag', cell.key)];
    const size = bytesOf(cell.body);
    bytes += size;
    flags++;
    name(what, path, cell.key);
    limit(what, path, size, LIMITS.flagBytes, 'bytes');
    const flag = readCell(cell, rules.linker);
    if (flag.issues.length === 0) checkFlag(cell.key, path, flag, cell.body as FlagBody);
  }
  for (const cell of rules.segments) {
    if (cell === undefined) continue;
    const [what, path] = [`Segment '${cell.key}'`, bodyPath('segment', cell.key)];
    bytes += bytesOf(cell.body);
    name(what, path, cell.key);
    if (readCell(cell, rules.linker).issues.length > 0) continue;
    const { include, exclude, when } = cell.body as SegmentBody;
    limit(what, path, (include?.length ?? 0) + (exclude?.length ?? 0), LIMITS.segmentKeys, 'keys');
    if (when !== null) checkCondition(what, `${path}/when`, when);
  }
  limit('The rule set', '/flags', flags, LIMITS.flags, 'flags');
  limit('The rule set', '', bytes, LIMITS.ruleSetBytes, 'bytes');
  return findings;

  function checkFlag(key: string, path: string, flag: CompiledFlag, body: FlagBody): void {
    const what = `Flag '${key}'`;
    const { variants, rules: ruleList = [], prerequisites = [] } = body;
    limit(what, `${path}/variants`, Object.keys(variants).length, LIMITS.variants, 'variants');
    for (const [variant, value] of Object.entries(variants)) {
      const whatVariant = `Variant '${variant}' of flag '${key}'`;
      name(whatVariant, `${path}/variants`, variant);
      if (typeof value !== 'boolean')
        limit(whatVariant, `${path}/variants/${escapeStep(variant)}`, bytesOf(value), LIMITS.variantBytes, 'bytes');
    }
    limit(what, `${path}/rules`, ruleList.length, LIMITS.rules, 'rules');
    const ids = new Set<string>();
    for (const [index, { id, when }] of ruleList.entries()) {
      if (ids.has(id)) add('duplicate', `${path}/rules/${index}/id`, `${what} has two rules with the id '${id}'.`);
      ids.add(id);
      checkCondition(`Rule ${index + 1} of flag '${key}'`, `${path}/rules/${index}/when`, when);
    }
    limit(what, `${path}/prerequisites`, prerequisites.length, LIMITS.prerequisites, 'prerequisites');
    if (prerequisites.length > 0 && countEvaluations(rules, flag, LIMITS.evaluations * times) > LIMITS.evaluations * times) {
      const message = `${what} needs more than ${LIMITS.evaluations * times} evaluations for its prerequisites and theirs.`;
      add('limit', `${path}/prerequisites`, message);
    }
    for (const [index, { flag: otherKey, variants: accepted }] of prerequisites.entries()) {
      const other = rules.flags[rules.linker.flagSlots.get(otherKey) ?? -1];
      if (other === undefined || readCell(other, rules.linker).issues.length > 0) continue;
      for (const [position, variant] of accepted.entries()) {
        // Compiling passes over what is no text; here it is named, and as JSON: turning it into a text may throw.
        const name: unknown = variant;
        if (typeof name === 'string' && Object.hasOwn((other.body as FlagBody).variants, name)) continue;
        const message = `${what} asks for variant '${typeof name === 'string' ? name : JSON.stringify(name)}' of flag '${otherKey}', which has no such variant.`;
        add('unknown_variant', `${path}/prerequisites/${index}/variants/${position}`, message);
      }
    }
  }

  function checkCondition(what: string, path: string, root: Condition): void {
    let clauses = 0;
    visit(root, path);
    limit(what, path, clauses, LIMITS.clauses, 'conditions');

    function visit(condition: Condition, at: string): void {
      if ('not' in condition) {
        visit(condition.not, `${at}/not`);
        return;
      }
      if ('all' in condition || 'any' in condition) {
        const [member, parts] = 'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const);
        for (const [index, part] of parts.entries()) visit(part, `${at}/${member}/${index}`);
        return;
      }
      clauses++;
      if (!('values' in condition) || condition.values === undefined) return;
      limit(what, `${at}/values`, condition.values.length, LIMITS.values, 'values in one condition');
      for (const [index, value] of condition.values.entries()) {
        if (!Number.isInteger(value) || Number.isSafeInteger(value)) continue;
        const message = `${what} compares with ${value}, but integers are exact only up to 9007199254740991.`;
        add('unsafe_integer', `${at}/values/${index}`, message);
      }
    }
  }
}

/** Bytes of the JSON text as UTF-8. */
function bytesOf(json: unknown): number {
  let text: string;
  try {
    text = JSON.stringify(json) ?? '';
  } catch {
    // Nested too deep for the stack.
    return Number.POSITIVE_INFINITY;
  }
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // The halves of a surrogate pair are 4 bytes together.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
