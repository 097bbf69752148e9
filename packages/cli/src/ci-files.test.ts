import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS, FORMATS } from './command-table.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const ACTION = read('ci/action.yml');

interface Step {
  readonly name: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}
const STEPS = (parse(ACTION) as { runs: { steps: Step[] } }).runs.steps;
const scriptOf = (name: string) => STEPS.find((step) => step.name === name)?.run ?? 'exit 99';

/** Runs a step with a `yardarm` that notes its arguments and ends as it is told. */
function runStep(name: string, env: Record<string, string>, exitCode = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'yardarm-action-'));
  try {
    const fake = join(folder, 'fake');
    writeFileSync(fake, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${folder}/calls\ntouch ${folder}/yardarm.md\nexit ${exitCode}\n`);
    chmodSync(fake, 0o755);
    const given = {
      PATH: process.env.PATH,
      YARDARM_COMMAND: fake,
      RUNNER_TEMP: folder,
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      SOURCE: '.',
    };
    // As GitHub runs a step of bash.
    const bash = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', scriptOf(name)];
    const { status } = spawnSync('bash', bash, { env: { ...given, ...env }, cwd: folder });
    return { status, calls: readFileSync(join(folder, 'calls'), 'utf8').replaceAll(folder, '').trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the files for CI', () => {
  it.each(['ci/action.yml', 'ci/gitlab.yml', '../../.pre-commit-hooks.yaml'])(
    'of %s use only commands and options that there are',
    (path) => {
      const text = read(path);
      expect(() => parse(text)).not.toThrow();
      const calls = [...text.matchAll(/(?:\$YARDARM_COMMAND|entry: yardarm) (\w+)([^\n]*)/g)];
      expect(calls.length).toBeGreaterThan(0);
      for (const [, command, rest = ''] of calls) {
        const spec = COMMANDS.find(({ name }) => name === command);
        const options = `${rest}${rest.includes('args') ? (text.match(/args\+?=\([^)]*\)/g) ?? []).join(' ') : ''}`;
        for (const [, option] of options.matchAll(/(?<![\w-])--([a-z-]+)/g)) expect(spec?.options).toContain(option);
      }
      for (const [, format] of text.matchAll(/--format (\w+)/g)) expect(FORMATS).toContain(format);
    },
  );

  it('fail the check of the action with its findings, and not its summary', () => {
    expect(runStep('Check', { YARDARM_URL: '', SNAPSHOT: 'f.json', STRICT: 'true' }, 1)).toEqual({
      status: 1,
      calls: 'check --source . --format github --snapshot f.json --strict',
    });
    const summary = { YARDARM_URL: 'http://x', SNAPSHOT: '', BASE: '', GH_TOKEN: '', PULL_REQUEST: '' };
    expect(runStep('Summary', summary, 1)).toEqual({ status: 0, calls: 'check --source . --summary --out /yardarm.md' });
    expect(runStep('Summary', summary, 3).status).not.toBe(0);
    expect(runStep('Upload', {})).toEqual({ status: 0, calls: 'scan --source . --upload' });
  });

  it('write no input into a script of the action, where it would be run', () => {
    for (const { run } of STEPS) expect(run).not.toContain('${{');
  });

  it('let git work in a checkout of another user wherever they need it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yardarm-owner-'));
    try {
      spawnSync('git', ['init', '--quiet'], { cwd: folder });
      const steps = STEPS.filter(({ run }) => /\bgit fetch\b|--upload/.test(run));
      expect(steps.map(({ name }) => name)).toEqual(['Summary', 'Upload']);
      for (const { env } of steps) {
        const settings = Object.entries(env).filter(([name]) => name.startsWith('GIT_CONFIG_'));
        const surroundings = { PATH: process.env.PATH, HOME: folder, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' };
        const { status } = spawnSync('git', ['status'], {
          cwd: folder,
          env: { ...surroundings, ...Object.fromEntries(settings) },
        });
        expect(status).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
