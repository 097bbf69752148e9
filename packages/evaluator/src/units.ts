/** Explicit lists of units: targets of a flag, include and exclude of a segment. Client views carry hashes instead. */
import { unitText } from './attribute.ts';
import { at, list, type Place, report } from './place.ts';

/** Texts (or hashes) of the units at the place. What is no unit is reported. */
export function readUnits(place: Place): readonly string[] {
  return list(place).map((unit, index) => {
    const text = unitText(unit);
    if (text === undefined) report(at(place, index), 'values');
    return text ?? '';
  });
}

/** The salt of the lists of what is at the place if that is marked as hashed, else undefined. A mark without a salt is reported. */
export function listSalt(place: Place): string | undefined {
  const hashed = at(place, 'hashed');
  if (hashed.json !== true) return undefined;
  const { hashingSalt } = place.body.linker;
  if (hashingSalt === undefined) report(hashed, 'unsalted');
  return hashingSalt;
}
