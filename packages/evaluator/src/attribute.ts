/** Reading the context: own members of plain objects only, so that prototype names are ordinary strings. */
import type { EvaluationContext } from './resolution.ts';

type Read = (context: EvaluationContext) => unknown;

/** Reader of a dotted path, split once. A step through anything but an object yields undefined. */
export function attributeReader(path: string): Read {
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0) return (context) => member(context, first);
  return (context) => {
    let value = member(context, first);
    for (const key of rest) value = member(value, key);
    return value;
  };
}

/** Text form of a unit: a non-empty string, or an integer within ±(2^53-1) in decimal. Anything else is no unit. */
export function unitText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** What JSON could carry, or a valid Date. Functions, symbols, bigints, NaN and infinities count as absent, like null. */
export function isPresent(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value !== null && !(value instanceof Date && Number.isNaN(value.getTime()));
    default:
      return false;
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined;
  return (value as { readonly [key: string]: unknown })[key];
}
