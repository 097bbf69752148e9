/**
 * GrowthBook, from either of two files: what its SDK endpoint answers, which is about one environment, or the features of its API, which give
 * the same for every environment.
 */
import type { FlagType, FlagValue } from '@yardarm/evaluator';
import type { ImportedFlag, Obstacle, Remark, Source } from '../imported.ts';
import { findings } from '../report.ts';
import { isFlagValue, typeOfValues } from '../type-of-values.ts';
import { variantNames } from '../variant-names.ts';
import { featureConfiguration } from './feature.ts';
import type { Parent } from './prerequisites.ts';
import { type FileFeature, type GrowthBookFile, readFile } from './read-file.ts';
import type { Feature } from './shapes.ts';

export const growthBookSource: Source = (text, { file }) => {
  const read = readFile(text, file);
  const left: Obstacle[] = [...read.left];
  const values = new Map(read.features.map((one) => [one.key, valuesOf(one)]));
  const flags = read.features.flatMap((one) => importedFlag(one, read, values, left));
  return { flags, segments: [], left };
};

interface Values {
  /** Null: of several types, or of one that no flag has here. */
  readonly type: FlagType | null;
  readonly variants: { readonly [variant: string]: FlagValue };
  /** By JSON text, since objects are equal by what they say. */
  readonly names: ReadonlyMap<string, string>;
}

/** All values that a feature serves anywhere, null left out, which is the code default. */
function valuesOf({ environments }: FileFeature): Values {
  const served = [...environments.values()].flatMap(({ feature: { defaultValue, rules } }): unknown[] => [
    defaultValue,
    ...(rules ?? []).flatMap(({ force, variations }) => [force, ...(force === undefined ? (variations ?? []) : [])]),
  ]);
  const byText = new Map(served.filter((value) => (value ?? null) !== null).map((value) => [JSON.stringify(value), value]));
  const values = [...byText.values()];
  const sound = values.filter(isFlagValue);
  const names = variantNames(sound.map((value) => ({ name: typeof value === 'string' ? value : null, value })));
  return {
    type: typeOfValues(values),
    variants: Object.fromEntries(sound.map((value, index) => [names[index], value])),
    names: new Map(sound.map((value, index) => [JSON.stringify(value), names[index] ?? ''])),
  };
}

function importedFlag(
  { key, place, description, owner, tags, environments }: FileFeature,
  { features, groups }: GrowthBookFile,
  values: ReadonlyMap<string, Values>,
  left: Obstacle[],
): ImportedFlag[] {
  const { type, variants, names } = values.get(key) as Values;
  if (type === null) {
    const sentence =
      'Its values are of several types, or lists, or there are none; a flag here has one type: boolean, string, number or object.';
    left.push({ kind: 'flag', key, place, sentence });
    return [];
  }
  const remarks: Remark[] = [];
  const translated = [...environments].map(([environment, { on, feature, place: at }]) => {
    const found = findings('flag', key);
    const parents = (id: string): Parent | undefined => {
      const there = features.find((one) => one.key === id)?.environments.get(environment);
      const parent = values.get(id);
      return there && parent && { variants: parent.variants, canBeNull: canBeNull(there) };
    };
    const scope = { ...found, groups, parents, variantOf: (value: unknown) => names.get(JSON.stringify(value ?? null)) };
    const configuration = featureConfiguration(key, feature, on, at, scope);
    if (!on && Object.keys(feature).length === 0)
      found.changed(
        at,
        `It is off in ${environment}, and the file says nothing of its rules there: switched on here it serves the default of the code.`,
      );
    remarks.push(...found.remarks.map((remark) => ({ ...remark, environment })));
    return [environment, found.obstacles.length > 0 ? { obstacles: found.obstacles } : configuration] as const;
  });
  const about = { key, name: null, description, kind: null, tags, owner, clientSide: false };
  return [{ ...about, type, variants, environments: Object.fromEntries(translated), remarks }];
}

function canBeNull({ on, feature: { defaultValue, rules } }: { readonly on: boolean; readonly feature: Feature }): boolean {
  return (
    !on || (defaultValue ?? null) === null || (rules ?? []).some(({ parentConditions }) => (parentConditions ?? []).length > 0)
  );
}
