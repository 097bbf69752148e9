/**
 * Keys without quotes, where a language has such texts: words of shells, values of configuration, symbols and lists of words. Only a whole
 * word counts. In a sentence or a name for something else a short word is often a key by chance, a long one or one of several parts is not.
 */
import { extensionOf } from './comments.ts';

const CONFIGURATION = 'yml yaml toml ini cfg conf properties env';
const WORDY = new Set(`${CONFIGURATION} sh bash zsh fish dockerfile makefile`.split(' '));
const VALUED = new Set(CONFIGURATION.split(' '));
const SYMBOLIC = new Set('rb rake gemspec ex exs'.split(' '));
const LISTING = new Set('rb rake gemspec ex exs pl pm'.split(' '));

const LONG_WORD = /[._-]|^.{12}/;
const KEY = String.raw`[A-Za-z0-9][\w.-]{0,127}`;
/** Not a part of a path, of a variable's name, or of a word with other signs. */
const WORD = new RegExp(String.raw`(?<![^\s=,;|&(){}[\]"'\x60:<>])${KEY}(?![^\s,;|&){}[\]"'\x60:<>])`, 'g');
/** All of a value: behind a name, on a line of a list, or in brackets. */
const VALUE = new RegExp(
  [
    String.raw`(?=[A-Za-z0-9])(?<==[ \t]{0,20}|:[ \t]{1,20}|^[ \t]{0,50}(?:-[ \t]{1,20}){1,5})${KEY}(?=[ \t]*(?:\r?$|[ \t]#))`,
    String.raw`(?=[A-Za-z0-9])(?<=[[{](?:[^\]}\n]{0,300}[,:])?\s{0,50})${KEY}(?=\s{0,50}[,\]}])`,
  ].join('|'),
  'gm',
);
const SYMBOL = /(?<![\w:]):([A-Za-z]\w{0,127})(?![\w?!:])/g;
const LIST = /(?:%[wWiI]|~[wW]|\bqw[ \t]?)([[({<|/])([^[\](){}<>|/]{0,5000})[\])}>|/]/g;

/** By the offset of the key, which may come twice; a long word in quotes is one, too. */
export function* bareKeysIn(file: string, text: string): Generator<{ readonly flag: string; readonly offset: number }> {
  const language = extensionOf(file);
  if (WORDY.has(language))
    for (const { 0: flag, index } of text.matchAll(WORD)) if (LONG_WORD.test(flag)) yield { flag, offset: index };
  if (VALUED.has(language)) for (const { 0: flag, index } of text.matchAll(VALUE)) yield { flag, offset: index };
  if (SYMBOLIC.has(language)) for (const { 1: flag = '', index } of text.matchAll(SYMBOL)) yield { flag, offset: index + 1 };
  if (LISTING.has(language))
    for (const { 0: whole, 2: words = '', index } of text.matchAll(LIST)) {
      const start = index + whole.length - 1 - words.length;
      for (const word of words.matchAll(/\S+/g)) yield { flag: word[0], offset: start + word.index };
    }
}
