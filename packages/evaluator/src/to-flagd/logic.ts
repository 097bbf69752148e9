/**
 * Building blocks of JSON logic. Two properties of the engines behind flagd shape them: comparing values of mixed
 * types coerces or throws, so every comparison stands behind a guard of the type; and flagd's own operations
 * (starts_with, ends_with, sem_ver, fractional) fail inside `some`, so what is asked of the elements of an array is
 * said without them.
 */
import type { Logic } from './definition.ts';

/** The element at hand inside `some`. */
export const ELEMENT: Logic = { var: '' };

const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;

/** Conjunction; constants are folded, and no parts are true. */
export function and(...parts: readonly Logic[]): Logic {
  return junction('and', parts, true);
}

/** Disjunction; constants are folded, and no parts are false. */
export function or(...parts: readonly Logic[]): Logic {
  return junction('or', parts, false);
}

function junction(operation: 'and' | 'or', parts: readonly Logic[], neutral: boolean): Logic {
  const open = parts.filter((part) => part !== neutral).flatMap((part) => partsOf(part, operation) ?? [part]);
  if (open.includes(!neutral)) return !neutral;
  return open.length > 1 ? { [operation]: open } : (open[0] ?? neutral);
}

function partsOf(logic: Logic, operation: string): readonly Logic[] | undefined {
  if (typeof logic !== 'object' || logic === null || Array.isArray(logic)) return undefined;
  return (logic as { readonly [operation: string]: readonly Logic[] })[operation];
}

export function not(part: Logic): Logic {
  return typeof part === 'boolean' ? !part : { '!': [part] };
}

/** Result of the first branch whose condition holds, else `otherwise`. One flat `if`, however many branches. */
export function firstOf(branches: readonly (readonly [condition: Logic, result: Logic])[], otherwise: Logic): Logic {
  const always = branches.findIndex(([condition]) => condition === true);
  const open = (always < 0 ? branches : branches.slice(0, always)).filter(([condition]) => condition !== false);
  const last = branches[always]?.[1] ?? (always < 0 ? otherwise : null);
  return open.length === 0 ? last : { if: [...open.flat(), last] };
}

/** Whether the value is one of the literals: strict, never throws. */
export function isOneOf(value: Logic, literals: readonly (string | number | boolean)[]): Logic {
  return literals.length === 0 ? false : { in: [value, literals] };
}

/** Whether some element of an array, or the value itself if it is none, passes the test, which is about ELEMENT. */
export function someElement(value: Logic, test: Logic): Logic {
  return test === false ? false : { some: [{ merge: [value] }, test] };
}

/** Whether the value is a string, and not inside `some`: flagd compares strings only. */
export function isText(value: Logic): Logic {
  return { starts_with: [value, ''] };
}

/** Whether ELEMENT is a string: no other JSON value equals its own text. */
export const ELEMENT_IS_TEXT: Logic = { '===': [{ cat: [ELEMENT, ''] }, ELEMENT] };

/** Whether ELEMENT is a boolean. */
export const ELEMENT_IS_BOOLEAN: Logic = isOneOf(ELEMENT, [true, false]);

/** Whether ELEMENT is a number. */
export const ELEMENT_IS_NUMBER: Logic = isNumber(ELEMENT, ELEMENT_IS_TEXT);

/** Whether the value is a unit: a non-empty string, or an integer that a double holds exactly. Not inside `some`. */
export function isUnit(value: Logic): Logic {
  return or(
    and(isText(value), { '!==': [value, ''] }),
    and(
      isNumber(value, isText(value)),
      { '===': [{ '%': [value, 1] }, 0] },
      { '>=': [value, -LARGEST_INTEGER] },
      { '<=': [value, LARGEST_INTEGER] },
    ),
  );
}

/**
 * What is neither a string nor an array, and is written with a digit or a minus sign in front. Only an array is no
 * element of itself merged. The mark behind the text keeps it from being empty, which would be part of any text.
 */
function isNumber(value: Logic, textTest: Logic): Logic {
  return and(
    not(textTest),
    { in: [value, { merge: [value] }] },
    { in: [{ substr: [{ cat: [value, '!'] }, 0, 1] }, '-0123456789'] },
  );
}

/** Characters of the logic as JSON text, give or take escapes. Parts that occur many times are measured once. */
export function sizeOf(logic: Logic, known: Map<Logic, number> = new Map()): number {
  if (typeof logic !== 'object' || logic === null) return String(logic).length + (typeof logic === 'string' ? 2 : 0);
  let size = known.get(logic);
  if (size === undefined) {
    size = 2;
    // A comma or colon behind each member; names of operations are quoted.
    if (Array.isArray(logic)) for (const part of logic as readonly Logic[]) size += sizeOf(part, known) + 1;
    else for (const [operation, part] of Object.entries(logic)) size += operation.length + 3 + sizeOf(part, known);
    known.set(logic, size);
  }
  return size;
}
