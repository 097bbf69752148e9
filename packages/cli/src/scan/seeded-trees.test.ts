import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IDIOMS } from './reference.ts';
import { scanTree } from './scan-tree.ts';
import { seedKeys, seedTree } from './testing/seed-tree.ts';

// Code that other people wrote, as their packages hold it.
const TREES = [
  { name: 'rxjs', folder: 'src', isCommonJs: false },
  { name: '@reduxjs/toolkit', folder: 'src', isCommonJs: false },
  { name: 'lodash', folder: '', isCommonJs: true },
] as const;

const require = createRequire(import.meta.url);
const folders: string[] = [];
const table: Record<string, Record<string, string>> = {};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
  // For whoever wants to see it; a run of all tests stays quiet.
  if (process.env.SCAN_TABLE !== undefined) console.table(table);
});

function copyOf(name: string, subfolder: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'yardarm-seeded-'));
  folders.push(folder);
  const source = dirname(require.resolve(`${name}/package.json`));
  // Without its dependencies and what was built of the sources.
  const isWanted = (path: string) =>
    !/\/(?:node_modules|dist|fp)$/.test(path) &&
    (subfolder === '' || path === source || path.startsWith(join(source, subfolder)));
  cpSync(source, folder, { recursive: true, filter: isWanted });
  return folder;
}

describe('a scan of other people’s code', () => {
  it.each(TREES)('finds in $name every reference that was seeded, and no other', ({ name, folder, isCommonJs }) => {
    const root = copyOf(name, folder);
    expect(scanTree(root, seedKeys()).references).toEqual([]);
    const seeded = seedTree(root, isCommonJs);
    const { references, unparsed } = scanTree(root, seedKeys());

    const lines = (all: readonly { file: string; line: number; flag: string; idiom: string }[]) =>
      all.map((one) => `${one.file}:${one.line} ${one.flag} ${one.idiom}`).sort();
    for (const idiom of IDIOMS) {
      const wanted = lines(seeded.filter((one) => one.idiom === idiom));
      const found = lines(references.filter((one) => one.idiom === idiom));
      const missed = wanted.filter((line) => !found.includes(line)).length;
      const wrong = found.filter((line) => !wanted.includes(line)).length;
      table[idiom] = { ...table[idiom], [name]: `${wanted.length} seeded, ${missed} missed, ${wrong} false` };
    }
    expect(lines(references)).toEqual(lines(seeded));
    expect(unparsed).toEqual([]);
  });
});
