import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findReferences } from './find-references.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yardarm-scan-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), text);
}

describe('findReferences', () => {
  it('finds a key between quotes of any kind, with file and line', async () => {
    write('src/a.ts', "\nclient.getBooleanValue('new-checkout', false);\n");
    write('b.py', 'flag = "new-checkout"\nx = `new-checkout`\n');
    expect(await findReferences(directory, ['new-checkout'])).toEqual([
      { flag: 'new-checkout', file: 'b.py', line: 1 },
      { flag: 'new-checkout', file: 'b.py', line: 2 },
      { flag: 'new-checkout', file: 'src/a.ts', line: 2 },
    ]);
  });

  it('does not take a longer key, an unquoted word or a pattern character for the key', async () => {
    write('a.ts', "'new-checkout-2'; // new-checkout\n'newXcheckout'\n");
    expect(await findReferences(directory, ['new-checkout', 'new.checkout'])).toEqual([]);
  });

  it('leaves out what git ignores, dependencies and binary files', async () => {
    write('node_modules/x/index.js', "'f'");
    write('image.bin', "\0'f'");
    write('kept.js', "'f'");
    expect((await findReferences(directory, ['f'])).map(({ file }) => file)).toEqual(['kept.js']);
    execFileSync('git', ['init', '-q'], { cwd: directory });
    write('.gitignore', 'node_modules\nkept.js\n');
    expect(await findReferences(directory, ['f'])).toEqual([]);
  });
});
