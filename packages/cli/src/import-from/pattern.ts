/**
 * Regular expressions of systems that use those of JavaScript without flags. Ours always have flag `u`, which reads some patterns in another
 * way, refuses others, and counts a character outside the basic plane as one where it was two.
 */

export interface Pattern {
  readonly source: string;
  /** Counts characters, so that one outside the basic plane, such as an emoji, may match otherwise. */
  readonly countsCharacters: boolean;
}

/** An escape, a negative look, a bracket, or any other character, with how often it repeats. */
const TOKENS = /(\\u[\dA-Fa-f]{4}|\\[\s\S]|\(\?<?!|\[\^?|[\s\S])((?:[*+?]|\{\d+(?:,\d*)?\})\??)?/g;
const HALF_OF_A_PAIR = /[\uD800-\uDFFF]/;

/** The same pattern under flag `u`; null where there is none, or none that is certain. */
export function withUnicodeFlag(pattern: string): Pattern | null {
  if (HALF_OF_A_PAIR.test(pattern)) return null;
  let [inClass, negatedClass, countsCharacters, isCertain] = [false, false, false, true];
  const split = findSplits();
  const source = pattern.replaceAll(TOKENS, (whole, token: string, repeat = '') => {
    const wasInClass = inClass;
    let takesAny = !inClass && (token === '.' || /^\\[DSW]$/.test(token));
    if (token.startsWith('[') && !inClass) [inClass, negatedClass] = [true, token === '[^'];
    else if (token === ']' && inClass) [inClass, takesAny] = [false, negatedClass];
    if (inClass && /^\\[DSW]$/.test(token)) negatedClass = true;
    if (takesAny && !/^[*+]/.test(repeat)) countsCharacters = true;
    // Hold between the two halves of a character as well, where nothing is under `u`.
    if (!wasInClass && /^(?:\\B|\(\?<?!)$/.test(token)) countsCharacters = true;
    if (!inClass && split(token, repeat, takesAny)) countsCharacters = true;
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

/**
 * Hears of a pattern's tokens outside of brackets, and whether each takes any character; answers whether two that take one or
 * more may stand beside each other: each takes a half where there is one character. Whatever else must be there parts them.
 */
function findSplits(): (token: string, repeat: string, takesAny: boolean) => boolean {
  let depth = 0;
  /** How deep in groups the last of them is that nothing parts from here; in another branch of its group while `isBeside`. */
  let open: number | null = null;
  let isBeside = false;
  return (token, repeat, takesAny) => {
    if (token.startsWith('(')) depth++;
    else if (token === '|') [open, isBeside] = depth === 0 ? [null, false] : [open, isBeside || open === depth];
    else if (token === ')') {
      depth--;
      if (open !== null && open > depth) {
        [open, isBeside] = [depth, false];
        return repeat.startsWith('{');
      }
    } else if (takesAny && repeat.startsWith('+')) {
      if (open !== null) return true;
      open = depth;
    } else if (!takesAny && open === depth && !isBeside && /^\+?$/.test(repeat[0] ?? '') && !/^(?:[\^$]|\\[bB\d])$/.test(token))
      open = null;
    return false;
  };
}
