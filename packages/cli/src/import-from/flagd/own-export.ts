/**
 * What our own export to flagd writes, read back. It puts guards of types around comparisons, in operations that have no counterpart one by
 * one: so a piece of logic is taken for the condition, or the split, for which the export writes just this.
 */
import type { ServeInput } from '@yardarm/contract';
import type { AttributeCondition, Operator } from '@yardarm/evaluator';
import { toFlagd } from '@yardarm/evaluator/to-flagd';
import type { ImportedConfiguration } from '../imported.ts';
import { isMembers } from '../read-document.ts';
import { ruleSetOf } from '../rule-set-of.ts';

/** Lengths of what one condition becomes inside of an `and` that holds others too. */
const LENGTHS = [4, 2];

/** The condition of which the export makes this logic; undefined: of none, or none that it would need this for. */
export function exportedCondition(logic: unknown): AttributeCondition | undefined {
  if (!isGuarded(logic)) return undefined;
  const wanted = JSON.stringify(logic);
  return candidatesOf(logic).find((condition) => {
    const rule = { id: 'r', when: condition, serve: { variant: 'v' } };
    const [written] = branchesOf({ rules: [rule], fallthrough: null }, ['v']);
    return JSON.stringify(written) === wanted;
  });
}

/** The parts of an `and`, those that are one condition put together again. */
export function regrouped(parts: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  for (let at = 0; at < parts.length; ) {
    const length = LENGTHS.find((one) => exportedCondition({ and: parts.slice(at, at + one) }) !== undefined) ?? 1;
    found.push(length === 1 ? parts[at] : { and: parts.slice(at, at + length) });
    at += length;
  }
  return found;
}

type ExportedSplit = Extract<ServeInput, { readonly split: unknown }>['split'];

/** The split of which the export makes these arguments of an `if`, with the names of variants that flagd has. */
export function exportedSplit(args: readonly unknown[]): ExportedSplit | undefined {
  const [unit, dealt, ...otherwise] = args;
  const [text, ...weights] = isMembers(dealt) && Array.isArray(dealt.fractional) ? (dealt.fractional as unknown[]) : [];
  const [salted, read] = isMembers(text) && Array.isArray(text.cat) ? (text.cat as unknown[]) : [];
  const by = isMembers(read) ? pathOf(read.var) : undefined;
  if (typeof salted !== 'string' || by === undefined || !isGuarded(unit) || !weights.every(isWeight)) return undefined;
  const split = { by, salt: salted.slice(0, -1), hash: 2 as const, weights };
  const written = branchesOf(
    { rules: [], fallthrough: { split } },
    weights.map(([variant]) => variant),
  );
  return JSON.stringify(written) === JSON.stringify([unit, dealt, ...otherwise]) ? split : undefined;
}

/** Arguments of the `if` that the export makes of a boolean flag. */
function branchesOf(half: Pick<ImportedConfiguration, 'rules' | 'fallthrough'>, variants: readonly string[]): readonly unknown[] {
  const configuration = { on: true, offVariant: null, prerequisites: [], targets: [], ...half };
  const flag = {
    key: 'f',
    type: 'boolean' as const,
    variants: Object.fromEntries(variants.map((name) => [name, true])),
    configuration,
  };
  const logic = toFlagd(ruleSetOf([flag], [])).flags.f?.targeting?.if;
  return Array.isArray(logic) ? (logic as readonly unknown[]) : [];
}

/** Cheap, and true of all that has to be compared. */
function isGuarded(logic: unknown): boolean {
  return isMembers(logic) && /"(?:merge|substr|%)"/.test(JSON.stringify(logic));
}

const ORDERS: { readonly [operation: string]: Operator } = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };
const VERSIONS: { readonly [operation: string]: Operator } = {
  '=': 'semver_eq',
  '<': 'semver_lt',
  '<=': 'semver_lte',
  '>': 'semver_gt',
  '>=': 'semver_gte',
};

/** Conditions on what the logic reads, with the constants that it compares with. */
function candidatesOf(logic: unknown): readonly AttributeCondition[] {
  const paths = new Set<string>();
  const values = new Map<Operator, (string | number | boolean)[]>();
  let isGuardSeen = false;
  const note = (op: Operator | undefined, value: unknown) => {
    if (op !== undefined) values.set(op, [...(values.get(op) ?? []), value as string]);
  };
  visit(logic);
  const [attribute, ...others] = paths;
  if (attribute === undefined || others.length > 0) return [];
  // Every text contains the empty one, so that the export compares with none.
  const ofEmpty = (['contains', 'not_contains'] as const).map((op) => ({ attribute, op, values: [''] }));
  return [...[...values].map(([op, some]) => ({ attribute, op, values: some })), ...ofEmpty];

  function visit(part: unknown): void {
    if (Array.isArray(part)) for (const one of part as readonly unknown[]) visit(one);
    if (!isMembers(part)) return;
    for (const [name, args] of Object.entries(part)) {
      if (name === 'var') {
        const path = pathOf(args);
        if (path !== undefined && path !== '') paths.add(path);
      }
      const [first, second, third] = Array.isArray(args) ? (args as unknown[]) : [];
      if (name === 'in' && isElement(first) && Array.isArray(second))
        // The last list is what is looked for; one before it asks for a boolean.
        for (const op of ['in', 'not_in'] as const) values.set(op, second as (string | number | boolean)[]);
      if (name === 'in' && typeof first === 'string' && isElement(second))
        for (const op of ['contains', 'not_contains'] as const) note(op, first);
      // The first of all asks for a text.
      if (name === 'starts_with' || name === 'ends_with') note(isGuardSeen ? name : undefined, second);
      if (name === 'starts_with') isGuardSeen = true;
      if (Object.hasOwn(ORDERS, name) && isElement(first)) note(ORDERS[name], second);
      if (name === 'sem_ver') note(VERSIONS[String(second)], third);
      visit(args);
    }
  }
}

function isElement(logic: unknown): boolean {
  return isMembers(logic) && logic.var === '';
}

/** Of a `var`, with nothing for a default. */
function pathOf(args: unknown): string | undefined {
  const path: unknown = Array.isArray(args) && args.length === 2 && args[1] === null ? args[0] : args;
  return typeof path === 'string' ? path : undefined;
}

function isWeight(json: unknown): json is [string, number] {
  return Array.isArray(json) && json.length === 2 && typeof json[0] === 'string' && Number.isInteger(json[1]);
}
