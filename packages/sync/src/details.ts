/** Outcome of an evaluation in the shape that OpenFeature calls resolution details. */
import { type EvaluationContext, type FlagType, resolve } from '@yardarm/evaluator';
import type { Store } from './store.ts';

/** Fits `ResolutionDetails` of both OpenFeature SDKs, whose error codes are an enum of the same texts. */
export interface Details<Value> {
  readonly value: Value;
  readonly variant?: string;
  readonly reason: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly flagMetadata: { readonly [name: string]: string | number | boolean };
}

export interface Question<Value> {
  readonly flagKey: string;
  readonly type: FlagType;
  /** What the caller gets when the flag decides nothing. */
  readonly codeDefault: Value;
  readonly context: EvaluationContext;
}

/** Answers from what is held; never throws. Without a rule set: the code default and PROVIDER_NOT_READY. */
export function evaluate<Value>(
  store: Store | null,
  { flagKey, type, codeDefault, context }: Question<Value>,
  nowMs: number,
): Details<Value> {
  if (store === null) {
    const errorMessage = 'No rule set has arrived yet.';
    return { value: codeDefault, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', errorMessage, flagMetadata: {} };
  }
  const { value, variant, reason, errorCode, metadata } = resolve(store.rules, flagKey, type, context, nowMs);
  const { project, environment } = store.rules.ruleSet;
  const revision = store.entries.get(`flag:${flagKey}`)?.body.revision;
  const flagMetadata = {
    ...metadata,
    flagSetId: `${project}/${environment}`,
    ...(revision !== undefined && { version: String(revision) }),
  };
  return {
    // `resolve` answers a value only if the flag has the type that was asked for.
    value: value === undefined ? codeDefault : (value as Value),
    ...(variant !== undefined && { variant }),
    reason,
    ...(errorCode !== undefined && { errorCode, errorMessage: describe(errorCode, flagKey, type) }),
    flagMetadata,
  };
}

function describe(errorCode: string, flagKey: string, type: FlagType): string {
  switch (errorCode) {
    case 'FLAG_NOT_FOUND':
      return `Flag '${flagKey}' does not exist in this environment, or this key may not see it.`;
    case 'TYPE_MISMATCH':
      return `Flag '${flagKey}' is not of type ${type}.`;
    case 'TARGETING_KEY_MISSING':
      return `Flag '${flagKey}' splits by a unit that the context does not have.`;
    case 'PARSE_ERROR':
      return `Flag '${flagKey}' cannot be read by this version of the SDK, or uses something that cannot.`;
    default:
      return `Flag '${flagKey}' could not be evaluated.`;
  }
}
