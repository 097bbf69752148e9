/**
 * Growth with the input says nothing about constants, and counted repetitions are constants: `^(a{1,9}){1,9}$` is linear
 * and takes seconds. So a pattern with counts is judged by one without, whose every match is tried in at least as many ways.
 */

/** Escapes and classes whole, so that only quantifiers are left to be read as such; the pattern is valid under flag `u`. */
const TOKENS = /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\k<[^>]*>|\\.|\[(?:\\.|[^\]\\])*\]|\{(\d+)(,?)(\d*)\}\??|./gsu;
/** A character that no attack needs: what ends in it can fail after every match. */
const UNLIKELY = '\\u{10FFFE}';

/** Of a single character: so many more of them are no matter. */
const FEW = 32;

/**
 * What to judge in place of a pattern, the worst verdict counts: itself where nothing is counted; else one with `+`, `*` or
 * nothing in place of each count, made to fail at its end; with counted groups both, since a group that may be empty
 * (`(a?){25}`) is repeated by a count and not by `+`.
 */
export function withoutCounts(source: string): readonly string[] {
  let counts = 0;
  let groups = 0;
  let previous = '';
  let text = '';
  for (const [token, least, comma, most] of source.matchAll(TOKENS)) {
    if (least === undefined) {
      text += token;
      previous = token;
      continue;
    }
    counts++;
    const count = Number(least);
    if (previous === ')') groups++;
    // One character, repeated exactly so often, can be matched in one way only.
    else if (comma === '' && count > 0 && count <= FEW) continue;
    text += comma === ',' && least === '0' && most === '1' ? '?' : count === 0 ? '*' : '+';
  }
  if (counts === 0) return [source];
  const uncounted = `(?:${text})${UNLIKELY}`;
  return groups === 0 ? [uncounted] : [uncounted, source];
}
