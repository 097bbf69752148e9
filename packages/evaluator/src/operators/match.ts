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
}

/** From the values of a condition (at least one) to a match, or to the reason why they do not fit the operator. */
export type CompileMatch = (values: readonly unknown[], options: MatchOptions) => Match | IssueCode;

/** Sign of (value - bound); undefined if the value is not comparable with it. */
export type OrderTo = (value: unknown) => number | undefined;

/** Which orders make the operator true. */
export interface Holds {
  readonly below?: true;
  readonly same?: true;
  readonly above?: true;
}

/** Operators that compare with exactly one value. `orderTo` takes it, and answers undefined if it is no bound. */
export function compileOrdered(orderTo: (bound: unknown) => OrderTo | undefined, holds: Holds): CompileMatch {
  const { below = false, same = false, above = false } = holds;
  return (values) => {
    const orderOf = values.length === 1 ? orderTo(values[0]) : undefined;
    if (orderOf === undefined) return 'values';
    return (value) => {
      const order = orderOf(value);
      return order === undefined ? undefined : order < 0 ? below : order > 0 ? above : same;
    };
  };
}
