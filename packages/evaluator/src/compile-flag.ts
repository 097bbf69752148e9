/**
 * From a flag's body to what `resolve` walks. A body with any issue is unreadable as a whole, except that its
 * type and its kill switch work as far as they can be read: a reader that does not understand the rules must
 * still obey a kill.
 */
import { compileCondition } from './compile-condition.ts';
import { compileServe, readVariant } from './compile-serve.ts';
import {
  type CompiledFlag,
  type CompiledPrerequisite,
  type CompiledServe,
  type CompiledTargets,
  type Linker,
  slotOf,
} from './compiled.ts';
import { isObject, isString, isText } from './json.ts';
import { type Outcomes, PARSE_ERROR, readMetadata, readValue, variantOutcome } from './outcomes.ts';
import { at, checkBody, elements, escapeStep, list, type Place, placeOf, read, report } from './place.ts';
import type { Resolution } from './resolution.ts';
import type { FlagType, FlagValue } from './rule-set.ts';
import { listSalt, readUnits } from './units.ts';

const TYPES: readonly unknown[] = ['boolean', 'string', 'number', 'object'] satisfies FlagType[];

const NONE: readonly never[] = [];
const NO_SEGMENTS: ReadonlyMap<number, string> = new Map();

export function compileFlag(key: string, json: unknown, linker: Linker): CompiledFlag {
  const place = placeOf('flag', key, json, linker);
  const { issues, segments } = place.body;
  checkBody(place);
  const on = read<boolean>(at(place, 'on'), (state) => typeof state === 'boolean');
  const type = read<FlagType>(at(place, 'type'), (name) => TYPES.includes(name));
  const outcomes = { values: readVariants(at(place, 'variants'), type), metadata: readMetadata(at(place, 'metadata').json) };
  const off = at(place, 'offVariant');
  const offVariant = off.json === null ? undefined : readVariant(off, outcomes);

  const prerequisites = elements(at(place, 'prerequisites')).map((prerequisite) =>
    compilePrerequisite(prerequisite, offVariant, outcomes),
  );
  const targets = compileTargets(at(place, 'targets'), outcomes);
  const rules = elements(at(place, 'rules')).map((rule) => {
    read(at(rule, 'id'), isString);
    return {
      test: compileCondition(at(rule, 'when')),
      serve: compileServe(at(rule, 'serve'), outcomes, 'TARGETING_MATCH'),
    };
  });
  const alone = prerequisites.length + targets.length + rules.length === 0;
  const last = at(place, 'fallthrough');
  const fallthrough: CompiledServe =
    last.json === null
      ? { outcome: variantOutcome(outcomes, undefined, 'DEFAULT'), split: undefined }
      : compileServe(last, outcomes, alone ? 'STATIC' : 'DEFAULT');
  const killed = on === false ? variantOutcome(outcomes, offVariant, 'DISABLED') : undefined;
  return {
    type,
    killed,
    settled: killed ?? (issues.length > 0 ? PARSE_ERROR : alone ? fallthrough.outcome : undefined),
    issues: shared(issues),
    refers: prerequisites.length + segments.size > 0,
    prerequisites: shared(prerequisites),
    segments: segments.size > 0 ? segments : NO_SEGMENTS,
    targets: shared(targets),
    rules: shared(rules),
    fallthrough,
  };
}

/** There are many flags, and most have none of most things. */
function shared<Item>(list: readonly Item[]): readonly Item[] {
  return list.length > 0 ? list : NONE;
}

function readVariants(place: Place, type: FlagType | undefined): ReadonlyMap<string, FlagValue> {
  const values = new Map<string, FlagValue>();
  const variants = isObject(place.json) ? Object.entries(place.json) : [];
  if (variants.length === 0) report(place, 'malformed');
  if (type === undefined) return values;
  for (const [variant, json] of variants) {
    const value = readValue(json, type);
    if (value === undefined) report(at(place, escapeStep(variant)), 'variant_type');
    else values.set(variant, value);
  }
  return values;
}

function compilePrerequisite(place: Place, offVariant: string | undefined, outcomes: Outcomes): CompiledPrerequisite {
  const prerequisite = read<string>(at(place, 'flag'), isText) ?? '';
  const variants = at(place, 'variants');
  const accepted = list(variants).filter(isString);
  if (accepted.length === 0) report(variants, 'malformed');
  return {
    slot: slotOf(place.body.linker.flagSlots, prerequisite),
    variants: new Set(accepted),
    failed: variantOutcome(outcomes, offVariant, 'DISABLED', { prerequisite }),
  };
}

/** Neighbours with keys in the same form share one map; the first target that names a key has it. */
function compileTargets(place: Place, outcomes: Outcomes): readonly CompiledTargets[] {
  const groups: (CompiledTargets & { readonly byKey: Map<string, Resolution> })[] = [];
  for (const target of elements(place)) {
    const salt = listSalt(target);
    const resolution = variantOutcome(outcomes, readVariant(at(target, 'variant'), outcomes), 'TARGETING_MATCH');
    let group = groups.at(-1);
    if (group === undefined || group.salt !== salt) {
      group = { salt, byKey: new Map() };
      groups.push(group);
    }
    for (const key of readUnits(at(target, 'keys'))) if (!group.byKey.has(key)) group.byKey.set(key, resolution);
  }
  return groups;
}
