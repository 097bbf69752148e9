/** Substring operators and regular expressions. */
import { isString } from '../json.ts';
import type { CompileMatch } from './operators.ts';

/**
 * Longest text, in UTF-16 units, that a regular expression is tried on; a longer one is of the wrong type. It
 * bounds the work of a pattern that backtracks: linear ones are harmless, the server gives quadratic ones a smaller
 * bound (`maxInput`) and refuses the others.
 */
const MAX_PATTERN_INPUT = 1_024;

export function textOperator(method: 'includes' | 'startsWith' | 'endsWith'): CompileMatch {
  return (values, { ignoreCase }) => {
    if (!values.every(isString)) return 'values';
    const fold = folder(ignoreCase);
    const parts = values.map(fold);
    return (value) => {
      if (!isString(value)) return undefined;
      const text = fold(value);
      for (const part of parts) if (text[method](part)) return true;
      return false;
    };
  };
}

/** Patterns are unanchored and always have flag `u`; `ignoreCase` is flag `i`. There are no other flags. */
export const matchPattern: CompileMatch = (values, { ignoreCase, maxInput }) => {
  if (!values.every(isString)) return 'values';
  let patterns: readonly RegExp[];
  try {
    patterns = values.map((value) => new RegExp(value, ignoreCase ? 'iu' : 'u'));
  } catch {
    return 'pattern';
  }
  const most = typeof maxInput === 'number' && maxInput < MAX_PATTERN_INPUT ? maxInput : MAX_PATTERN_INPUT;
  return (value) => {
    if (!isString(value) || value.length > most) return undefined;
    for (const pattern of patterns) if (pattern.test(value)) return true;
    return false;
  };
};

/** Lower-cases strings if case is to be ignored. */
export function folder(ignoreCase: boolean): <Value>(value: Value) => Value {
  return (value) => (ignoreCase && isString(value) ? (value.toLowerCase() as typeof value) : value);
}
