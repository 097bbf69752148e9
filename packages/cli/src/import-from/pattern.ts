/**
 * Regular expressions of systems that use those of JavaScript without flags. Ours always have flag `u`, which reads some patterns in another
 * way, refuses others, and counts a character outside the basic plane as one where it was two.
 */

export interface Pattern {
  readonly source: string;
  /** Counts characters, so that one outside the basic plane, such as an emoji, may match otherwise. */
  readonly countsCharacters: boolean;
}

/** An escape, a bracket, or a dot, with whether it repeats without end. */
const TOKENS = /(\\u[\dA-Fa-f]{4}|\\[\s\S]|\[\^?|\]|\.)([*+]?)/g;
const HALF_OF_A_PAIR = /[\uD800-\uDFFF]/;

/** The same pattern under flag `u`; null where there is none, or none that is certain. */
export function withUnicodeFlag(pattern: string): Pattern | null {
  if (HALF_OF_A_PAIR.test(pattern)) return null;
  let [inClass, negatedClass, countsCharacters, isCertain] = [false, false, false, true];
  const source = pattern.replaceAll(TOKENS, (whole, token: string, repeat: string) => {
    let takesAny = !inClass && (token === '.' || /^\\[DSW]$/.test(token));
    if (token.startsWith('[') && !inClass) [inClass, negatedClass] = [true, token === '[^'];
    else if (token === ']' && inClass) [inClass, takesAny] = [false, negatedClass];
    if (inClass && /^\\[DSW]$/.test(token)) negatedClass = true;
    if (takesAny && repeat === '') countsCharacters = true;
    if (/^\\(?:[pP]|u[dD][89A-Fa-f])/.test(token)) isCertain = false;
    return isNeedless(token, inClass) ? token.slice(1) + repeat : whole;
  });
  // `\u{…}` is a code point under `u`, and a `u` so many times without.
  if (!isCertain || /(?<!\\)(?:\\\\)*\\u\{/.test(pattern)) return null;
  try {
    new RegExp(pattern);
    new RegExp(source, 'u');
  } catch {
    return null;
  }
  return { source, countsCharacters };
}

/** Whether `u` refuses the escape although the character stands for itself in that place. */
function isNeedless(token: string, inClass: boolean): boolean {
  if (token === '\\-') return !inClass;
  return /^\\(?:_|[^\w^$\\.*+?()[\]{}|/])$/.test(token) && token !== '\\-';
}
