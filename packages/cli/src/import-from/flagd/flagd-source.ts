/** Flag definitions of flagd, schema 0.2.x, as JSON or YAML. */
import type { FlagType, FlagValue } from '@yardarm/evaluator';
import {
  ANY_ENVIRONMENT,
  type Imported,
  type ImportedConfiguration,
  type ImportedFlag,
  type Obstacle,
  type Source,
  SourceError,
} from '../imported.ts';
import { isMembers, readDocument, step } from '../read-document.ts';
import { findings } from '../report.ts';
import { Untranslatable } from '../untranslatable.ts';
import { variantNames } from '../variant-names.ts';
import { decisionsOf, type NameVariant, rulesOf } from './decisions.ts';
import { followed, type Scope } from './logic-conditions.ts';

export const flagdSource: Source = (text, { file }): Imported => {
  const { flags, $evaluators: evaluators = {} } = readDocument(text, file);
  if (!isMembers(flags))
    throw new SourceError(`${file} has no object 'flags' (/flags), so that it is no flag definition of flagd.`);
  if (!isMembers(evaluators)) throw new SourceError(`${file} has '$evaluators' that are no object (/$evaluators).`);
  const left: Obstacle[] = [];
  const imported = Object.entries(flags).flatMap(([key, flag]): ImportedFlag[] => {
    try {
      return [toFlag(key, flag, evaluators)];
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      left.push({ kind: 'flag', key, place: error.place, sentence: error.message });
      return [];
    }
  });
  return { flags: imported, segments: [], left };
};

function toFlag(key: string, flag: unknown, evaluators: Scope['evaluators']): ImportedFlag {
  const place = `/flags${step(key)}`;
  const { remarks, add } = findings('flag', key);
  const remark: Scope['remark'] = (code, at, sentence) => add({ code, place: at, sentence });
  if (!isMembers(flag)) throw new Untranslatable(place, 'The flag is no object.');
  const { state, metadata } = flag;
  if (state !== 'ENABLED' && state !== 'DISABLED')
    throw new Untranslatable(`${place}/state`, "The state is neither 'ENABLED' nor 'DISABLED'.");
  const { type, variants, nameOf } = readVariants(flag.variants, place, remark);
  const owner = isMembers(metadata) && typeof metadata.owner === 'string' ? metadata.owner : null;
  if (isMembers(metadata) && Object.keys(metadata).some((name) => name !== 'owner'))
    remark('left-out', `${place}/metadata`, "Metadata of one's own does not come over, apart from 'owner'.");
  return {
    ...{ key, name: null, description: '', kind: null, tags: [], owner, clientSide: false, type, variants },
    environments: { [ANY_ENVIRONMENT]: configure() },
    remarks,
  };

  function configure(): ImportedConfiguration {
    const { defaultVariant = null, targeting = null } = flag as { readonly [member: string]: unknown };
    if (defaultVariant !== null && typeof defaultVariant !== 'string')
      refuse(`${place}/defaultVariant`, 'The default variant is no text.');
    // An empty name is no default variant to flagd.
    const served = defaultVariant ? nameOf(defaultVariant, `${place}/defaultVariant`) : null;
    // Whoever switches the flag off gets false, or the default of the code: flagd has nothing to go by.
    const off = Object.keys(variants).find((variant) => variants[variant] === false) ?? null;
    const scope: Scope = { flagKey: key, evaluators, hasDefault: served !== null, remark };
    const decisions =
      targeting === null || isMembers(followed(targeting, `${place}/targeting`, scope).logic)
        ? decisionsOf(targeting, `${place}/targeting`, scope, nameOf)
        : refuse(`${place}/targeting`, 'The targeting is no object.');
    const isOn = state === 'ENABLED';
    return { on: isOn, offVariant: isOn ? off : null, prerequisites: [], targets: [], ...rulesOf(decisions, served) };
  }
}

function readVariants(json: unknown, place: string, remark: Scope['remark']) {
  const at = `${place}/variants`;
  const entries = isMembers(json) ? Object.entries(json) : [];
  const [first] = entries;
  if (first === undefined) throw new Untranslatable(at, 'The flag has no variants.');
  const type = typeof first[1] as FlagType;
  for (const [variant, value] of entries)
    if (value === null || Array.isArray(value) || typeof value !== type)
      throw new Untranslatable(
        at + step(variant),
        'All variants of a flag are booleans, texts, numbers or objects, and of one type.',
      );
  const values = entries.map(([name, value]) => ({ name, value: value as FlagValue }));
  const names = variantNames(values);
  const ours = new Map(entries.map(([variant], index) => [variant, names[index] ?? variant]));
  for (const [theirs, name] of ours)
    if (theirs !== name) remark('changes-meaning', at + step(theirs), `Variant '${theirs}' is called '${name}' here.`);
  const nameOf: NameVariant = (variant, where) => {
    const name = ['string', 'boolean', 'number'].includes(typeof variant) ? ours.get(String(variant)) : undefined;
    return name ?? refuse(where, `${JSON.stringify(variant)} is none of the variants of the flag.`);
  };
  const variants = Object.fromEntries(values.map(({ value }, index): [string, FlagValue] => [names[index] ?? '', value]));
  return { type, variants, nameOf };
}

function refuse(place: string, sentence: string): never {
  throw new Untranslatable(place, sentence);
}
