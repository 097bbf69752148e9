/**
 * What a source makes of a file: flags and segments in our own terms, and what it could not say in them. A source is pure and
 * total: text in, `Imported` out, a `SourceError` where the file is not what it claims to be. It refuses what it cannot say
 * exactly: a wrong value served is worse than none. The plan decides what becomes of that, see `make-plan.ts` and docs/importing.md.
 */

import type { Flag, FlagConfigurationInput, SegmentConfigurationInput } from '@yardarm/contract';
import type { FlagType, FlagValue } from '@yardarm/evaluator';

export type Source = (text: string, options: SourceOptions) => Imported;

export interface SourceOptions {
  /** Path of the file, for sentences. */
  readonly file: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The file as a whole cannot be read: names the file, the place (JSON Pointer) and the remedy. */
export class SourceError extends Error {}

export interface Imported {
  readonly flags: readonly ImportedFlag[];
  readonly segments: readonly ImportedSegment[];
  /** What became neither flag nor segment. */
  readonly left: readonly Obstacle[];
}

export interface ImportedFlag {
  readonly key: string;
  /** Becomes the first line of the description where it says more than the key. */
  readonly name: string | null;
  readonly description: string;
  /** Null where the source does not know: `operational`, which needs neither owner nor expiry. */
  readonly kind: Flag['kind'] | null;
  readonly tags: readonly string[];
  readonly owner: string | null;
  readonly clientSide: boolean;
  readonly type: FlagType;
  /** Names within `variantName` of the contract; `variantNames` makes such names. */
  readonly variants: { readonly [variant: string]: FlagValue };
  /**
   * By the source's own name of the environment; of a source that knows none, by `ANY_ENVIRONMENT`. With an obstacle in one of the
   * environments that are imported the flag is not created at all.
   */
  readonly environments: { readonly [environment: string]: ImportedConfiguration | Refused };
  readonly remarks: readonly Remark[];
}

/** Key in `environments` of sources whose files are about one environment that they do not name. */
export const ANY_ENVIRONMENT = '*';

/** A split without a salt gets the one of the flag, which is new: remark `re-bucketed`. */
export interface ImportedConfiguration extends FlagConfigurationInput {
  readonly on: boolean;
}

/** Nothing is served for it: at least one obstacle. */
export interface Refused {
  readonly obstacles: readonly Obstacle[];
}

export interface ImportedSegment {
  readonly key: string;
  readonly name: string;
  readonly environments: { readonly [environment: string]: SegmentConfigurationInput | Refused };
  readonly remarks: readonly Remark[];
}

export type RemarkCode = 'changes-meaning' | 'left-out' | 're-bucketed';

/** Something that came over otherwise than it was, and that whoever applies the plan should know. */
export interface Remark {
  readonly code: RemarkCode;
  /** The source's name of the only environment that it is about; undefined: every one of the file. */
  readonly environment?: string;
  /** JSON Pointer into the file. */
  readonly place: string;
  /** One sentence for people. */
  readonly sentence: string;
}

/** Something that cannot be carried over, and why. */
export interface Obstacle {
  readonly kind: 'flag' | 'segment' | 'file';
  /** Of the flag or segment as the source calls it; null: of the whole file. */
  readonly key: string | null;
  /** JSON Pointer into the file. */
  readonly place: string;
  /** One sentence: what it is, why it does not come over, what to do instead. */
  readonly sentence: string;
}

export function isRefused(configuration: object): configuration is Refused {
  return 'obstacles' in configuration;
}
