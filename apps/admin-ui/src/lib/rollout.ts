/**
 * Percentages are for people, weights are what is stored: an integer share of 100 000, so that 0.001 % is the
 * smallest step and three decimals say everything. The first entry of a split grows; its place never moves, so
 * that nobody who had its variant loses it while it grows.
 */
import type { FlagEnvironment } from '@yardarm/contract';
import { WEIGHT_SCALE } from '@yardarm/evaluator';

export type Serve = NonNullable<FlagEnvironment['fallthrough']>;
export type Split = Extract<Serve, { split: unknown }>['split'];

const WEIGHTS_PER_PERCENT = WEIGHT_SCALE / 100;

/** Weight in [0, 100 000] to percent in [0, 100], exact to three decimals. */
export function weightToPercent(weight: number): number {
  return weight / WEIGHTS_PER_PERCENT;
}

/** Percent to the nearest weight, held within [0, 100 000]. */
export function percentToWeight(percent: number): number {
  return Math.min(WEIGHT_SCALE, Math.max(0, Math.round(percent * WEIGHTS_PER_PERCENT)));
}

/** `25 %`, `0.125 %`; the space does not break. */
export function formatPercent(weight: number): string {
  return `${weightToPercent(weight)}\u00a0%`;
}

/** What `parsePercent` accepts, for people. */
export const PERCENT_RULE = 'A percentage is a number from 0 to 100, with three decimals at most.';

/**
 * Reads what a person typed: `25`, `12.5 %`, `0,125`. Answers the weight, or null if it is no percentage in [0, 100] or
 * has more than three decimals: rounding would publish what nobody typed.
 */
export function parsePercent(text: string): number | null {
  const match = /^\s*(\d{1,3}(?:[.,]\d{0,3})?|[.,]\d{1,3})\s*%?\s*$/.exec(text);
  if (!match?.[1]) return null;
  const percent = Number(match[1].replace(',', '.'));
  return percent >= 0 && percent <= 100 ? percentToWeight(percent) : null;
}

export interface Rollout {
  /** Variant whose share grows: the first of the split. */
  readonly variant: string;
  /** Its weight. */
  readonly weight: number;
  /** Variant that everybody else gets. */
  readonly rest: string;
  readonly split: Split;
}

/** A split of two as a percentage rollout; null for everything else, which a single number cannot say. */
export function toRollout(serve: FlagEnvironment['fallthrough']): Rollout | null {
  if (!serve || !('split' in serve)) return null;
  const [first, second, third] = serve.split.weights;
  if (!first || !second || third) return null;
  return { variant: first[0], weight: first[1], rest: second[0], split: serve.split };
}

/** The same split with `weight` for its first variant and the remainder for its second; labels, unit and salt stay. */
export function withRolloutWeight(rollout: Rollout, weight: number): Serve {
  const shares = [weight, WEIGHT_SCALE - weight];
  const weights = rollout.split.weights.map((entry, index): Split['weights'][number] => {
    const share = shares[index] ?? 0;
    return entry.length === 3 ? [entry[0], share, entry[2]] : [entry[0], share];
  });
  return { split: { ...rollout.split, weights } };
}

/**
 * The split that changes nothing for anybody at the moment it is made: all of it stays on `served`, and
 * `grows` starts at 0 %, or at 100 % where it is what is served already.
 */
export function startRollout(served: string, grows: string, rest: string): Serve {
  const weight = served === grows ? WEIGHT_SCALE : 0;
  return {
    split: {
      by: 'targetingKey',
      hash: 2,
      weights: [
        [grows, weight],
        [rest, WEIGHT_SCALE - weight],
      ],
    },
  };
}

/** Whether both say the same, in the same words. */
export function sameServe(a: Serve | null, b: Serve | null): boolean {
  if (a === null || b === null) return a === b;
  if ('variant' in a) return 'variant' in b && a.variant === b.variant;
  return 'split' in b && JSON.stringify(a.split.weights) === JSON.stringify(b.split.weights) && a.split.by === b.split.by;
}

/** Whether `after` does anything: a split that leaves everybody with the variant that `before` serves does not. */
export function changesAnything(before: Serve | null, after: Serve | null): boolean {
  if (sameServe(before, after)) return false;
  if (!before || !after || !('variant' in before) || !('split' in after)) return true;
  return after.split.weights.some(([variant, weight]) => weight > 0 && variant !== before.variant);
}

/** What a draft of a rollout means for people, honest about the way down. */
export function consequenceSentence(draft: Rollout, published: Rollout | null): string {
  const { variant, rest, weight } = draft;
  const before = published?.variant === variant ? published.weight : weight;
  if (weight === 0)
    return before > 0 ? `Nobody keeps ${variant}: everybody gets ${rest}.` : `Nobody gets ${variant}: everybody gets ${rest}.`;
  if (before < weight) return `More get ${variant}; nobody who has it loses it.`;
  if (before > weight) return `Some who have ${variant} now will get ${rest}.`;
  if (weight === WEIGHT_SCALE) return `Everybody gets ${variant}.`;
  return `${formatPercent(weight)} get ${variant}, everybody else ${rest}.`;
}
