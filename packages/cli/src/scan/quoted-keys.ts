/**
 * Keys in languages whose syntax tree is not read: a key counts where it stands in quotes, also within another string, and without quotes only
 * where the language has such texts. In a string, because that may be code: an attribute of a template, a string that values are put into, a command. Comments do not count,
 * nor do the names that lines import. Keys that are put together at run time are not found.
 */
import { bareKeysIn } from './bare-keys.ts';
import { isKnownLanguage, withoutComments } from './comments.ts';
import { positionsIn, type Reference } from './reference.ts';

/** Also in quotes that are escaped, or entities of HTML. The quote that ends a key may begin the next one, where a quote is odd. */
const QUOTED = /(["'`]|&(?:quot|apos|#0*3[49]|#x0*2[27]);)([A-Za-z0-9][\w.-]{0,127})(?=\\*\1)/g;
/** `import "x"`, `import { x } from "y"`, also where that ends a longer one, `require "x"`, `#include "x"`. */
const IMPORT =
  /^\s*(?:import\b[\w\s{},*.$]*|(?:export\b[\w\s{},*$]*\bfrom|\}\s*from)\s*|(?:require|require_relative|require_once|include|include_once|#\s*include)\s*)$/;

/** Of what languages with bare keys have for a comment, also where a string before it may not have ended. */
const REMARK = /(?:^|\s)#\s/;
/** Of a line before a key; what is longer is no import and no remark. */
const MAX_BEFORE = 500;

/** Keys in quotes, from the offsets of these. */
export function* quotedKeysIn(text: string): Generator<{ readonly flag: string; readonly offset: number }> {
  for (const { 2: flag = '', index } of text.matchAll(QUOTED)) yield { flag, offset: index };
}

/** @param keys those that count */
export function quotedReferences(file: string, text: string, keys: ReadonlySet<string>): Reference[] {
  const positionOf = positionsIn(text);
  const references: Reference[] = [];
  const code = withoutComments(file, text);
  const found = new Set<number>();
  for (const { flag, offset } of quotedKeysIn(code)) {
    found.add(offset + 1);
    if (!keys.has(flag) || isImport(text, offset)) continue;
    references.push({ flag, file, ...positionOf(offset), idiom: 'quoted' });
  }
  for (const { flag, offset } of bareKeysIn(file, code)) {
    if (!keys.has(flag) || found.has(offset) || REMARK.test(lineBefore(code, offset) ?? '')) continue;
    found.add(offset);
    references.push({ flag, file, ...positionOf(offset), idiom: 'bare' });
  }
  return references;
}

function isImport(text: string, offset: number): boolean {
  return IMPORT.test(lineBefore(text, offset) ?? 'text');
}

/** Undefined where it is long: a text on one line may hold thousands of keys. */
function lineBefore(text: string, offset: number): string | undefined {
  const before = text.slice(Math.max(0, offset - MAX_BEFORE), offset);
  const start = before.lastIndexOf('\n') + 1;
  return start > 0 || offset <= MAX_BEFORE ? before.slice(start) : undefined;
}

/** How the official SDKs of OpenFeature in other languages ask for a flag; the key is the first string among the arguments. */
const EVALUATION =
  /\b(?:get_(?:boolean|string|integer|float|object)_(?:value|details)|fetch_(?:boolean|string|number|integer|float|object)_(?:value|details)|[gG]et(?:Boolean|String|Integer|Double|Float|Object|Structure)(?:Value|Details)(?:Async)?|(?:Boolean|String|Int|Float|Object)Value(?:Details)?)\s*\(\s*(?:flag_key\s*[:=]\s*|flagKey\s*:\s*|[\w.]+(?:\(\))?\s*,\s*)?(["'])([A-Za-z0-9][\w.-]{0,127})\1\s*,/g;

/** Keys that calls of OpenFeature name and that are none of `keys`. */
export function unknownQuotedKeys(file: string, text: string, keys: ReadonlySet<string>): Reference[] {
  if (!isKnownLanguage(file) || text.search(EVALUATION) === -1) return [];
  const positionOf = positionsIn(text);
  return [...withoutComments(file, text).matchAll(EVALUATION)].flatMap((match) => {
    const [whole, , flag = ''] = match;
    if (keys.has(flag)) return [];
    return [{ flag, file, ...positionOf(match.index + whole.lastIndexOf(flag) - 1), idiom: 'quoted' as const }];
  });
}
