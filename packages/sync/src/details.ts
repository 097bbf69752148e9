/** Outcome of an evaluation in the shape that OpenFeature calls resolution details. */
import { type EvaluationContext, type FlagType, type Resolution, resolve } from '@yardarm/evaluator';
import type { Store } from './store.ts';

/** A resolution, or what an SDK answers without asking the rules. Shared and frozen like one. */
export type Outcome = Omit<Resolution, 'reason' | 'errorCode'> & {
  readonly reason: string;
  readonly errorCode: string | undefined;
};

export type FlagMetadata = { readonly [name: string]: string | number | boolean };

/** Fits `ResolutionDetails` of both OpenFeature SDKs, whose error codes are an enum of the same texts. */
export interface Details<Value> {
  readonly value: Value;
  readonly variant?: string;
  readonly reason: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly flagMetadata: FlagMetadata;
}

/** Without a rule set. */
const NOT_READY: Outcome = Object.freeze({
  value: undefined,
  variant: undefined,
  reason: 'ERROR',
  errorCode: 'PROVIDER_NOT_READY',
  metadata: Object.freeze({}),
});

/** Decides from what is held; never throws and allocates nothing. Without a rule set: PROVIDER_NOT_READY. */
export function decide(store: Store | null, type: FlagType, flagKey: string, context: EvaluationContext, nowMs: number): Outcome {
  return store === null ? NOT_READY : resolve(store.rules, textOf(flagKey), type, context, nowMs);
}

/** `flagMetadata` is what `metadataOf` answers for the same store and outcome. */
export function toDetails<Value>(
  { value, variant, reason, errorCode }: Outcome,
  question: { readonly type: FlagType; readonly flagKey: string; readonly codeDefault: Value },
  flagMetadata: FlagMetadata,
): Details<Value> {
  const { type, flagKey, codeDefault } = question;
  // `resolve` answers a value only if the flag has the type that was asked for.
  const answer = value === undefined ? codeDefault : (value as Value);
  // Spelled out: put together from spread parts, these objects cost OpenFeature's client more to read than all of this.
  if (errorCode !== undefined) {
    return { value: answer, reason, errorCode, errorMessage: describe(errorCode, textOf(flagKey), type), flagMetadata };
  }
  return variant === undefined ? { value: answer, reason, flagMetadata } : { value: answer, variant, reason, flagMetadata };
}

/** Frozen, so that it may be shared like the outcome. */
export function metadataOf(store: Store | null, flagKey: string, { metadata }: Outcome): FlagMetadata {
  if (store === null) return metadata;
  const { project, environment } = store.rules.ruleSet;
  const key = textOf(flagKey);
  // A kill may be here before the body that it belongs to, and is what decides.
  const { revision } = store.overlays.get(key) ?? store.entries.get(`flag:${key}`)?.body ?? {};
  return Object.freeze({
    ...metadata,
    flagSetId: `${project}/${environment}`,
    ...(revision !== undefined && { version: String(revision) }),
  });
}

/** No flag has an empty key. What is no text may throw when it is made one. */
function textOf(flagKey: unknown): string {
  return typeof flagKey === 'string' ? flagKey : '';
}

function describe(errorCode: string, flagKey: string, type: FlagType): string {
  if (errorCode === 'PROVIDER_NOT_READY') return 'No rule set has arrived yet.';
  return `Flag '${flagKey}' ${problems(type)[errorCode] ?? 'could not be evaluated'}.`;
}

const problems = (type: FlagType): { readonly [errorCode: string]: string } => ({
  FLAG_NOT_FOUND: 'does not exist in this environment, or this key may not see it',
  TYPE_MISMATCH: `is not of type ${type}`,
  TARGETING_KEY_MISSING: 'splits by a unit that the context does not have',
  PARSE_ERROR: 'cannot be read by this version of the SDK, or uses something that cannot',
});
