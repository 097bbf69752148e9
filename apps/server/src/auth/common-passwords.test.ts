import { expect, it } from 'vitest';
import { isCommonPassword } from './common-passwords.ts';

it.each([
  'password1234',
  'Correct Horse Battery Staple',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'qwertyuiopas',
  '987654321098',
  'ada-lovelace1',
])('refuses %s, which everybody tries first', (password) => expect(isCommonPassword(password, 'Ada-Lovelace')).toBe(true));

it.each(['a lamp in the harbour', 'ratatouille!!', 'xkcd936xkcd9', 'nine lives, Ada-Lovelace', '雨ニモマケズ風ニモマケズ'])(
  'takes %s, whatever kinds of characters it has',
  (password) => expect(isCommonPassword(password, 'Ada-Lovelace')).toBe(false),
);
