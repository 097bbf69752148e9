/** Makes the resolutions that evaluations share: one frozen object per place where an evaluation can end. */
import { isObject, MAX_DEPTH } from './json.ts';
import type { ErrorCode, Reason, Resolution } from './resolution.ts';
import type { FlagType, FlagValue, JsonValue } from './rule-set.ts';

type Metadata = Resolution['metadata'];

const NO_METADATA: Metadata = Object.freeze({});

export interface Outcomes {
  /** Readable variants: right type, copied and frozen. */
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly metadata: Metadata;
}

/** Code default with an error. */
export function errorOutcome(errorCode: ErrorCode, metadata = NO_METADATA): Resolution {
  return Object.freeze({ value: undefined, variant: undefined, reason: 'ERROR', errorCode, metadata });
}

/** The flag, or a segment it uses, cannot be read. */
export const PARSE_ERROR = errorOutcome('PARSE_ERROR');

/** Resolution of a variant; of the code default if the variant is null or not readable. `extra` joins the metadata. */
export function variantOutcome(outcomes: Outcomes, variant: string | null, reason: Reason, extra?: Metadata): Resolution {
  const value = variant === null ? undefined : outcomes.values.get(variant);
  return Object.freeze({
    value,
    variant: value === undefined || variant === null ? undefined : variant,
    reason,
    errorCode: undefined,
    metadata: extra === undefined ? outcomes.metadata : Object.freeze({ ...outcomes.metadata, ...extra }),
  });
}

/** The flat scalars of a body's metadata; anything else in it is dropped. */
export function readMetadata(json: unknown): Metadata {
  if (!isObject(json)) return NO_METADATA;
  const scalars = Object.entries(json).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.freeze(Object.fromEntries(scalars) as Metadata);
}

/**
 * A variant's value if it has the flag's type, else undefined. Objects are copied and frozen all the way down:
 * every caller gets the same one, and none may change what the others see.
 */
export function readValue(json: unknown, type: FlagType): FlagValue | undefined {
  if (type === 'object') return isObject(json) ? (frozenCopy(json as JsonValue, 0) as FlagValue | undefined) : undefined;
  // The other flag types are names of JavaScript types.
  return typeof json === type && !Number.isNaN(json) ? (json as FlagValue) : undefined;
}

/** Undefined if it nests deeper than MAX_DEPTH. */
function frozenCopy(json: JsonValue, depth: number): JsonValue | undefined {
  if (typeof json !== 'object' || json === null) return json;
  if (depth === MAX_DEPTH) return undefined;
  let complete = true;
  const copy = (part: JsonValue) => {
    const copied = frozenCopy(part, depth + 1);
    if (copied === undefined) complete = false;
    return copied as JsonValue;
  };
  // fromEntries defines members, where assigning would let `__proto__` set the prototype.
  const copied = Array.isArray(json)
    ? json.map(copy)
    : Object.fromEntries(Object.entries(json).map(([key, part]) => [key, copy(part)]));
  return complete ? Object.freeze(copied) : undefined;
}
