/**
 * Keys in languages whose syntax tree is not read: a key counts where a string of the language is that key and nothing else.
 * Comments do not count, nor do the strings of import lines. Keys that are put together at run time are not found.
 */
import { positionsIn, type Reference } from './reference.ts';

const DOUBLE = String.raw`"(?:[^"\\\n]|\\.)*"`;
const SINGLE = String.raw`'(?:[^'\\\n]|\\.)*'`;
const BACK = String.raw`\x60[^\x60]*\x60`;
const TRIPLE = String.raw`"""[\s\S]*?"""|'''[\s\S]*?'''`;
const SLASHES = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`;
/** Not within a word: `$#` in a shell and `a#b` in YAML begin none. `#[` begins an attribute of PHP or Rust. */
const HASH = String.raw`(?<![^\s;(){}])#(?!\[)[^\n]*`;

/** What begins at a place and is to be stepped over as one: comments and strings. The longer forms come first. */
const SYNTAX = {
  slashes: [SLASHES, TRIPLE, DOUBLE, SINGLE, BACK],
  // A lifetime of Rust begins with a quote and has no end; a character has one.
  rust: [SLASHES, DOUBLE, String.raw`'(?:[^'\\\n]|\\.)'`],
  go: [String.raw`\bimport\s*\([^)]*\)`, SLASHES, DOUBLE, BACK, SINGLE],
  hash: [HASH, TRIPLE, DOUBLE, SINGLE, BACK],
  ruby: [String.raw`^=begin[\s\S]*?^=end`, HASH, DOUBLE, SINGLE, BACK],
  php: [SLASHES, HASH, DOUBLE, SINGLE],
  dashes: [String.raw`--\[\[[\s\S]*?\]\]|--[^\n]*|\/\*[\s\S]*?\*\/`, DOUBLE, SINGLE],
  markup: [String.raw`<!--[\s\S]*?-->`, SLASHES, DOUBLE, SINGLE, BACK],
  any: [DOUBLE, SINGLE, BACK],
} as const;

const SYNTAX_OF: Readonly<Record<string, keyof typeof SYNTAX>> = {
  ...each(
    'slashes',
    'java kt kts scala groovy gradle cs fs swift dart c h cc cpp hpp m mm proto sol zig js jsx ts tsx mjs cjs mts cts',
  ),
  ...each('rust', 'rs'),
  ...each('go', 'go'),
  ...each(
    'hash',
    'py pyi sh bash zsh fish yml yaml toml ini cfg conf properties pl pm r jl ex exs nix tf hcl dockerfile makefile',
  ),
  ...each('ruby', 'rb rake gemspec'),
  ...each('php', 'php phtml'),
  ...each('dashes', 'sql lua hs elm'),
  ...each('markup', 'vue svelte astro html htm xml xaml cshtml razor erb twig'),
};
const IMPORT_LINE = /^\s*(?:import|from|require|require_relative|require_once|include|include_once|load|use|using|#include)\b/;

/** @param keys those that count */
export function quotedReferences(file: string, text: string, keys: ReadonlySet<string>): Reference[] {
  const positionOf = positionsIn(text);
  const references: Reference[] = [];
  for (const match of text.matchAll(stringsOf(file))) {
    const [found] = match;
    if (!/^["'`]/.test(found)) continue;
    const flag = found.slice(1, -1);
    if (!keys.has(flag) || IMPORT_LINE.test(text.slice(text.lastIndexOf('\n', match.index - 1) + 1, match.index))) continue;
    references.push({ flag, file, ...positionOf(match.index), idiom: 'quoted' });
  }
  return references;
}

/** How the official SDKs of OpenFeature in other languages ask for a flag; the key is the first string among the arguments. */
const EVALUATION =
  /\b(?:get_(?:boolean|string|integer|float|object)_(?:value|details)|fetch_(?:boolean|string|number|integer|float|object)_(?:value|details)|[gG]et(?:Boolean|String|Integer|Double|Float|Object|Structure)(?:Value|Details)(?:Async)?|(?:Boolean|String|Int|Float|Object)Value(?:Details)?)\s*\(\s*(?:flag_key\s*[:=]\s*|flagKey\s*:\s*|[\w.]+(?:\(\))?\s*,\s*)?(["'])([A-Za-z0-9][\w.-]{0,127})\1\s*,/g;

/** Keys that calls of OpenFeature name and that are none of `keys`. */
export function unknownQuotedKeys(file: string, text: string, keys: ReadonlySet<string>): Reference[] {
  if (SYNTAX_OF[extensionOf(file)] === undefined) return [];
  const code = text.replace(stringsOf(file), (found) => (/^["'`]/.test(found) ? found : found.replace(/[^\n]/g, ' ')));
  const positionOf = positionsIn(text);
  return [...code.matchAll(EVALUATION)].flatMap((match) => {
    const [whole, , flag = ''] = match;
    if (keys.has(flag)) return [];
    return [{ flag, file, ...positionOf(match.index + whole.lastIndexOf(flag) - 1), idiom: 'quoted' as const }];
  });
}

function stringsOf(file: string): RegExp {
  return new RegExp(SYNTAX[SYNTAX_OF[extensionOf(file)] ?? 'any'].join('|'), 'gm');
}

function extensionOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  return name.slice(name.lastIndexOf('.') + 1);
}

function each(syntax: keyof typeof SYNTAX, extensions: string): Record<string, keyof typeof SYNTAX> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, syntax]));
}
