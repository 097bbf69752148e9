import { describe, expect, it } from 'vitest';
import { uncovered } from './uncovered.ts';

/** Every set of some of `all`. */
function subsets<T>(all: readonly T[]): T[][] {
  return Array.from({ length: 2 ** all.length }, (_, chosen) => all.filter((_one, index) => (chosen >> index) % 2 === 1));
}
const isBelow = (file: string, folder: string) => folder === '' || file === folder || file.startsWith(`${folder}/`);

describe('uncovered', () => {
  it('is nothing exactly where the parts have every file, of every tree of six files and any of its folders', () => {
    const FILES = ['a/b/1', 'a/b/2', 'a/c/1', 'a/ab', 'ab/1', 'x'];
    const FOLDERS = ['', 'a', 'a/b', 'a/c', 'ab'];
    let cases = 0;
    for (const files of subsets(FILES))
      for (const parts of subsets(FOLDERS).filter(({ length }) => length > 0)) {
        const left = files.filter((file) => !parts.some((part) => isBelow(file, part)));
        const found = uncovered(parts.map((part) => restOf(files, part))) ?? ['nothing said'];
        expect([files, parts, left.filter((file) => !found.some((path) => isBelow(file, path)))]).toEqual([files, parts, []]);
        expect([files, parts, found.filter((path) => !left.some((file) => isBelow(file, path)))]).toEqual([files, parts, []]);
        cases++;
      }
    expect(cases).toBe(2 ** 6 * (2 ** 5 - 1));
  });

  it('is not known where no upload says what it leaves out, and only what others leave out where one says nothing', () => {
    expect(uncovered([])).toBe(null);
    expect(uncovered([null])).toBe(null);
    expect(uncovered([null, ['a'], ['a/b', 'c']])).toEqual(['a/b']);
    expect(uncovered([null, []])).toEqual([]);
  });

  it('takes the name of a folder for no part of another one', () => {
    expect(uncovered([['a'], ['ab']])).toEqual([]);
  });
});

/** As the command says it: what is beside the folder, and beside each folder around it. */
function restOf(files: readonly string[], part: string): string[] {
  const around = part === '' ? [] : part.split('/');
  const beside = files
    .filter((file) => !isBelow(file, part))
    .map((file) => {
      const names = file.split('/');
      const shared = names.findIndex((name, index) => name !== around[index]);
      return names.slice(0, shared + 1).join('/');
    });
  return [...new Set(beside)];
}
