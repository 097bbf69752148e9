/** Explicit lists of units: targets of a flag, include and exclude of a segment. Client views carry hashes instead. */
import { unitText } from './attribute.ts';
import type { Linker } from './compiled.ts';
import { isObject, listAt, type Report } from './json.ts';

/** Texts (or hashes) of the units listed at `path`. What is neither a unit is reported. */
export function readUnits(json: unknown, path: string, report: Report): readonly string[] {
  return listAt(json, path, report).map((unit, index) => {
    const text = unitText(unit);
    if (text === undefined) report('values', `${path}/${index}`);
    return text ?? '';
  });
}

/** Salt of the lists of `json` if they are marked as hashed, else undefined. A mark without a salt is reported. */
export function listSalt(json: unknown, path: string, linker: Linker, report: Report): string | undefined {
  if (!isObject(json) || json.hashed !== true) return undefined;
  if (linker.hashingSalt === undefined) report('unsalted', `${path}/hashed`);
  return linker.hashingSalt;
}
