import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './command-table.ts';
import { useRig } from './testing/rig.ts';
import { VERSION } from './version.ts';

const rig = useRig();

describe('help and completion', () => {
  it('exist for every command', async () => {
    for (const { name, options } of COMMANDS) {
      const { code, text } = await rig.yardarm(name, '--help');
      expect(code).toBe(0);
      for (const option of options) expect(text).toContain(`--${option}`);
    }
  });

  it.each([
    ['bash', ['bash', '-n']],
    ['zsh', ['zsh', '-n']],
    ['fish', ['fish', '-n']],
  ] as const)('name every command and option for %s, in a script without errors', async (shell, [program, ...flags]) => {
    const { code, text } = await rig.yardarm('completion', shell);
    expect(code).toBe(0);
    for (const { name, options } of COMMANDS) for (const word of [name, ...options]) expect(text).toContain(word);
    const file = join(rig.home, 'completion');
    writeFileSync(file, text);
    const { error, stderr } = spawnSync(program, [...flags, file]);
    // Of the three, bash alone is on every machine.
    if (shell === 'bash') expect(error).toBeUndefined();
    if (error === undefined) expect(stderr.toString()).toBe('');
  });

  it('completes a command, its options and their choices in bash', async () => {
    const file = join(rig.home, 'completion');
    writeFileSync(file, (await rig.yardarm('completion', 'bash')).text);
    const complete = (...words: string[]) => {
      const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
      return spawnSync('bash', ['-c', `source ${file}; ${set}; _yardarm; printf '%s\n' "\${COMPREPLY[@]}"`])
        .stdout.toString()
        .trim();
    };
    expect(complete('yardarm', 'dep')).toBe('deployed');
    expect(complete('yardarm', 'check', '--sna')).toBe('--snapshot');
    expect(complete('yardarm', 'check', '--format', 'sa')).toBe('sarif');
    expect(complete('yardarm', 'audit', 'ver')).toBe('verify');
  });
});

it('says the version of its package', () => {
  const packageJson: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(packageJson.version);
});
