/** The instants at which the clock alone changes answers. */
import type { Cell, CompiledRuleSet } from './compiled.ts';
import { isObject, MAX_DEPTH } from './json.ts';

const NONE: readonly number[] = [];

/**
 * Epoch milliseconds of the next instant after `nowMs` at which a `now` condition changes, whether or not that
 * changes any flag's answer; undefined if there is none.
 */
export function nextBoundary(rules: CompiledRuleSet, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const table of [rules.flags, rules.segments]) {
    for (const cell of table) {
      for (const instantMs of cell === undefined ? NONE : boundariesOf(cell)) {
        if (instantMs > nowMs && (next === undefined || instantMs < next)) next = instantMs;
      }
    }
  }
  return next;
}

/** Instants of the `now` conditions of a flag or segment, from the JSON, so that a lazy rule set need not compile for it. */
function boundariesOf(cell: Cell<unknown>): readonly number[] {
  cell.boundaries ??= collectBoundaries(cell.body);
  return cell.boundaries;
}

function collectBoundaries(body: unknown): readonly number[] {
  const instants: number[] = [];
  if (!isObject(body)) return NONE;
  collect(body.when, 0, instants);
  if (Array.isArray(body.rules)) for (const rule of body.rules) if (isObject(rule)) collect(rule.when, 0, instants);
  return instants.length === 0 ? NONE : instants;
}

function collect(condition: unknown, depth: number, into: number[]): void {
  if (!isObject(condition) || depth > MAX_DEPTH) return;
  if (Object.hasOwn(condition, 'now') && Array.isArray(condition.values)) {
    into.push(...condition.values.slice(0, 1).filter((instant) => Number.isFinite(instant)));
  }
  collect(condition.not, depth + 1, into);
  for (const parts of [condition.all, condition.any]) {
    if (Array.isArray(parts)) for (const part of parts) collect(part, depth + 1, into);
  }
}
