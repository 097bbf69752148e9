import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const scripts = import.meta.dirname;
const PATIENCE = { timeout: 20_000 };
let root = '';
let children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'yardarm lock '));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

/** A command that notes when it works and when it has done, and works until the file `<name>.go` is there. */
function command(name: string) {
  const source = `
    import { appendFileSync } from 'node:fs';
    import { createFamily } from ${JSON.stringify(path.join(scripts, 'family.mjs'))};
    import { withLock } from ${JSON.stringify(path.join(scripts, 'lock.mjs'))};
    const note = (text) => appendFileSync('journal', '${name} ' + text + '\\n');
    const family = createFamily();
    const work = "const { existsSync } = require('node:fs'); setInterval(() => existsSync('${name}.go') && process.exit(), 20)";
    const options = { cwd: process.cwd(), env: process.env, stdio: 'pipe' };
    try {
      await withLock({ root: process.cwd(), family, env: process.env }, async () => {
        note('works');
        const { code } = await family.run(process.execPath, ['-e', work], options);
        if (code === 0) note('has done');
      });
    } catch {
      process.exitCode = 9;
    }
    await family.release();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return { child, ended: once(child, 'exit'), output: () => output };
}

const journal = async () =>
  (existsSync(path.join(root, 'journal')) ? await readFile(path.join(root, 'journal'), 'utf8') : '').split('\n');
const letGo = (name: string) => writeFile(path.join(root, `${name}.go`), '');
const locks = async () => (await readdir(root)).filter((name) => name.includes('lock'));

describe('a command that installs or builds', () => {
  it('makes another one wait, which says so in one line and goes on afterwards', async () => {
    const first = command('first');
    await expect.poll(journal, PATIENCE).toContain('first works');
    const second = command('second');
    await expect.poll(second.output, PATIENCE).toContain(`Waiting for process ${first.child.pid}`);
    await letGo('second');
    await letGo('first');
    await Promise.all([first.ended, second.ended]);
    expect(await journal()).toEqual(['first works', 'first has done', 'second works', 'second has done', '']);
    expect(first.output()).toBe('');
    expect(second.output().trimEnd().split('\n')).toHaveLength(1);
    expect(await locks()).toEqual([]);
  });

  it('is alone, however many start at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map(letGo));
    await Promise.all(names.map((name) => command(name).ended));
    const lines = (await journal()).slice(0, -1);
    expect(lines).toHaveLength(8);
    expect(lines.filter((_, index) => index % 2 === 1)).toEqual(
      lines.filter((_, index) => index % 2 === 0).map((line) => line.replace('works', 'has done')),
    );
    expect(await locks()).toEqual([]);
  });

  it('does not wait for one that was killed', async () => {
    const first = command('first');
    await expect.poll(journal, PATIENCE).toContain('first works');
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await locks()).toHaveLength(1);
    await letGo('first');
    await letGo('second');
    const second = command('second');
    await second.ended;
    expect(await journal()).toContain('second has done');
    expect(second.output()).toBe('');
    expect(await locks()).toEqual([]);
  });

  it('leaves nothing behind on Ctrl-C, neither while it works nor while it waits', async () => {
    const first = command('first');
    await expect.poll(journal, PATIENCE).toContain('first works');
    const second = command('second');
    await expect.poll(second.output, PATIENCE).toContain('Waiting');
    second.child.kill('SIGINT');
    expect(await second.ended).toEqual([9, null]);
    expect(await locks()).toHaveLength(1);
    first.child.kill('SIGINT');
    await first.ended;
    expect(await journal()).toEqual(['first works', '']);
    expect(await locks()).toEqual([]);
  });
});
