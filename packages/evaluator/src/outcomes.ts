/** Makes the resolutions that evaluations share: one frozen object per place where an evaluation can end. */
import { isScalar } from './attribute.ts';
import { isObject, MAX_DEPTH } from './json.ts';
import type { ErrorCode, Reason, Resolution } from './resolution.ts';
import type { FlagType, FlagValue } from './rule-set.ts';

type Metadata = Resolution['metadata'];

export interface Outcomes {
  /** Readable variants: right type, copied and frozen. */
  readonly values: ReadonlyMap<string, FlagValue>;
  readonly metadata: Metadata;
}

const NO_METADATA: Metadata = Object.freeze({});

/** Code default with an error. */
export function errorOutcome(errorCode: ErrorCode, metadata = NO_METADATA): Resolution {
  return outcome('ERROR', metadata, undefined, undefined, errorCode);
}

/** The flag, or a segment it uses, cannot be read. */
export const PARSE_ERROR = errorOutcome('PARSE_ERROR');

/** Resolution of a readable variant; of the code default if there is none. `extra` joins the metadata. */
export function variantOutcome(
  { values, metadata }: Outcomes,
  variant: string | undefined,
  reason: Reason,
  extra?: Metadata,
): Resolution {
  const joined = extra ? Object.freeze({ ...metadata, ...extra }) : metadata;
  return outcome(reason, joined, variant, variant === undefined ? undefined : values.get(variant));
}

function outcome(
  reason: Reason,
  metadata: Metadata,
  variant: string | undefined,
  value: FlagValue | undefined,
  errorCode?: ErrorCode,
): Resolution {
  return Object.freeze({ value, variant, reason, errorCode, metadata });
}

/** The flat scalars of a body's metadata; anything else in it is dropped. */
export function readMetadata(json: unknown): Metadata {
  if (!isObject(json)) return NO_METADATA;
  return Object.freeze(Object.fromEntries(Object.entries(json).filter(([, value]) => isScalar(value))) as Metadata);
}

/**
 * A variant's value if it has the flag's type, else undefined. Objects are copied and frozen all the way down:
 * every caller gets the same one, and none may change what the others see.
 */
export function readValue(json: unknown, type: FlagType): FlagValue | undefined {
  // The other flag types are names of JavaScript types.
  if (type !== 'object') return isScalar(json) && typeof json === type ? json : undefined;
  if (!isObject(json) || !nestsWithin(json, MAX_DEPTH)) return undefined;
  return JSON.parse(JSON.stringify(json), (_, part) => Object.freeze(part));
}

function nestsWithin(json: unknown, depth: number): boolean {
  if (typeof json !== 'object' || json === null) return true;
  return depth > 0 && Object.values(json).every((part) => nestsWithin(part, depth - 1));
}
