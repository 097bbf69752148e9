/** Substring operators and regular expressions. */
import type { CompileMatch } from './match.ts';

/**
 * Longest text, in UTF-16 units, that a regular expression is tried on; a longer one is of the wrong type. It
 * bounds the work of a pattern that backtracks: linear ones are harmless, the server gives quadratic ones a smaller
 * bound (`maxInput`) and refuses the others.
 */
const MAX_PATTERN_INPUT = 1_024;

export function compileText(holds: (text: string, value: string) => boolean): CompileMatch {
  return (values, { ignoreCase }) => {
    if (!values.every(isString)) return 'values';
    const wanted = ignoreCase ? values.map((value) => value.toLowerCase()) : values;
    return (value) => {
      if (typeof value !== 'string') return undefined;
      const text = ignoreCase ? value.toLowerCase() : value;
      for (const part of wanted) if (holds(text, part)) return true;
      return false;
    };
  };
}

/** Patterns are unanchored and always have flag `u`; `ignoreCase` is flag `i`. There are no other flags. */
export const compilePattern: CompileMatch = (values, { ignoreCase, maxInput }) => {
  if (!values.every(isString)) return 'values';
  let patterns: readonly RegExp[];
  try {
    patterns = values.map((value) => new RegExp(value, ignoreCase ? 'iu' : 'u'));
  } catch {
    return 'pattern';
  }
  const most = typeof maxInput === 'number' && maxInput < MAX_PATTERN_INPUT ? maxInput : MAX_PATTERN_INPUT;
  return (value) => {
    if (typeof value !== 'string' || value.length > most) return undefined;
    for (const pattern of patterns) if (pattern.test(value)) return true;
    return false;
  };
};

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
