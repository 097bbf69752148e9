/** Reading the context: own members of objects only, so that prototype names are ordinary strings. */
import { isObject, isString, ownMember } from './json.ts';
import type { EvaluationContext } from './resolution.ts';

/** A dotted path, split once: its only step, or all its steps. A name that every object inherits never stands alone. */
export type AttributePath = string | readonly string[];

export function attributePath(path: string): AttributePath {
  if (path.includes('.') || path in Object.prototype) return path.split('.');
  // As the name of a member, which engines find without looking at its characters.
  return Object.keys({ [path]: 0 })[0] as string;
}

const NOTHING: EvaluationContext = Object.freeze(Object.create(null));
const EMPTY = {};

/**
 * The context, in a form of which every member with a name that is not on Object.prototype is its own. That is itself if
 * it is a plain object, as nearly all are: this is asked once an evaluation, since Object.hasOwn takes 10 ns
 * an attribute (bench:evaluator, three rules). Anything else is copied, its getters uncalled.
 */
export function ownContext(context: unknown): EvaluationContext {
  if (!isObject(context)) return NOTHING;
  // The first test only tells engines the shape, for which they know the prototype without asking.
  const isPlain = context.constructor === Object && Object.getPrototypeOf(context) === Object.prototype;
  return isPlain && !isPolluted() ? context : Object.create(null, Object.getOwnPropertyDescriptors(context));
}

/** Whether some code has given all objects a member more. */
function isPolluted(): boolean {
  for (const _ in EMPTY) return true;
  return false;
}

/** What is at a path of an own context. A step through anything but an object yields undefined. */
export function readAttribute(context: EvaluationContext, path: AttributePath): unknown {
  if (isString(path)) return memberOf(context, path);
  let value: unknown = context;
  for (const step of path) value = isObject(value) ? ownMember(value, step) : undefined;
  return value;
}

/**
 * `context[name]`, several times over: engines remember at each place in the code which member was read there last, and read
 * four times as fast where it is the same one again. Attributes whose names differ in length seldom share a place.
 */
function memberOf(context: EvaluationContext, name: string): unknown {
  switch (name.length & 7) {
    case 0:
      return context[name];
    case 1:
      return context[name];
    case 2:
      return context[name];
    case 3:
      return context[name];
    case 4:
      return context[name];
    case 5:
      return context[name];
    case 6:
      return context[name];
    default:
      return context[name];
  }
}

/** Text form of a unit: a non-empty string, or an integer within ±(2^53-1) in decimal. Anything else is no unit. */
export function unitText(value: unknown): string | undefined {
  if (isString(value)) return value || undefined;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** What JSON could carry, or a valid Date. Functions, symbols, bigints, NaN and infinities count as absent, like null. */
export function isPresent(value: unknown): boolean {
  if (typeof value === 'object') return value !== null && !(value instanceof Date && Number.isNaN(value.getTime()));
  return isScalar(value);
}

/** What conditions compare with. */
export function isScalar(value: unknown): value is string | number | boolean {
  return isString(value) || typeof value === 'boolean' || Number.isFinite(value);
}
