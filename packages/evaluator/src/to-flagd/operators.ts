/**
 * The operators that JSON logic can say. The positive test of one element is written once; `some` looks into arrays,
 * and a negated operator wants an element of the right type and none that matches.
 */
import type { AttributeCondition } from '../rule-set.ts';
import { readAttribute } from './attribute.ts';
import type { Logic, ReportObstacle } from './definition.ts';
import {
  and,
  ELEMENT,
  ELEMENT_IS_BOOLEAN,
  ELEMENT_IS_NUMBER,
  ELEMENT_IS_TEXT,
  firstOf,
  isOneOf,
  isText,
  not,
  or,
  someElement,
} from './logic.ts';
import { compareVersion } from './version.ts';

type Scalar = string | number | boolean;

const COMPARISONS: { readonly [operator: string]: string } = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
/** Folding case changes none of these characters, and nothing else into one of them. */
const CASELESS = /^[ -@[-`{-~]*$/;

/** Condition on an attribute. Reported, and false, where flagd cannot say it. */
export function translateAttribute(condition: AttributeCondition, path: string, report: ReportObstacle): Logic {
  const { attribute, op, values = [] } = condition;
  const value = readAttribute(attribute, `${path}/attribute`, report);
  if (op === 'exists') return { '!==': [value, null] };
  if (op === 'not_exists') return { '===': [value, null] };
  if (condition.hashed === true) return refuse('hashed', '/hashed');
  if (condition.ignoreCase === true && values.some((text) => typeof text === 'string' && !CASELESS.test(text)))
    return refuse('ignore_case', '/ignoreCase');

  switch (op) {
    case 'equals':
    case 'in':
      return someElement(value, isOneOf(ELEMENT, values));
    case 'not_equals':
    case 'not_in':
      return and(someElement(value, hasTypeOf(values)), not(someElement(value, isOneOf(ELEMENT, values))));
    case 'contains':
      return someElement(value, and(ELEMENT_IS_TEXT, includesAny(values)));
    case 'not_contains':
      return and(someElement(value, ELEMENT_IS_TEXT), not(someElement(value, and(ELEMENT_IS_TEXT, includesAny(values)))));
    case 'starts_with':
    case 'ends_with': {
      const inElement = values.map((text) => elementBounds(String(text), op));
      return firstOf(
        [[isText(value), or(...values.map((text) => ({ [op]: [value, text] })))]],
        someElement(value, and(ELEMENT_IS_TEXT, or(...inElement))),
      );
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return someElement(value, and(ELEMENT_IS_NUMBER, { [String(COMPARISONS[op])]: [ELEMENT, values[0] ?? 0] }));
    case 'semver_eq':
    case 'semver_lt':
    case 'semver_lte':
    case 'semver_gt':
    case 'semver_gte':
      return compareVersion(value, op, values[0]) ?? refuse('version', '/values/0');
    case 'matches':
    case 'not_matches':
    case 'before':
    case 'after':
    case 'ip_in_range':
      return refuse('operator', '/op');
  }

  function refuse(code: Parameters<ReportObstacle>[0], member: string): Logic {
    report(code, path + member);
    return false;
  }
}

function hasTypeOf(values: readonly Scalar[]): Logic {
  const types = new Set(values.map((value) => typeof value));
  return or(
    types.has('string') && ELEMENT_IS_TEXT,
    types.has('number') && ELEMENT_IS_NUMBER,
    types.has('boolean') && ELEMENT_IS_BOOLEAN,
  );
}

/** Every text contains the empty one; `in` takes an empty text for an empty list. */
function includesAny(values: readonly Scalar[]): Logic {
  return or(...values.map((text) => text === '' || { in: [text, ELEMENT] }));
}

/** The first or last characters of a text against `part`. A slice of length 0 from the end would be the whole text. */
function elementBounds(part: string, op: 'starts_with' | 'ends_with'): Logic {
  if (part === '') return true;
  return { '===': [{ substr: op === 'starts_with' ? [ELEMENT, 0, part.length] : [ELEMENT, -part.length] }, part] };
}
