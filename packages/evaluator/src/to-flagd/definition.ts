/** The shapes of an export to flagd: its flag definitions (schema 0.2.x) and the reasons why a flag has none. */
import type { FlagValue } from '../rule-set.ts';

/** JSON logic as flagd reads it: strings, numbers, booleans and null are themselves, an object is one operation. */
export type Logic = string | number | boolean | null | readonly Logic[] | { readonly [operation: string]: Logic };

/** One member of `flags` in a flagd definition. */
export interface FlagdFlag {
  /** DISABLED: every caller gets its code default. */
  readonly state: 'ENABLED' | 'DISABLED';
  readonly variants: { readonly [variant: string]: FlagValue };
  /** Outcome without `targeting`, or where it gives null. Null: code default. */
  readonly defaultVariant: string | null;
  /** Absent: everyone gets `defaultVariant`. */
  readonly targeting?: { readonly [operation: string]: Logic };
  readonly metadata?: { readonly [key: string]: string | number | boolean };
}

/**
 * Why a flag cannot be said in flagd's language. `unreadable`: it, or a segment it uses, is broken here too.
 * `key`, `variant`: a name or value that a flagd definition cannot carry. `operator`: flagd has nothing like it.
 * `ignore_case`: flagd cannot fold case. `attribute`: flagd reads this path in another way. `version`: beyond what
 * flagd reads as a version. `instant`: flagd's clock counts whole seconds. `salt`: flagd's providers disagree on its
 * hash. `hashed`: a client view, which flagd cannot look into. `prerequisite`: the flag it depends on has obstacles.
 * `size`: more than MAX_TARGETING_CHARACTERS once prerequisites and segments are written out.
 */
export type ObstacleCode =
  | 'unreadable'
  | 'key'
  | 'variant'
  | 'operator'
  | 'ignore_case'
  | 'attribute'
  | 'version'
  | 'instant'
  | 'salt'
  | 'hashed'
  | 'prerequisite'
  | 'size';

export interface Obstacle {
  readonly code: ObstacleCode;
  /** JSON Pointer into the rule set; may lie in a segment that the flag uses. */
  readonly path: string;
}

/** Takes notice of an obstacle at a JSON Pointer into the rule set. */
export type ReportObstacle = (code: ObstacleCode, path: string) => void;
