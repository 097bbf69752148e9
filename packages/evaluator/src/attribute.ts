/** Reading the context: own members of plain objects only, so that prototype names are ordinary strings. */
import type { EvaluationContext } from './resolution.ts';

/** A dotted path, split once: its only step, or all its steps. */
export type AttributePath = string | readonly string[];

export function attributePath(path: string): AttributePath {
  return path.includes('.') ? path.split('.') : path;
}

/** The context's targetingKey. Apart, since engines read a member much faster whose name is in the code. */
export function readTargetingKey(context: EvaluationContext): unknown {
  return isPlain(context) && Object.hasOwn(context, 'targetingKey') ? context.targetingKey : undefined;
}

/** What is at a path. A step through anything but an object yields undefined. */
export function readAttribute(context: EvaluationContext, path: AttributePath): unknown {
  if (typeof path === 'string') return member(context, path);
  let value: unknown = context;
  for (const step of path) value = member(value, step);
  return value;
}

/** Text form of a unit: a non-empty string, or an integer within ±(2^53-1) in decimal. Anything else is no unit. */
export function unitText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** What JSON could carry, or a valid Date. Functions, symbols, bigints, NaN and infinities count as absent, like null. */
export function isPresent(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value !== null && !(value instanceof Date && Number.isNaN(value.getTime()));
    default:
      return false;
  }
}

function member(value: unknown, key: string): unknown {
  return isPlain(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
