/** Values that take the place of the rules while somebody works on a flag. Loud, since nobody wants them in production. */
import { readFileSync } from 'node:fs';
import type { FlagType, FlagValue } from '@yardarm/evaluator';
import { type Outcome, refuse } from '@yardarm/sync';

export type Overrides = { readonly [flagKey: string]: FlagValue };

/**
 * What answers in the place of the rules; undefined without overrides. Those given win over those of the file. Throws a TypeError
 * that names the option where one cannot be used, and warns once, on stderr, of those that are.
 */
export function overriding(
  given: Overrides | undefined,
  file: string | undefined,
): ((type: FlagType, flagKey: string) => Outcome | undefined) | undefined {
  const inFile = file === undefined ? {} : readOverrides(file);
  const values = { ...checked(inFile, 'overridesFile'), ...checked(given ?? {}, 'overrides') };
  const byKey = new Map(Object.entries(values).map(([key, value]) => [key, outcomesOf(value)]));
  if (byKey.size === 0) return undefined;
  const keys = [...byKey.keys()].sort().join(', ');
  process.emitWarning(`Flags answer overrides instead of their rules, in this process: ${keys}. Not for production.`, 'Yardarm');
  return (type, flagKey) => {
    const outcomes = byKey.get(flagKey);
    return outcomes === undefined || outcomes.type === type ? outcomes?.outcome : outcomes.mismatch;
  };
}

function readOverrides(file: string): unknown {
  if (typeof file !== 'string' || file === '') refuse("Option 'overridesFile' must be the path of a file");
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    return refuse(`Option 'overridesFile' names '${file}', which cannot be read: ${(cause as Error).message}`);
  }
}

function checked(overrides: unknown, option: string): Overrides {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    refuse(`Option '${option}' must hold an object of flag keys and values`);
  }
  for (const [key, value] of Object.entries(overrides)) {
    if (typeOf(value) === undefined || !hasJson(value))
      refuse(`Option '${option}' has for flag '${key}' what no flag can answer`);
  }
  return overrides as Overrides;
}

function outcomesOf(value: FlagValue): {
  readonly type: FlagType | undefined;
  readonly outcome: Outcome;
  readonly mismatch: Outcome;
} {
  const shared = { variant: undefined, metadata: Object.freeze({ overridden: true }) };
  // As the values of rules: nobody changes what others get.
  const frozen: FlagValue = JSON.parse(JSON.stringify(value), (_, part) => Object.freeze(part));
  return {
    type: typeOf(value),
    outcome: Object.freeze({ ...shared, value: frozen, reason: 'OVERRIDE', errorCode: undefined }),
    mismatch: Object.freeze({ ...shared, value: undefined, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' }),
  };
}

/** False for a cycle, or something of which JSON has none. */
export function hasJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

function typeOf(value: unknown): FlagType | undefined {
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as FlagType;
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : undefined;
}
