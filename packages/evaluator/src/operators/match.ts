/**
 * What an operator compiles to. Every family works in the positive sense on one value; the condition around it
 * adds arrays and negation, so that these rules exist once.
 */
import type { IssueCode } from '../compiled.ts';

/** Whether the value matches; undefined if it is of the wrong type, which no operator and no negated operator accepts. */
export type Match = (value: unknown) => boolean | undefined;

export interface MatchOptions {
  readonly ignoreCase: boolean;
  /** Given: the string values are hashes under this salt. */
  readonly hashingSalt: string | undefined;
  /** Longest text that patterns are tried on, where the condition sets one. */
  readonly maxInput?: unknown;
}

/** Texts of which the value must be one: what nearly all conditions ask, and what the condition itself can look up. */
export type TextSet = ReadonlySet<string>;

/** From the values of a condition (at least one) to a match, or to the reason why they do not fit the operator. */
export type CompileMatch = (values: readonly unknown[], options: MatchOptions) => Match | TextSet | IssueCode;

/** Operators that compare with exactly one value: what a value below the bound, the same, or above it makes of them. */
export interface Holds {
  readonly below?: true;
  readonly same?: true;
  readonly above?: true;
}

/** By the sign of `order`, that of (value - bound). Undefined: not comparable. */
export function holdsAt(order: number | undefined, holds: Holds): boolean | undefined {
  if (order === undefined) return undefined;
  return (order < 0 ? holds.below : order > 0 ? holds.above : holds.same) === true;
}
