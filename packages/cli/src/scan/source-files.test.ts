import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listSourceFiles } from './source-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

describe('listSourceFiles', () => {
  it('keeps to every .gitignore of the tree, the deepest first, and to the excludes of the clone', () => {
    write({
      '.gitignore': 'dist/\n*.log.ts\n/secret.ts\n',
      '.git/info/exclude': 'mine.ts\n',
      'dist/a.js': '',
      'src/a.log.ts': '',
      'src/secret.ts': '',
      'secret.ts': '',
      'mine.ts': '',
      'src/generated/.gitignore': '*\n!kept.ts\n!kept.log.ts\n',
      'src/generated/kept.log.ts': '',
      'src/generated/gone.ts': '',
      'src/generated/kept.ts': '',
      'src/a.ts': '',
    });
    expect(listSourceFiles(folder)).toEqual([
      '.gitignore',
      'src/a.ts',
      'src/generated/kept.log.ts',
      'src/generated/kept.ts',
      'src/secret.ts',
    ]);
  });

  it('keeps to the .gitignore of the repository when it is asked for a folder of it', () => {
    write({ '.git/HEAD': '', '.gitignore': '/app/out\n', 'app/out/a.js': '', 'app/a.ts': '', 'other/b.ts': '' });
    expect(listSourceFiles(join(folder, 'app'))).toEqual(['a.ts']);
  });

  it('leaves out what a .yardarmignore names, such as tests with flags of their own', () => {
    write({ '.yardarmignore': '*.test.ts\n', 'a.test.ts': '', 'a.ts': '' });
    expect(listSourceFiles(folder)).toEqual(['.yardarmignore', 'a.ts']);
  });

  it('leaves out dependencies, prose, lock files and what was built, and follows no link', () => {
    write({
      ...{ 'node_modules/a/index.js': '', 'dist/a.js': '', 'README.md': '', 'package.json': '{}', 'pnpm-lock.yaml': '' },
      ...{ 'a.min.js': '', 'logo.png': '', 'main.go': '', 'config.yml': '' },
    });
    symlinkSync('/', join(folder, 'root'));
    expect(listSourceFiles(folder)).toEqual(['config.yml', 'main.go']);
  });
});
