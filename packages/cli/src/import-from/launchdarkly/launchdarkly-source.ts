/**
 * LaunchDarkly, from either of two files: the data of its SDKs (`/sdk/latest-all`, a file data source), which is about one environment, or
 * the flags of its REST API (`/api/v2/flags/PROJECT?summary=0`) with, added by hand, the segments of each environment.
 */
import type { ImportedFlag, ImportedSegment, Obstacle, Remark, Source } from '../imported.ts';
import { findings } from '../report.ts';
import { isFlagValue, typeOfValues } from '../type-of-values.ts';
import { variantNames } from '../variant-names.ts';
import { contextKinds } from './context-kinds.ts';
import { type FlagScope, flagConfiguration } from './flag.ts';
import { type FileFlag, type LaunchDarklyFile, readFile } from './read-file.ts';
import { segmentConfiguration } from './segment.ts';

export const launchDarklySource: Source = (text, { file }) => {
  const read = readFile(text, file);
  const names = new Map(
    read.flags.map(({ key, variations }) => [
      key,
      variantNames(variations.map(({ name, value }) => ({ name, value: isFlagValue(value) ? value : {} }))),
    ]),
  );
  const left: Obstacle[] = [...read.left];
  const kinds = contextKinds([...read.flags.flatMap((flag) => [...flag.environments.values()]), ...segmentLists(read)]);
  const flags = read.flags.flatMap((flag) => importedFlag(flag, { ...read, names, kinds }, left));
  return { flags, segments: importedSegments(read, kinds), left };
};

interface Known extends LaunchDarklyFile {
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly kinds: ReadonlySet<string>;
}

function importedFlag(flag: FileFlag, known: Known, left: Obstacle[]): ImportedFlag[] {
  const { key, name, description, kind, tags, owner, clientSide, variations, place } = flag;
  const type = typeOfValues(variations.map(({ value }) => value));
  if (type === null) {
    const sentence =
      'Its variations are of several types, or lists or null; a flag here has one type: boolean, string, number or object.';
    left.push({ kind: 'flag', key, place: `${place}/variations`, sentence });
    return [];
  }
  const names = known.names.get(key) ?? [];
  const remarks: Remark[] = [];
  const environments = [...flag.environments].map(([environment, { configuration, place: at }]) => {
    const found = findings('flag', key);
    const scope: FlagScope = {
      ...found,
      ...{ names, kinds: known.kinds },
      other: (otherKey) => {
        const other = known.flags.find((one) => one.key === otherKey);
        const there = other?.environments.get(environment)?.configuration;
        return there && { on: there.on, offVariation: there.offVariation ?? null, names: known.names.get(otherKey) ?? [] };
      },
      hasSegment: (segment) => known.segments.get(environment)?.has(segment) === true,
    };
    const translated = flagConfiguration(configuration, at, scope);
    remarks.push(...found.remarks.map((remark) => ({ ...remark, environment })));
    return [environment, found.obstacles.length > 0 ? { obstacles: found.obstacles } : translated] as const;
  });
  const variants = Object.fromEntries(
    variations.flatMap(({ value }, index) => (isFlagValue(value) ? [[names[index], value]] : [])),
  );
  return [
    {
      ...{ key, name, description, kind, tags, owner, clientSide, type, variants, remarks },
      environments: Object.fromEntries(environments),
    },
  ];
}

function importedSegments({ segments }: LaunchDarklyFile, kinds: ReadonlySet<string>): ImportedSegment[] {
  const keys = new Set([...segments.values()].flatMap((byKey) => [...byKey.keys()]));
  return [...keys].map((key) => {
    const remarks: Remark[] = [];
    let name = key;
    const environments = [...segments].flatMap(([environment, byKey]) => {
      const one = byKey.get(key);
      if (one === undefined) return [];
      name = one.segment.name ?? name;
      const found = findings('segment', key);
      const translated = segmentConfiguration(one, byKey, { ...found, kinds });
      remarks.push(...found.remarks.map((remark) => ({ ...remark, environment })));
      return [[environment, found.obstacles.length > 0 ? { obstacles: found.obstacles } : translated] as const];
    });
    return { key, name, environments: Object.fromEntries(environments), remarks };
  });
}

function segmentLists({ segments }: LaunchDarklyFile) {
  return [...segments.values()].flatMap((byKey) => [...byKey.values()]);
}
