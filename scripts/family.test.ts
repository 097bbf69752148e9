import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFamily } from './family.mjs';

const cwd = path.dirname(import.meta.dirname);
const options = { cwd, env: process.env, stdio: 'pipe' as const };

async function withFamily<T>(use: (family: ReturnType<typeof createFamily>) => Promise<T>): Promise<T> {
  const family = createFamily();
  try {
    return await use(family);
  } finally {
    await family.release();
  }
}

describe('a process of the family', () => {
  it('gives its exit code and what it printed on both streams', async () => {
    const code = "console.log('out'); console.error('err'); process.exitCode = 7;";
    const ended = await withFamily((family) => family.run(process.execPath, ['-e', code], options));
    expect(ended.code).toBe(7);
    expect(ended.output.split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('that cannot be started ends with 127 and a sentence', async () => {
    const ended = await withFamily((family) => family.run('no-such-program-here', [], options));
    expect(ended).toEqual({ code: 127, output: "The program 'no-such-program-here' could not be started; is it on the PATH?" });
  });

  it('takes the children that it left behind with it, though they hold its output open', async () => {
    const leaves = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log(child.pid);
      child.unref();`;
    const { output } = await withFamily((family) => family.run(process.execPath, ['-e', leaves], options));
    expect(isRunning(Number(output))).toBe(false);
  });
});

describe('a signal to the command', () => {
  it('reaches a server alone, once, and the command ends with what the server answers', async () => {
    const server =
      "process.on('SIGTERM', () => { console.log('closing'); process.exit(3); }); setInterval(() => {}, 1000); process.send('up');";
    const command = `
      import { createFamily } from './scripts/family.mjs';
      const family = createFamily();
      const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
      const { child, ended } = family.begin(process.execPath, ['-e', ${JSON.stringify(server)}], { stdio }, { wholeGroup: false });
      child.on('message', () => console.log('up'));
      process.exitCode = await ended;`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', command], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output === 'up\n') child.kill('SIGTERM');
    });
    const [code] = await once(child, 'exit');
    expect({ code, output }).toEqual({ code: 3, output: 'up\nclosing\n' });
  });
});

/** A process that has ended but was not waited for is still listed, as a zombie. */
function isRunning(pid: number): boolean {
  if (existsSync('/proc/self')) return existsSync(`/proc/${pid}/cwd`) && existsSync(`/proc/${pid}/exe`);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
