/** The operand of lt, lte, gt and gte: a number that is neither NaN nor infinite. */
import type { OrderTo } from './match.ts';

export const orderToNumber = orderBy((value) => (Number.isFinite(value) ? (value as number) : undefined));

/** Order of values that `parse` turns into numbers. */
export function orderBy(parse: (value: unknown) => number | undefined): (bound: unknown) => OrderTo | undefined {
  return (bound) => {
    const right = parse(bound);
    if (right === undefined) return undefined;
    return (value) => {
      const left = parse(value);
      return left === undefined ? undefined : left - right;
    };
  };
}
