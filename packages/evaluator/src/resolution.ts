import type { FlagValue } from './rule-set.ts';

/** OpenFeature reasons that an evaluation of Yardarm can give. */
export type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR';

/** OpenFeature error codes that an evaluation of Yardarm can give. */
export type ErrorCode = 'FLAG_NOT_FOUND' | 'PARSE_ERROR' | 'TYPE_MISMATCH' | 'TARGETING_KEY_MISSING' | 'GENERAL';

/**
 * Outcome of one evaluation. Shared and frozen: the same object is returned for every evaluation that ends
 * at the same place. `value` undefined means that the caller gets its code default.
 */
export interface Resolution {
  readonly value: FlagValue | undefined;
  readonly variant: string | undefined;
  readonly reason: Reason;
  readonly errorCode: ErrorCode | undefined;
  readonly metadata: { readonly [key: string]: string | number | boolean };
}

/** What an application passes: any JSON-like object; Dates allowed, everything else is ignored. */
export type EvaluationContext = { readonly [attribute: string]: unknown };
