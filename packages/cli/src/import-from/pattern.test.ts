import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withUnicodeFlag } from './pattern.ts';

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    '-',
    '_',
    '.',
    '@',
    'é',
    '\\.',
    '\\-',
    '\\@',
    '\\_',
    '\\ ',
    '\\\\',
    '\\/',
    '\\d',
    '\\w',
    '\\S',
    '\\b',
    '\\B',
    '\\e',
    '\\1',
  ],
  ...[
    '[ab]',
    '[^a]',
    '[\\w\\-]',
    '[a\\@-]',
    '[.]',
    '[\\]]',
    '[^\\]a]',
    '[[]',
    '(a|b)',
    '(?:a)',
    '(?=a)',
    '(?<!a)',
    '^',
    '$',
    '{',
    '{1,2}',
    '*',
    '+',
    '?',
  ],
  ...['.+', '.*', '[^a]+', '\\W', '(?!a)', '(?:', '(', '|', ')', ')?', '){2}'],
);
const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const text = fc
  .array(fc.constantFrom('a', 'b', '1', '-', '_', '.', '@', ' ', '\\', '/', ']', 'é', '\n'), { maxLength: 5 })
  .map((all) => all.join(''));
const withEmoji = fc.tuple(text, text).map((parts) => parts.join('😀'));

describe('withUnicodeFlag', () => {
  it('keeps what a pattern matches, of whatever is in the basic plane', () => {
    let kept = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const found = withUnicodeFlag(source);
        if (found === null) return;
        kept++;
        for (const one of texts) expect(new RegExp(found.source, 'u').test(one)).toBe(new RegExp(source).test(one));
      }),
      { numRuns: 2_000 },
    );
    expect(kept).toBeGreaterThan(500);
  });

  it('says so where an emoji may make a difference', () => {
    fc.assert(
      fc.property(pattern, withEmoji, (source, one) => {
        const found = withUnicodeFlag(source);
        if (found === null || found.countsCharacters) return;
        expect(new RegExp(found.source, 'u').test(one)).toBe(new RegExp(source).test(one));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['\\B.+', 'a😀'],
    ['(?<!a)[^a]+', 'a😀'],
    ['^.?b', '😀b'],
    ['.+.+', '😀'],
    ['.+(?:a|\\W+)', '😀'],
    ['(?:.+|b).+', '😀'],
    ['.+a*.+', '😀'],
    ['.+(?:a)?.+', '😀'],
    ['(?:.+){2}', '😀'],
    ['.+?(?=.+)', '😀'],
  ])('%s differs for %s, and is known to', (source, one) => {
    const found = withUnicodeFlag(source);
    expect(new RegExp(found?.source ?? '', 'u').test(one)).not.toBe(new RegExp(source).test(one));
    expect(found?.countsCharacters).toBe(true);
  });

  it.each(['^[^@]+@.+$', '.*', '^(?=.*\\d).+$', '^\\w+ .+\\b', 'a.+|b.+', '^(?:[^.]+\\.)+com$', '[^/]+(?:/[a-z]+)?$'])(
    '%s is the same for every text',
    (source) => expect(withUnicodeFlag(source)?.countsCharacters).toBe(false),
  );

  it.each(['(', '\\p{L}', '\\u{61}', '\\ud83d', '😀+', '\\a', 'a{', '\\1', '[\\d-x]'])('%s has no counterpart', (source) => {
    expect(withUnicodeFlag(source)).toBeNull();
  });

  it('takes only those escapes away that say nothing', () => {
    expect(withUnicodeFlag('\\\\@\\@\\-[\\-\\@]\\.\\_')?.source).toBe('\\\\@@-[\\-@]\\._');
    expect(withUnicodeFlag('\\\\p{2}')?.source).toBe('\\\\p{2}');
  });
});
