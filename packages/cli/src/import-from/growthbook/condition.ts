/** Conditions in the manner of MongoDB. GrowthBook converts types where our rules are strict: what it comes to is written out. */
import type { Condition } from '@yardarm/evaluator';
import { ALWAYS, allOf, anyOf, isOneOf, NEVER, not } from '../conditions.ts';
import { step } from '../read-document.ts';
import { attributePath, type Scope } from './attribute.ts';
import { equalAfterConversion, LISTS } from './conversion.ts';
import { operatorCondition } from './operators.ts';

type Json = unknown;

export function conditionOf(condition: Readonly<Record<string, Json>>, place: string, scope: Scope): Condition {
  const parts = Object.entries(condition).map(([name, json]): Condition => {
    const at = `${place}${step(name)}`;
    switch (name) {
      case '$and':
        return allOf(conditions(json, at, scope));
      case '$or':
      case '$nor': {
        const found = conditions(json, at, scope);
        // None of nothing is all there, where here any of nothing is none.
        const some = found.length === 0 ? ALWAYS : anyOf(found);
        return name === '$nor' ? not(some) : some;
      }
      case '$not':
        return isObject(json) ? not(conditionOf(json, at, scope)) : refused(at, scope);
      default: {
        const path = attributePath(name, at, scope);
        return path === null ? NEVER : valueCondition(path, json, at, scope);
      }
    }
  });
  return allOf(parts);
}

function conditions(json: Json, place: string, scope: Scope): Condition[] {
  if (!Array.isArray(json) || !json.every(isObject)) return [refused(place, scope)];
  return json.map((part, index) => conditionOf(part, `${place}/${index}`, scope));
}

function refused(place: string, scope: Scope): Condition {
  scope.refuse(place, 'It is no condition, or no list of conditions; mend it there first.');
  return NEVER;
}

/** What is asked of one attribute: to be a value, after conversion, or whatever operators say. */
function valueCondition(path: string, json: Json, place: string, scope: Scope): Condition {
  if (isObject(json) && Object.keys(json).length > 0 && Object.keys(json).every((name) => name.startsWith('$'))) {
    const parts = Object.entries(json).map(([name, operand]) => {
      const at = `${place}/${name}`;
      if (name === '$not') return not(valueCondition(path, operand, at, scope));
      return operatorCondition(name, operand, path, at, scope);
    });
    return allOf(parts);
  }
  if (json === null) return { attribute: path, op: 'not_exists' };
  if (typeof json === 'object') {
    scope.refuse(place, 'It compares with a whole object or list, which our rules cannot; ask for its members.');
    return NEVER;
  }
  scope.changed(place, LISTS);
  // Anything but nothing, zero and the empty text is true there.
  if (json === true) return { attribute: path, op: 'not_in', values: ['', 0, false] };
  if (json === false) return isOneOf(path, [false, 0, '']);
  const { values, orMissing } = equalAfterConversion(json as string | number);
  const found = isOneOf(path, values);
  return orMissing ? anyOf([found, { attribute: path, op: 'not_exists' }]) : found;
}

function isObject(json: Json): json is Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
