import { WEIGHT_SCALE } from '@yardarm/evaluator';
import type { Remark } from './imported.ts';

/**
 * Of a thousand units, how many get another variant when a split is dealt anew by an independent hash: of those that had a
 * variant, the share that does not draw it again. Shares in any unit; none: nobody moves.
 */
export function movedInThousand(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum === 0) return 0;
  return Math.round(1_000 * (1 - shares.reduce((same, share) => same + (share / sum) ** 2, 0)));
}

/** The remark of a split that another hash dealt. `shares` has one entry a variant. */
export function rebucketed(place: string, shares: readonly number[]): Remark {
  return {
    code: 're-bucketed',
    place,
    sentence: `The split is dealt anew: the shares stay, and about ${movedInThousand(shares)} in a thousand get another variant than today.`,
  };
}

/**
 * Weights of a split from shares in any unit, in order; they sum to the scale, what rounding leaves goes to the largest. Null if a share is
 * negative or not finite, or all are 0.
 */
export function weightsOf(shares: readonly (readonly [variant: string, share: number])[]): [string, number][] | null {
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  if (!Number.isFinite(sum) || sum <= 0 || shares.some(([, share]) => share < 0)) return null;
  const weights = shares.map(([variant, share]): [string, number] => [variant, Math.round((share / sum) * WEIGHT_SCALE)]);
  const largest = weights.reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  largest[1] += WEIGHT_SCALE - weights.reduce((total, [, weight]) => total + weight, 0);
  return weights;
}
