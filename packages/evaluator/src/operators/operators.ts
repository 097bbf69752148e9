/** Every operator of the language with its family. Adding one starts here and in `rule-set.ts`. */
import type { Operator } from '../rule-set.ts';
import { parseInstant } from './instant.ts';
import { compileIpInRange } from './ip.ts';
import type { CompileMatch, Holds } from './match.ts';
import { compileOrdered, parseNumber } from './number.ts';
import { compileScalar } from './scalar.ts';
import { compileVersion } from './semver.ts';
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
const ofNumbers = (holds: Holds) => ({ compile: compileOrdered(parseNumber, holds) });
const ofInstants = (holds: Holds) => ({ compile: compileOrdered(parseInstant, holds) });
const ofVersions = (holds: Holds) => ({ compile: compileVersion(holds) });

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
  lt: ofNumbers({ below: true }),
  lte: ofNumbers({ below: true, same: true }),
  gt: ofNumbers({ above: true }),
  gte: ofNumbers({ same: true, above: true }),
  before: ofInstants({ below: true }),
  after: ofInstants({ above: true }),
  semver_eq: ofVersions({ same: true }),
  semver_lt: ofVersions({ below: true }),
  semver_lte: ofVersions({ below: true, same: true }),
  semver_gt: ofVersions({ above: true }),
  semver_gte: ofVersions({ same: true, above: true }),
  ip_in_range: { compile: compileIpInRange },
};

/** Entry of an operator that compares values; undefined for `exists`, `not_exists` and names that are no operator. */
export function operatorEntry(op: unknown): OperatorEntry | undefined {
  return typeof op === 'string' && Object.hasOwn(OPERATOR_ENTRIES, op)
    ? OPERATOR_ENTRIES[op as keyof typeof OPERATOR_ENTRIES]
    : undefined;
}
