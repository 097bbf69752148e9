import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'yardarm stop '));
  await cp(import.meta.dirname, path.join(root, 'scripts'), { recursive: true });
  for (const folder of ['apps', 'packages', 'examples', 'bin']) await mkdir(path.join(root, folder));
  await writeFile(path.join(root, 'package.json'), '{ "packageManager": "pnpm@10.0.0" }');
  // Stands for a registry that does not answer.
  const waits = `#!${process.execPath}\nrequire('node:fs').writeFileSync('installing', ''); setInterval(() => {}, 1000);`;
  await writeFile(path.join(root, 'bin', 'npx'), waits, { mode: 0o755 });
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('Ctrl-C during an install', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '(%s) ends it with one word, as no failure, and leaves nothing behind',
    { timeout: 30_000 },
    async (signal, code) => {
      const env = { ...process.env, PATH: `${path.join(root, 'bin')}${path.delimiter}${process.env.PATH}` };
      const child = spawn(process.execPath, ['scripts/run.mjs', 'start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
        });
      await expect.poll(() => existsSync(path.join(root, 'installing')), { timeout: 20_000 }).toBe(true);
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([code, null]);
      expect(output).toBe('  Installing packages (pnpm@10.0.0; the first time takes a while) … \n  Stopped.\n');
      expect((await readdir(root)).sort()).toEqual([
        'apps',
        'bin',
        'examples',
        'installing',
        'package.json',
        'packages',
        'scripts',
      ]);
    },
  );
});
