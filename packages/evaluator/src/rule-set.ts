/**
 * The wire form of a rule set, format 1: what the server stores, sends and hashes, and what an SDK
 * receives. Plain immutable JSON; the compiled form lives in `compile.ts` and never touches these objects.
 * Readers ignore members they do not know. See docs/rule-language.md.
 */

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

export type FlagType = 'boolean' | 'string' | 'number' | 'object';
export type FlagValue = boolean | string | number | JsonObject;

/** Shares of a split are integers that sum to this: one unit is 0.001 %. */
export const WEIGHT_SCALE = 100_000;

export interface RuleSet {
  readonly format: 1;
  readonly project: string;
  readonly environment: string;
  /** Identity of the revision counter: `<mint milliseconds>-<random>`. */
  readonly epoch: string;
  readonly revision: number;
  readonly flags: { readonly [key: string]: FlagBody };
  readonly segments: { readonly [key: string]: SegmentBody };
  /** Present where a view carries hashed lists (client views). */
  readonly hashing?: { readonly salt: string };
}

/** Added by the server to every body it sends; never part of the stored canonical text. */
export interface Stamp {
  /** Environment revision at which this body last changed. */
  readonly revision: number;
  /** 64-bit hash, 16 hex digits, of the body's canonical text without revision and tag. */
  readonly tag: string;
}

export interface FlagConfiguration {
  readonly type: FlagType;
  readonly variants: { readonly [variant: string]: FlagValue };
  /** False: killed in this environment, everyone gets the off variant. */
  readonly on: boolean;
  /** Null: callers get their code default. */
  readonly offVariant: string | null;
  readonly prerequisites?: readonly Prerequisite[];
  readonly targets?: readonly Target[];
  readonly rules?: readonly Rule[];
  /** Null: code default. */
  readonly fallthrough: Serve | null;
  /** Flat scalars, returned as flagMetadata. */
  readonly metadata?: { readonly [key: string]: string | number | boolean };
  /** Only flags so marked appear in the client view. */
  readonly clientSide?: boolean;
  /** Names of features a reader must know to read this body. */
  readonly requires?: readonly string[];
}
export type FlagBody = FlagConfiguration & Stamp;

export interface SegmentConfiguration {
  readonly include: readonly Unit[];
  readonly exclude: readonly Unit[];
  /** Client views: `include` and `exclude` hold hashes of the unit's text. */
  readonly hashed?: boolean;
  readonly when: Condition | null;
  readonly requires?: readonly string[];
}
export type SegmentBody = SegmentConfiguration & Stamp;

/** A non-empty string, or an integer within ±(2^53-1) that reads as its decimal text. */
export type Unit = string | number;

export interface Prerequisite {
  readonly flag: string;
  readonly variants: readonly string[];
}

export interface Target {
  readonly variant: string;
  readonly keys: readonly Unit[];
  /** Client views: `keys` hold hashes of the key's text. */
  readonly hashed?: boolean;
}

export interface Rule {
  readonly id: string;
  readonly when: Condition;
  readonly serve: Serve;
}

export type Serve = { readonly variant: string } | { readonly split: Split };

export interface Split {
  /** Dotted path of the unit in the context. */
  readonly by: string;
  /** Equal salts align on purpose, different salts are independent. The server writes the flag's own salt where an edit named none. */
  readonly salt: string;
  /** Bucketing function; 2 is the only one so far. Stored, so that another can come without moving anybody. */
  readonly hash: 2;
  /** Stored order decides the buckets. Weights are integers that sum to WEIGHT_SCALE; a variant may recur. */
  readonly weights: readonly WeightEntry[];
}
export type WeightEntry = readonly [variant: string, weight: number] | readonly [variant: string, weight: number, label: string];

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly segment: string }
  | { readonly now: 'before' | 'after'; readonly values: readonly number[] }
  | AttributeCondition;

export interface AttributeCondition {
  readonly attribute: string;
  readonly op: Operator;
  readonly values?: readonly (string | number | boolean)[];
  readonly ignoreCase?: boolean;
  /** Client views: string values are hashes. */
  readonly hashed?: boolean;
  /** Written by the server on patterns that take quadratic time: longer texts, in UTF-16 units, are of the wrong type. */
  readonly maxInput?: number;
}

export type Operator = (typeof OPERATORS)[number];
export const OPERATORS = [
  'equals', 'not_equals', 'in', 'not_in',
  'contains', 'not_contains', 'starts_with', 'ends_with',
  'matches', 'not_matches',
  'lt', 'lte', 'gt', 'gte',
  'before', 'after',
  'semver_eq', 'semver_lt', 'semver_lte', 'semver_gt', 'semver_gte',
  'ip_in_range',
  'exists', 'not_exists',
] as const; // biome-ignore format: one operator family a line

/** One entity of a rule set after a change; `body` null means removed. */
export type BodyChange =
  | { readonly kind: 'flag'; readonly key: string; readonly revision: number; readonly body: FlagBody | null }
  | { readonly kind: 'segment'; readonly key: string; readonly revision: number; readonly body: SegmentBody | null };

export type EntityKind = BodyChange['kind'];
