/** The command as it is published, with a real server and a real repository: from login to the flag that is gone from the code. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mustCall } from '../bench/crash/call.mjs';
import { spawnServer, TOKEN } from '../bench/crash/server.mjs';
import { root, temporaryDirectory } from '../scripts/launch.mjs';

const MAIN = path.join(root, 'packages/cli/dist/main.js');
const CODE = `import { OpenFeature } from '@openfeature/server-sdk';

const client = OpenFeature.getClient();
export async function total(price: number): Promise<number> {
  if (await client.getBooleanValue('new-checkout', false)) return price * 2;
  return price;
}
`;

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ReturnType<typeof spawnServer>;
let url: string;
let repository: string;
let home: string;

beforeAll(async () => {
  folder = await temporaryDirectory();
  server = spawnServer(path.join(folder.path, 'data'));
  url = await server.ready;
  await call('POST', '/projects', { key: 'shop', name: 'Shop' });
  await call('POST', '/projects/shop/environments', { key: 'production', name: 'Production' });
  const flag = { kind: 'release', variants: { on: true, off: false }, owner: 'payments' };
  await call('POST', '/projects/shop/flags', { ...flag, key: 'new-checkout', expiresOn: '2020-01-31' });
  await call('POST', '/projects/shop/flags', { ...flag, key: 'banner', expiresOn: '2030-01-31' });
  repository = path.join(folder.path, 'shop');
  home = path.join(folder.path, 'home');
  await mkdir(path.join(repository, 'src'), { recursive: true });
  await mkdir(home);
  await writeFile(path.join(repository, 'src/total.ts'), "export const total = 'banner';\n");
  git('init', '--quiet', '--initial-branch=main');
  // Where the action fetches the base of a pull request from.
  git('remote', 'add', 'origin', repository);
  commit('Begin');
  await writeFile(path.join(repository, 'src/total.ts'), CODE);
  commit('Double the price');
});
afterAll(async () => {
  await server?.stop();
  await folder?.remove();
});

const call = async (method: string, path: string, body?: object): Promise<unknown> =>
  (await mustCall({ url }, { method, path, ...(body && { body }) })).body;

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Kim', '-c', 'user.email=kim@example.com', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...who, ...args], { cwd: repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

function commit(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

interface Ran {
  readonly code: number | null;
  readonly text: string;
}

/** Nothing of this process's own environment reaches it: what it knows of the server is what `login` kept. */
const yardarm = (args: readonly string[], { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {}) =>
  start(process.execPath, [MAIN, ...args], { PATH: process.env.PATH, HOME: home, YARDARM_PROJECT: 'shop', ...env }, input);

async function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ran> {
  const child = spawn(command, args, { cwd: repository, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, text: text.trim() };
}

async function must(...args: string[]): Promise<string> {
  const { code, text } = await yardarm(args);
  expect([args.join(' '), code, code === 0 ? '' : text]).toEqual([args.join(' '), 0, '']);
  return text;
}
const mustJson = async (...args: string[]) => JSON.parse(await must(...args, '--json'));

it('has help for every command, completes them, and tells usage from an API that is not there', async () => {
  const overview = await must('--help');
  const names = [...overview.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
  expect(names).toEqual(
    expect.arrayContaining(
      'check scan deployed remove generate flags kill unkill changes export import audit login doctor completion'.split(' '),
    ),
  );
  expect(await must('scan', '--help')).toContain('--json');
  expect((await yardarm(['scan', '--no-such-option'])).code).toBe(2);
  const script = await must('completion', 'bash');
  expect(spawnSync('bash', ['-n'], { input: script }).status).toBe(0);
  expect((await yardarm(['flags', '--url', 'http://127.0.0.1:9', '--token', 'x'])).code).toBe(3);
});

it('logs in, and finds everything as it should be', async () => {
  expect((await yardarm(['login', '--url', url], { input: 'wrong' })).code).toBe(3);
  expect(await yardarm(['login', '--url', url], { input: TOKEN })).toMatchObject({ code: 0 });
  expect((await mustJson('doctor')).diagnoses.every(({ ok }: { ok: boolean }) => ok)).toBe(true);
});

it('uploads what a commit names, says what runs, and the server knows both', async () => {
  expect((await mustJson('scan')).references).toMatchObject([{ flag: 'new-checkout', file: 'src/total.ts', line: 5 }]);
  expect(await mustJson('scan', '--upload', '--repository', 'acme/shop', '--default-branch', 'main')).toMatchObject({
    ...{ isHead: true, flags: 1, unknown: [] },
  });
  const references = await call('GET', '/projects/shop/flags/new-checkout/code-references');
  expect(JSON.stringify(references)).toContain('src/total.ts');
  await must('deployed', '--app', 'shop', '--commit', git('rev-parse', 'HEAD'), '--environment', 'production');
  expect(await call('GET', '/projects/shop/builds')).toMatchObject({
    items: [{ source: 'deployed', app: 'shop', commit: git('rev-parse', 'HEAD'), hasReferences: true }],
  });
  expect(await call('GET', '/projects/shop/flags/new-checkout/verdict')).toMatchObject({ verdict: 'blocked' });
});

it('fails a build on an expired flag, from the server and from a snapshot without a network alike', async () => {
  const online = await yardarm(['check', '--json']);
  expect(online.code).toBe(1);
  const report = JSON.parse(online.text);
  expect(report.findings).toMatchObject([
    { code: 'expired', severity: 'error', flag: 'new-checkout', place: { file: 'src/total.ts', line: 5 } },
  ]);
  const file = path.join(folder.path, 'flags.json');
  await must('export', '--check', '--out', file);
  const offline = { HOME: folder.path, YARDARM_URL: 'http://127.0.0.1:9' };
  const again = await yardarm(['check', '--snapshot', file, '--json'], { env: offline });
  expect([again.code, JSON.parse(again.text)]).toEqual([1, report]);
  for (const format of ['text', 'github', 'gitlab', 'sarif', 'junit']) {
    const { code, text } = await yardarm(['check', '--snapshot', file, '--format', format], { env: offline });
    expect([format, code, text]).toEqual([format, 1, expect.stringMatching(/src\/total\.ts[\s\S]*5|5[\s\S]*src\/total\.ts/)]);
  }
});

it('runs in the action: the check fails, the summary names what the pull request adds, and the push is uploaded', async () => {
  const action = await readFile(path.join(root, 'packages/cli/ci/action.yml'), 'utf8');
  const summary = path.join(folder.path, 'summary.md');
  const step = (name: string, env: Record<string, string>) => {
    const script = action
      .split(`- name: ${name}\n`)[1]
      ?.split('      run: |\n')[1]
      ?.split(/^ {4}- name/m)[0]
      ?.replace(/^ {8}/gm, '');
    const given = {
      ...{
        PATH: process.env.PATH,
        HOME: home,
        YARDARM_URL: url,
        YARDARM_TOKEN: TOKEN,
        YARDARM_PROJECT: 'shop',
        SOURCE: '.',
        SNAPSHOT: '',
      },
      ...{
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REF_NAME: 'main',
      },
      ...{ GITHUB_SHA: git('rev-parse', 'HEAD'), GITHUB_STEP_SUMMARY: summary, RUNNER_TEMP: folder.path, STRICT: 'false' },
      YARDARM_COMMAND: `${process.execPath} ${MAIN}`,
      ...env,
    };
    const bash = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script ?? 'exit 99'];
    return start('bash', bash, given);
  };
  expect(await step('Check', {})).toEqual({ code: 1, text: expect.stringMatching(/^::error file=src\/total\.ts,line=5,/m) });
  const pull = { BASE: git('rev-parse', 'HEAD~1'), GH_TOKEN: '', PULL_REQUEST: '12' };
  expect((await step('Summary', pull)).code).toBe(0);
  const text = await readFile(summary, 'utf8');
  expect(text).toMatch(/\*\*Added\*\*\n\n- `new-checkout`: owner payments, expires on 2020-01-31/);
  expect(text).toMatch(/\*\*Removed\*\*\n\n- `banner`: once this is deployed and its verdict is safe, archive it/);
  expect(text).toContain('**Expired or about to expire**');
  // As in a container of another user: git trusts the checkout by the variables of the step alone.
  const [, variables = ''] = /- name: Upload\n[\s\S]*?( +GIT_CONFIG_COUNT[\s\S]*?) +run:/.exec(action) ?? [];
  const trust = Object.fromEntries([...variables.matchAll(/(\w+): "?([^"\n]+)"?\n/g)].map(([, name, value]) => [name, value]));
  const untrusted = { YARDARM_DEFAULT_BRANCH: 'main', GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' };
  expect(await step('Upload', untrusted)).toEqual({ code: 2, text: expect.stringContaining('safe.directory') });
  expect(await step('Upload', { ...untrusted, ...trust })).toMatchObject({ code: 0 });
});

it('runs in GitLab: findings in both reports, the second fails the job, and the branch is uploaded with links to it', async () => {
  const snippet = await readFile(path.join(root, 'packages/cli/ci/gitlab.yml'), 'utf8');
  const job = (name: string) => {
    const [, script = 'exit 99'] = /^ {2}script:\n((?: {4}.*\n)+)/m.exec(snippet.split(`\n${name}:\n`)[1] ?? '') ?? [];
    const lines = script.split('\n').filter((line) => line.startsWith('    - '));
    const given = {
      ...{ PATH: process.env.PATH, HOME: home, YARDARM_URL: url, YARDARM_TOKEN: TOKEN, YARDARM_PROJECT: 'shop' },
      ...{ GITLAB_CI: 'true', CI_PROJECT_PATH: 'acme/shop', CI_PROJECT_URL: 'https://gitlab.example.com/acme/shop' },
      ...{ CI_COMMIT_REF_NAME: 'main', CI_DEFAULT_BRANCH: 'main', CI_COMMIT_SHA: git('rev-parse', 'HEAD') },
      YARDARM_COMMAND: `${process.execPath} ${MAIN}`,
    };
    const commands = lines.map((line) => line.slice('    - '.length)).join('\n');
    return start('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', commands], given);
  };
  expect((await job('yardarm-check')).code).toBe(1);
  const reports = ['yardarm-quality.json', 'yardarm-junit.xml'].map((file) => path.join(repository, file));
  const [quality = '', junit = ''] = await Promise.all(reports.map((file) => readFile(file, 'utf8')));
  expect(JSON.parse(quality)).toMatchObject([
    { check_name: 'yardarm/expired', location: { path: 'src/total.ts', lines: { begin: 5 } } },
  ]);
  expect(junit).toContain('src/total.ts:5: ');
  await Promise.all(reports.map((file) => rm(file)));
  // The action uploaded the same of this commit before.
  expect(await job('yardarm-scan')).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^Uploaded before: 1 reference to 1 flag/),
  });
  const references = await call('GET', '/projects/shop/flags/new-checkout/code-references');
  expect(JSON.stringify(references)).toContain('https://gitlab.example.com/acme/shop/-/blob/');
});

it('runs before a commit: without a network it stops one that names an expired flag, and lets the next one pass', async () => {
  const hooks = await readFile(path.join(root, '.pre-commit-hooks.yaml'), 'utf8');
  const [, entry = 'exit 99'] = /^ {2}entry: (.+)$/m.exec(hooks) ?? [];
  const clone = path.join(folder.path, 'clone');
  const bin = path.join(folder.path, 'bin');
  git('clone', '--quiet', '.', clone);
  await mkdir(bin);
  // The build does not make it executable; npm does when it installs it.
  await writeFile(path.join(bin, 'yardarm'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`, { mode: 0o755 });
  await must('export', '--check', '--out', path.join(clone, 'yardarm-flags.json'));
  // As pre-commit runs it: in the root of the repository, of which it knows no more than that.
  await writeFile(path.join(clone, '.git/hooks/pre-commit'), `#!/bin/sh\nexec ${entry}\n`, { mode: 0o755 });
  const who = {
    GIT_AUTHOR_NAME: 'Kim',
    GIT_AUTHOR_EMAIL: 'kim@example.com',
    GIT_COMMITTER_NAME: 'Kim',
    GIT_COMMITTER_EMAIL: 'kim@example.com',
  };
  const env = { ...who, PATH: `${bin}:${process.env.PATH}`, HOME: folder.path };
  const commitAll = async () => {
    await start('git', ['-C', clone, 'add', '--all'], env);
    return start('git', ['-C', clone, 'commit', '--message', 'Next'], env);
  };
  const refused = await commitAll();
  expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/^src\/total\.ts:5:\d+: error: /m)]);
  await writeFile(path.join(clone, 'src/total.ts'), 'export const total = (price: number) => price * 2;\n');
  expect((await commitAll()).code).toBe(0);
});

it('kills, unkills and says who did', async () => {
  const on = async (expected: boolean) =>
    expect(await call('GET', '/projects/shop/flags/banner')).toMatchObject({
      environments: [{ environment: 'production', on: expected }],
    });
  await must('unkill', 'banner', '--environment', 'production');
  await on(true);
  await must('kill', 'banner', '--environment', 'production', '--reason', 'on fire');
  await on(false);
  expect(await must('changes', 'banner')).toContain('on fire');
  expect(await must('flags')).toContain('banner');
  await must('audit', 'verify');
});

it('generates a module, and takes the flag out of the code', async () => {
  const out = path.join(folder.path, 'flags.ts');
  await must('generate', '--out', out);
  await must('generate', '--out', out, '--check');
  expect(await readFile(out, 'utf8')).toContain('new-checkout');
  expect(await must('remove', 'new-checkout', '--keep', 'on', '--dry-run')).toContain('-  if (await client.getBooleanValue');
  expect(await readFile(path.join(repository, 'src/total.ts'), 'utf8')).toBe(CODE);
  await must('remove', 'new-checkout', '--keep', 'on');
  const left = await readFile(path.join(repository, 'src/total.ts'), 'utf8');
  expect(left).toContain('return price * 2;');
  expect(left).not.toContain('new-checkout');
  expect((await yardarm(['check'])).code).toBe(0);
});

it('exports the instance to a file that it verifies', async () => {
  const out = path.join(folder.path, 'instance.jsonl');
  await must('export', '--out', out);
  await must('export', 'verify', out);
});
