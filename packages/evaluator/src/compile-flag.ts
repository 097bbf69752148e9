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
  type Issue,
  type Linker,
  slotOf,
} from './compiled.ts';
import { checkRequires, isObject, isText, listAt, type Report } from './json.ts';
import { type Outcomes, PARSE_ERROR, readMetadata, readValue, variantOutcome } from './outcomes.ts';
import { bodyReport, escapeStep } from './report.ts';
import type { Resolution } from './resolution.ts';
import type { FlagType, FlagValue } from './rule-set.ts';
import { listSalt, readUnits } from './units.ts';

const TYPES: readonly unknown[] = ['boolean', 'string', 'number', 'object'] satisfies FlagType[];

const NONE: readonly never[] = [];
const NO_SEGMENTS: ReadonlyMap<number, string> = new Map();

export function compileFlag(key: string, json: unknown, linker: Linker): CompiledFlag {
  const issues: Issue[] = [];
  const report = bodyReport('flag', key, issues);
  const body = isObject(json) ? json : {};
  if (!isObject(json)) report('malformed', '');
  checkRequires(body, report);

  const type = TYPES.includes(body.type) ? (body.type as FlagType) : undefined;
  if (type === undefined) report('malformed', '/type');
  if (typeof body.on !== 'boolean') report('malformed', '/on');
  const outcomes = { values: readVariants(body.variants, type, report), metadata: readMetadata(body.metadata) };
  const offVariant = body.offVariant === null ? null : readVariant(body.offVariant, '/offVariant', outcomes, report);

  const prerequisites = listAt(body.prerequisites, '/prerequisites', report).map((prerequisite, index) =>
    compilePrerequisite(prerequisite, `/prerequisites/${index}`, linker, offVariant, outcomes, report),
  );
  const targets = compileTargets(body.targets, linker, outcomes, report);
  const segments = new Map<number, string>();
  const rules = listAt(body.rules, '/rules', report).map((rule, index) => {
    const { id, when, serve } = isObject(rule) ? rule : {};
    const path = `/rules/${index}`;
    if (typeof id !== 'string') report('malformed', `${path}/id`);
    return {
      test: compileCondition(when, `${path}/when`, { linker, report, segments }),
      serve: compileServe(serve, `${path}/serve`, 'TARGETING_MATCH', outcomes, report),
    };
  });
  const alone = prerequisites.length + targets.length + rules.length === 0;
  const fallthrough: CompiledServe =
    body.fallthrough === null
      ? { outcome: variantOutcome(outcomes, null, 'DEFAULT'), split: undefined }
      : compileServe(body.fallthrough, '/fallthrough', alone ? 'STATIC' : 'DEFAULT', outcomes, report);
  const killed = body.on === false ? variantOutcome(outcomes, offVariant, 'DISABLED') : undefined;
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

function readVariants(json: unknown, type: FlagType | undefined, report: Report): ReadonlyMap<string, FlagValue> {
  const values = new Map<string, FlagValue>();
  const variants = isObject(json) ? Object.entries(json) : [];
  if (variants.length === 0) report('malformed', '/variants');
  if (type === undefined) return values;
  for (const [variant, value] of variants) {
    const read = readValue(value, type);
    if (read === undefined) report('variant_type', `/variants/${escapeStep(variant)}`);
    else values.set(variant, read);
  }
  return values;
}

function compilePrerequisite(
  json: unknown,
  path: string,
  linker: Linker,
  offVariant: string | null,
  outcomes: Outcomes,
  report: Report,
): CompiledPrerequisite {
  const { flag, variants } = isObject(json) ? json : {};
  if (!isText(flag)) report('malformed', `${path}/flag`);
  const accepted = listAt(variants, `${path}/variants`, report).filter((variant) => typeof variant === 'string');
  if (accepted.length === 0) report('malformed', `${path}/variants`);
  const key = isText(flag) ? flag : '';
  return {
    slot: slotOf(linker.flagSlots, key),
    variants: new Set(accepted),
    failed: variantOutcome(outcomes, offVariant, 'DISABLED', { prerequisite: key }),
  };
}

/** Neighbours with keys in the same form share one map; the first target that names a key has it. */
function compileTargets(json: unknown, linker: Linker, outcomes: Outcomes, report: Report): readonly CompiledTargets[] {
  const groups: (CompiledTargets & { readonly byKey: Map<string, Resolution> })[] = [];
  for (const [index, target] of listAt(json, '/targets', report).entries()) {
    const path = `/targets/${index}`;
    const { variant, keys } = isObject(target) ? target : {};
    const salt = listSalt(target, path, linker, report);
    const resolution = variantOutcome(outcomes, readVariant(variant, `${path}/variant`, outcomes, report), 'TARGETING_MATCH');
    let group = groups.at(-1);
    if (group === undefined || group.salt !== salt) {
      group = { salt, byKey: new Map() };
      groups.push(group);
    }
    for (const key of readUnits(keys, `${path}/keys`, report)) if (!group.byKey.has(key)) group.byKey.set(key, resolution);
  }
  return groups;
}
