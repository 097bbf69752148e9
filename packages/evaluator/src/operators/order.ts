/** Operators that ask on which side of exactly one bound a value is. */
import type { CompileMatch } from './operators.ts';

/** What an operator holds for; added up where it is several. */
export const [BELOW, SAME, ABOVE] = [1, 2, 4];

type Key = number | string | undefined;

/** By what value and bound come down to, two numbers or two texts; undefined is what cannot be compared. */
export function orderOperator(keyOf: (value: unknown) => Key, sides: number): CompileMatch {
  return ([bound, ...more]) => {
    const boundKey = keyOf(bound);
    if (boundKey === undefined || more.length > 0) return 'values';
    return (value) => holdsAt(orderOf(keyOf(value), boundKey), sides);
  };
}

/** Negative, zero or positive, as the key is below the bound, the same, or above it. */
export function orderOf(key: Key, boundKey: number | string): number | undefined {
  if (key === undefined) return undefined;
  return key < boundKey ? -1 : key > boundKey ? 1 : 0;
}

export function holdsAt(order: number | undefined, sides: number): boolean | undefined {
  if (order === undefined) return undefined;
  return (sides & (order < 0 ? BELOW : order > 0 ? ABOVE : SAME)) !== 0;
}

/** Of lt, lte, gt and gte: a number that is neither NaN nor infinite. */
export function parseNumber(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}
