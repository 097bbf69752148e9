/** Every operator of the language with its family. Adding one starts here and in `rule-set.ts`. */
import type { Operator } from '../rule-set.ts';
import { parseInstant } from './instant.ts';
import { compileIpInRange } from './ip.ts';
import { type CompileMatch, compileOrdered } from './match.ts';
import { compareNumbers, parseNumber } from './number.ts';
import { compileScalar } from './scalar.ts';
import { compareVersions, parseVersion } from './semver.ts';
import { compilePattern, compileText } from './text.ts';

/** A negated operator is its positive one with the answer turned round, except where the type is wrong. */
interface OperatorEntry {
  readonly compile: CompileMatch;
  readonly negated?: boolean;
  /** String values may be hashes. */
  readonly hashable?: boolean;
}

type PresenceOperator = 'exists' | 'not_exists';

const scalar = { compile: compileScalar, hashable: true };
const contains = compileText((text, value) => text.includes(value));
const ofNumbers = (holds: (order: number) => boolean) => ({ compile: compileOrdered(parseNumber, compareNumbers, holds) });
const ofInstants = (holds: (order: number) => boolean) => ({ compile: compileOrdered(parseInstant, compareNumbers, holds) });
const ofVersions = (holds: (order: number) => boolean) => ({ compile: compileOrdered(parseVersion, compareVersions, holds) });

const OPERATOR_ENTRIES: { readonly [op in Exclude<Operator, PresenceOperator>]: OperatorEntry } = {
  equals: scalar,
  not_equals: { ...scalar, negated: true },
  in: scalar,
  not_in: { ...scalar, negated: true },
  contains: { compile: contains },
  not_contains: { compile: contains, negated: true },
  starts_with: { compile: compileText((text, value) => text.startsWith(value)) },
  ends_with: { compile: compileText((text, value) => text.endsWith(value)) },
  matches: { compile: compilePattern },
  not_matches: { compile: compilePattern, negated: true },
  lt: ofNumbers((order) => order < 0),
  lte: ofNumbers((order) => order <= 0),
  gt: ofNumbers((order) => order > 0),
  gte: ofNumbers((order) => order >= 0),
  before: ofInstants((order) => order < 0),
  after: ofInstants((order) => order > 0),
  semver_eq: ofVersions((order) => order === 0),
  semver_lt: ofVersions((order) => order < 0),
  semver_lte: ofVersions((order) => order <= 0),
  semver_gt: ofVersions((order) => order > 0),
  semver_gte: ofVersions((order) => order >= 0),
  ip_in_range: { compile: compileIpInRange },
};

/** Entry of an operator that compares values; undefined for `exists`, `not_exists` and names that are no operator. */
export function operatorEntry(op: unknown): OperatorEntry | undefined {
  return typeof op === 'string' && Object.hasOwn(OPERATOR_ENTRIES, op)
    ? OPERATOR_ENTRIES[op as keyof typeof OPERATOR_ENTRIES]
    : undefined;
}
