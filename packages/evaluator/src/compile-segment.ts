import { compileCondition } from './compile-condition.ts';
import type { CompiledSegment, Linker } from './compiled.ts';
import { at, checkBody, type Place, placeOf } from './place.ts';
import { listSalt, readUnits } from './units.ts';

export function compileSegment(key: string, body: unknown, linker: Linker): CompiledSegment {
  const place = placeOf('segment', key, body, linker);
  checkBody(place);
  const when = at(place, 'when');
  return {
    issues: place.body.issues,
    salt: listSalt(place),
    included: setOf(at(place, 'include')),
    excluded: setOf(at(place, 'exclude')),
    when: when.json === null ? undefined : compileCondition(when),
  };
}

function setOf(units: Place): ReadonlySet<string> | undefined {
  const texts = readUnits(units);
  return texts.length > 0 ? new Set(texts) : undefined;
}
