import type { FlagType, FlagValue } from '@yardarm/evaluator';

/** The type that all values have; null where they have several, or one that no flag has here: null, or a list. */
export function typeOfValues(values: readonly unknown[]): FlagType | null {
  const types = new Set(values.map((value) => (value === null || Array.isArray(value) ? 'none' : typeof value)));
  const [type] = types;
  return types.size === 1 && (type === 'boolean' || type === 'string' || type === 'number' || type === 'object') ? type : null;
}

export function isFlagValue(value: unknown): value is FlagValue {
  return typeOfValues([value]) !== null;
}
