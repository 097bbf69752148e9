import { describe, expect, it } from 'vitest';
import { instructionsFor, isLanguage, kindOf, LANGUAGES } from './set-up-code.ts';

const SET_UP = { url: 'https://flags.example.com', key: null, app: 'checkout', flag: 'new-checkout' };
const textOf = (language: (typeof LANGUAGES)[number]['language'], part = {}) =>
  instructionsFor(language, { ...SET_UP, ...part })
    .steps.map(({ code }) => code)
    .join('\n');

describe('instructionsFor', () => {
  it('puts address, key and flag into every language', () => {
    for (const { language, kind } of LANGUAGES) {
      const key = kind === 'server' ? 'ys_secret' : 'yc_public';
      const text = textOf(language, { key });
      expect(text, language).toContain(SET_UP.url);
      expect(text, language).toContain(key);
      expect(text, language).toContain('new-checkout');
    }
  });

  it('keeps a secret key out of the code', () => {
    const steps = instructionsFor('node', { ...SET_UP, key: 'ys_secret' }).steps.filter(({ code }) => code.includes('ys_secret'));
    expect(steps.map(({ title }) => title)).toEqual(['Hand the key over']);
  });

  it('says what stands for a key that is not at hand', () => {
    expect(textOf('node')).toContain('YARDARM_SERVER_KEY=ys_…');
    expect(textOf('react')).toContain("key: 'yc_…'");
  });

  it('quotes a name that would end its text', () => {
    expect(textOf('node', { app: "Ann's \\ app" })).toContain("name: 'Ann\\'s \\\\ app'");
  });
});

describe('kindOf', () => {
  it('is a client key for what runs in browsers', () => {
    expect(LANGUAGES.filter(({ language }) => kindOf(language) === 'client').map(({ title }) => title)).toEqual([
      'Browser',
      'React',
    ]);
    expect(isLanguage('node')).toBe(true);
    expect(isLanguage('cobol')).toBe(false);
  });
});
