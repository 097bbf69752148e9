/**
 * Every operator of the language with its family. Adding one starts here and in `rule-set.ts`. A family works in the
 * positive sense on one value; `passes` adds arrays and negation, so that these rules exist once.
 */
import type { IssueCode } from '../compiled.ts';
import type { Operator } from '../rule-set.ts';
import { parseInstant } from './instant.ts';
import { matchRange } from './ip.ts';
import { ABOVE, BELOW, orderOperator, parseNumber, SAME } from './order.ts';
import { matchScalar } from './scalar.ts';
import { versionOperator } from './semver.ts';
import { matchPattern, textOperator } from './text.ts';

/** Whether the value matches; undefined if it is of the wrong type, which no operator and no negated operator accepts. */
export type Match = (value: unknown) => boolean | undefined;

/** Texts of which the value must be one: what nearly all conditions ask, and what `passes` can look up itself. */
export type TextSet = ReadonlySet<string>;

export interface MatchOptions {
  readonly ignoreCase: boolean;
  /** Given: the string values are hashes under this salt. */
  readonly salt: string | undefined;
  /** Longest text that patterns are tried on, where the condition sets one. */
  readonly maxInput: unknown;
}

/** From the values of a condition (at least one) to a match, or to the reason why they do not fit the operator. */
export type CompileMatch = (values: readonly unknown[], options: MatchOptions) => Match | TextSet | IssueCode;

/** A negated operator is its positive one with the answer turned round, except where the type is wrong. */
export const OPERATOR_FAMILIES: { readonly [op in Exclude<Operator, 'exists' | 'not_exists'>]: CompileMatch } = {
  equals: matchScalar,
  not_equals: matchScalar,
  in: matchScalar,
  not_in: matchScalar,
  contains: textOperator('includes'),
  not_contains: textOperator('includes'),
  starts_with: textOperator('startsWith'),
  ends_with: textOperator('endsWith'),
  matches: matchPattern,
  not_matches: matchPattern,
  lt: orderOperator(parseNumber, BELOW),
  lte: orderOperator(parseNumber, BELOW + SAME),
  gt: orderOperator(parseNumber, ABOVE),
  gte: orderOperator(parseNumber, SAME + ABOVE),
  before: orderOperator(parseInstant, BELOW),
  after: orderOperator(parseInstant, ABOVE),
  semver_eq: versionOperator(SAME),
  semver_lt: versionOperator(BELOW),
  semver_lte: versionOperator(BELOW + SAME),
  semver_gt: versionOperator(ABOVE),
  semver_gte: versionOperator(SAME + ABOVE),
  ip_in_range: matchRange,
};
