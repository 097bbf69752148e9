/** One flag for one context, as OFREP 0.3.0 says it. Pure. */
import { type EvaluationContext, type FlagValue, type Reason, type Resolution, resolve } from '@yardarm/evaluator';
import type { EvaluableView } from './evaluable-views.ts';

export type OfrepReason = 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'UNKNOWN';
export type OfrepErrorCode = 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL' | 'FLAG_NOT_FOUND';

export interface FlagSuccess {
  readonly key: string;
  readonly reason: OfrepReason;
  readonly variant?: string;
  readonly metadata?: Resolution['metadata'];
  /** Absent: the caller's code default. */
  readonly value?: FlagValue;
}

export interface FlagFailure {
  readonly key: string;
  readonly errorCode: OfrepErrorCode;
  readonly errorDetails: string;
  readonly metadata?: Resolution['metadata'];
}

/** OFREP has no DEFAULT: it is told in the metadata, under this name. */
const REASON_IN_METADATA = 'yardarm.reason';

const REASONS: Readonly<Record<Reason, OfrepReason>> = {
  STATIC: 'STATIC',
  TARGETING_MATCH: 'TARGETING_MATCH',
  SPLIT: 'SPLIT',
  DISABLED: 'DISABLED',
  DEFAULT: 'UNKNOWN',
  ERROR: 'UNKNOWN',
};

export function evaluateFlag(
  view: EvaluableView,
  key: string,
  context: EvaluationContext,
  nowMs: number,
): FlagSuccess | FlagFailure {
  const resolution = resolve(view.rules, key, view.types.get(key) ?? 'boolean', context, nowMs);
  const metadata = Object.keys(resolution.metadata).length > 0 ? resolution.metadata : undefined;
  if (resolution.errorCode !== undefined) return { key, ...failureOf(resolution.errorCode, key), ...(metadata && { metadata }) };
  const { reason, variant, value } = resolution;
  const told = reason === 'DEFAULT' ? { ...metadata, [REASON_IN_METADATA]: reason } : metadata;
  return {
    key,
    reason: REASONS[reason],
    ...(variant !== undefined && { variant }),
    ...(told && { metadata: told }),
    ...(value !== undefined && { value }),
  };
}

function failureOf(errorCode: NonNullable<Resolution['errorCode']>, key: string): Omit<FlagFailure, 'key'> {
  switch (errorCode) {
    case 'FLAG_NOT_FOUND':
      return { errorCode, errorDetails: `This key's environment has no flag '${key}'.` };
    case 'TARGETING_KEY_MISSING':
      return { errorCode, errorDetails: `Flag '${key}' splits by an attribute that the context does not have.` };
    case 'PARSE_ERROR':
      return { errorCode, errorDetails: `Flag '${key}', or a segment that it uses, cannot be read.` };
    default:
      return { errorCode: 'GENERAL', errorDetails: `Flag '${key}' could not be decided.` };
  }
}
