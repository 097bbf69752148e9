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

/** From the values of a condition (at least one) to a match, or to the reason why they do not fit the operator. */
export type CompileMatch = (values: readonly unknown[], options: MatchOptions) => Match | IssueCode;

/** Operators that compare with exactly one value: `holds` gets the sign of (attribute - value). */
export function compileOrdered<Comparable>(
  parse: (value: unknown) => Comparable | undefined,
  compare: (left: Comparable, right: Comparable) => number,
  holds: (order: number) => boolean,
): CompileMatch {
  return (values) => {
    const bound = values.length === 1 ? parse(values[0]) : undefined;
    if (bound === undefined) return 'values';
    return (value) => {
      const parsed = parse(value);
      return parsed === undefined ? undefined : holds(compare(parsed, bound));
    };
  };
}
