import { expect, it } from 'vitest';
import { outcomeSentence } from './bulk-words.ts';

it('says what became of each of several flags', () => {
  const refused = [{ flag: 'c', code: 'in_use', message: 'It is in use.' }];
  expect(outcomeSentence('archive', { changed: ['a', 'b'], unchanged: [], refused: [] })).toBe('2 flags archived');
  expect(outcomeSentence('kill', { changed: ['a'], unchanged: ['b'], refused: [] })).toBe('1 flag killed, 1 off already');
  expect(outcomeSentence('add_tag', { changed: [], unchanged: [], refused })).toBe('0 flags tagged, 1 left as it was');
});
