/** Trees and repositories as nobody draws them in a manual: each gets a right result, or one clear sentence. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { snapshot, useRig } from './testing/rig.ts';

const rig = useRig();
const CODE = `import { OpenFeature } from '@openfeature/server-sdk';
const client = OpenFeature.getClient();
export async function total(price: number) {
  if (await client.getBooleanValue('new-checkout', false)) return price * 2;
  return price;
}
`;
const REMOVED = `export async function total(price: number) {
  return price * 2;
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-odd-'));
  write('flags.json', JSON.stringify(snapshot));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** In `directory`, below the folder. Nothing of the person who runs the tests reaches it. */
function git(directory: string, ...args: string[]): string {
  const settings = ['user.name=Kim', 'user.email=kim@example.com', 'commit.gpgsign=false', 'protocol.file.allow=always'];
  const { status, stdout, stderr } = spawnSync('git', [...settings.flatMap((one) => ['-c', one]), ...args], {
    cwd: join(folder, directory),
    env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** With one commit of the code, of acme/shop. */
function makeRepository(directory: string): void {
  write(`${directory}/src/total.ts`, CODE);
  git(directory, 'init', '--quiet', '--initial-branch=main');
  git(directory, 'remote', 'add', 'origin', 'git@github.com:acme/shop.git');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--message', 'Begin');
}

/** Where the check finds the expired flag, or its sentence. */
async function check(directory: string): Promise<readonly string[] | string> {
  const { code, text } = await rig.yardarm(
    ...['check', '--source', join(folder, directory), '--snapshot', join(folder, 'flags.json'), '--json'],
  );
  if (code > 1) return text;
  const { findings } = JSON.parse(text) as { findings: { place: { file: string; line: number } | null }[] };
  return findings.flatMap(({ place }) => (place === null ? [] : `${place.file}:${place.line}`));
}
const upload = (directory: string, ...more: string[]) =>
  rig.yardarm('scan', '--upload', '--source', join(folder, directory), ...more);
/** In a job of GitHub Actions for acme/shop. */
const uploadInCi = (directory: string, env: Record<string, string>, ...more: string[]) =>
  rig.yardarmWith(
    {
      ...{ YARDARM_URL: rig.url, YARDARM_TOKEN: 'secret-token', YARDARM_PROJECT: 'shop', HOME: rig.home },
      ...{ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_REF_NAME: 'main', ...env },
    },
    ...['scan', '--upload', '--source', join(folder, directory), ...more],
  );
const refused = (sentence: string) => ({ code: 2, text: expect.stringContaining(sentence) });
const uploaded = () =>
  JSON.parse(rig.requests.at(-1)?.body ?? '') as Record<string, unknown> & { references: { path: string }[] };
const remove = (directory: string) =>
  rig.yardarm('remove', 'new-checkout', '--value', 'true', '--source', join(folder, directory), '--json');

describe('a repository', () => {
  it('without files or commits says what is missing, and one with a detached head, too', async () => {
    mkdirSync(join(folder, 'empty'));
    git('empty', 'init', '--quiet');
    expect(await check('empty')).toEqual([]);
    git('empty', 'remote', 'add', 'origin', 'git@github.com:acme/shop.git');
    const sentence = (what: string) => expect.stringMatching(`says which ${what} this is: give --${what}\\.$`);
    expect(await upload('empty')).toEqual({ code: 2, text: sentence('commit') });
    makeRepository('shop');
    git('shop', 'checkout', '--quiet', '--detach');
    expect(await upload('shop')).toEqual({ code: 2, text: sentence('branch') });
    expect((await upload('shop', '--branch', 'main')).code).toBe(0);
  });

  it('that is bare, or is the inside of another one, is no code without flags', async () => {
    makeRepository('shop');
    git('.', 'clone', '--quiet', '--bare', 'shop', 'shop.git');
    for (const directory of ['shop.git', 'shop/.git']) {
      const { code, text } = await upload(directory);
      expect([code, text]).toEqual([2, expect.stringContaining('is a repository without its files: give a checkout of it.')]);
      expect(await check(directory)).toEqual(text);
      expect((await remove(directory)).code).toBe(2);
    }
  });

  it('is uploaded as a whole, or a part of it under a name of its own', async () => {
    makeRepository('shop');
    const { code, text } = await upload('shop/src');
    expect([code, text]).toEqual([2, expect.stringMatching(/is a part of acme\/shop, .* such as acme\/shop\/src, and/)]);
    expect(rig.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect((await upload('shop/src', '--repository', 'acme/shop/src')).code).toBe(0);
    expect(uploaded()).toMatchObject({ repository: 'acme/shop/src', references: [{ path: 'src/total.ts' }] });
  });

  it('is read in a worktree, a shallow clone and a submodule as in a clone, without the file that git keeps there', async () => {
    makeRepository('shop');
    git('shop', 'worktree', 'add', '--quiet', '../tree', '-b', 'tree');
    git('.', 'clone', '--quiet', '--depth', '1', `file://${join(folder, 'shop')}`, 'shallow');
    mkdirSync(join(folder, 'around'));
    git('around', 'init', '--quiet');
    git('around', 'submodule', '--quiet', 'add', join(folder, 'shop'), 'sub');
    expect(await check('around')).toEqual(['sub/src/total.ts:4']);
    for (const directory of ['tree', 'shallow', 'around/sub']) {
      expect(await check(directory)).toEqual(['src/total.ts:4']);
      expect((await upload(directory, '--repository', 'acme/shop', '--branch', 'main')).code).toBe(0);
      expect(uploaded()).toMatchObject({ commit: git('shop', 'rev-parse', 'HEAD'), references: [{ path: 'src/total.ts' }] });
    }
    // Around a submodule, whether that is at its commit, at another one, or not there, as CI leaves it.
    git('around', 'commit', '--quiet', '--message', 'Begin');
    for (const args of [
      ['-C', 'sub', 'commit', '--quiet', '--allow-empty', '--message', 'Next'],
      ['submodule', '--quiet', 'deinit', '--force', 'sub'],
    ]) {
      expect((await upload('around', '--repository', 'acme/around', '--branch', 'main')).code).toBe(0);
      git('around', ...args);
    }
    expect((await upload('around', '--repository', 'acme/around', '--branch', 'main')).code).toBe(0);
    const { text } = await rig.yardarm('scan', '--source', join(folder, 'tree'), '--keys', 'new-checkout');
    expect(text).toContain('in 1 file.');
  });
});

describe('an upload', () => {
  it('needs no git to see a part, and says that nothing was compared where git is not there, or no repository', async () => {
    makeRepository('shop');
    write('archive/total.ts', CODE);
    const ci = { GITHUB_SHA: git('shop', 'rev-parse', 'HEAD') };
    vi.stubEnv('PATH', join(folder, 'nothing'));
    expect(await uploadInCi('shop/src', ci)).toEqual(refused("shop/src' is a part of acme/shop"));
    const { code, text } = await uploadInCi('shop', ci);
    expect([code, text]).toEqual([0, expect.stringContaining('git is not installed, so that nobody compared')]);
    expect(uploaded()).toMatchObject({ references: [{ path: 'src/total.ts' }] });
    vi.unstubAllEnvs();
    const archive = await uploadInCi('archive', ci);
    expect(archive).toEqual({ code: 0, text: expect.stringContaining('is in no repository, so that nobody compared') });
  });

  it("is refused in git's own words where git does not trust the checkout", async () => {
    makeRepository('shop');
    const ci = { GITHUB_SHA: git('shop', 'rev-parse', 'HEAD') };
    vi.stubEnv('HOME', folder);
    vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    expect(await uploadInCi('shop/src', ci)).toEqual(refused("shop/src' is a part of acme/shop"));
    expect(await uploadInCi('shop', ci)).toEqual(refused('git config --global --add safe.directory'));
    expect((await uploadInCi('shop', ci, '--commit', ci.GITHUB_SHA)).code).toBe(0);
  });

  it('of a sparse checkout is refused where code is left out, and not where prose or another part is', async () => {
    write('shop/api/total.ts', CODE);
    write('shop/docs/a.md', 'Prose');
    makeRepository('shop');
    git('shop', 'sparse-checkout', 'set', '--no-cone', '/src/', '/api/');
    expect((await upload('shop')).code).toBe(0);
    git('shop', 'sparse-checkout', 'set', '--cone', 'api');
    expect(await upload('shop')).toEqual(refused("'src/total.ts' is not checked out"));
    expect((await upload('shop/api', '--repository', 'acme/shop/api')).code).toBe(0);
  });

  it('takes what builds do to a tree, and refuses what hides code of the commit', async () => {
    write('shop/.gitignore', 'dist/\n');
    write('shop/.yardarmignore', 'legacy/\n');
    for (const file of ['gradlew', 'node_modules/a/index.js', 'legacy/old.ts']) write(`shop/${file}`, 'run();\n');
    makeRepository('shop');
    chmodSync(join(folder, 'shop/gradlew'), 0o755);
    for (const file of ['node_modules/a/index.js', 'legacy/old.ts']) rmSync(join(folder, 'shop', file));
    for (const file of ['dist/total.js', 'made/total.ts']) write(`shop/${file}`, CODE);
    expect(await upload('shop')).toEqual({ code: 0, text: expect.not.stringContaining('compared') });
    git('shop', 'mv', 'src/total.ts', 'src/total.txt');
    const sentence = "'src/total.ts' is not as the commit has it";
    expect(await upload('shop')).toEqual(refused(sentence));
    symlinkSync('total.txt', join(folder, 'shop/src/total.ts'));
    expect(await upload('shop')).toEqual(refused(sentence));
  });

  it('is of the commit that is checked out, which in a pull request is the merge that CI made', async () => {
    makeRepository('shop');
    const released = git('shop', 'rev-parse', 'HEAD');
    git('shop', 'commit', '--quiet', '--allow-empty', '--message', 'Merge');
    const merge = git('shop', 'rev-parse', 'HEAD');
    git('.', 'clone', '--quiet', '--depth', '1', `file://${join(folder, 'shop')}`, 'shallow');
    git('shallow', 'checkout', '--quiet', '--detach');
    const pull = { GITHUB_SHA: merge, YARDARM_HEAD_SHA: released, GITHUB_HEAD_REF: 'feature', YARDARM_DEFAULT_BRANCH: 'main' };
    expect((await uploadInCi('shallow', pull)).code).toBe(0);
    expect(uploaded()).toMatchObject({ commit: released, branch: 'feature' });
    expect((await uploadInCi('shallow', { GITHUB_SHA: merge })).code).toBe(0);
    git('shop', 'checkout', '--quiet', '--detach', released);
    const sentence = `has ${released.slice(0, 12)} checked out, and CI says ${merge.slice(0, 12)}`;
    expect(await uploadInCi('shop', { GITHUB_SHA: merge })).toEqual(refused(sentence));
    expect((await uploadInCi('shop', { GITHUB_SHA: merge }, '--commit', released)).code).toBe(0);
    // Of this event the commit of CI is the base, which is no merge of anything.
    const target = { ...pull, GITHUB_EVENT_NAME: 'pull_request_target' };
    expect(await uploadInCi('shallow', target)).toEqual(refused(`CI says ${released.slice(0, 12)}`));
  });

  it('of a part says which code the commit has beside it, and of a root that there is none', async () => {
    for (const file of ['src/web/a.ts', 'tools/b.ts', 'run.sh', 'legacy/c.ts', 'api/d.ts']) write(`shop/${file}`, CODE);
    for (const file of ['docs/a.md', 'package.json']) write(`shop/${file}`, '{}');
    write('shop/.yardarmignore', 'legacy/\n');
    makeRepository('shop');
    write('shop/api/not-committed.ts', CODE);
    const restOf = async (directory: string, ...more: string[]) => {
      expect((await upload(directory, '--repository', 'acme/part', ...more)).code).toBe(0);
      return uploaded().rest;
    };
    expect(await restOf('shop')).toEqual([]);
    expect(await restOf('shop/src')).toEqual(['.yardarmignore', 'api', 'run.sh', 'tools']);
    expect(await restOf('shop/src/web')).toEqual(['.yardarmignore', 'api', 'run.sh', 'src/total.ts', 'tools']);
    git('shop', 'sparse-checkout', 'set', '--cone', 'src/web');
    expect(await restOf('shop/src/web')).toEqual(['.yardarmignore', 'api', 'run.sh', 'src/total.ts', 'tools']);
    const head = git('shop', 'rev-parse', '--short', 'HEAD');
    expect(await restOf('shop/src/web', '--commit', head)).toHaveLength(5);
  });

  it('says nothing of what it leaves out where nobody can: in a copy of a folder, in a submodule for the commit around it', async () => {
    write('shop/api/d.ts', CODE);
    makeRepository('shop');
    git('.', 'clone', '--quiet', 'shop', 'sub');
    git('sub', 'commit', '--quiet', '--allow-empty', '--message', 'Other');
    write('archive/total.ts', CODE);
    const commit = git('sub', 'rev-parse', 'HEAD');
    for (const directory of ['shop', 'shop/api', 'archive']) {
      const { code, text } = await upload(directory, '--repository', 'acme/part', '--branch', 'main', '--commit', commit);
      expect([code, text]).toEqual([0, expect.stringContaining('Nobody can say here whether that is all of the commit')]);
      expect(uploaded()).not.toHaveProperty('rest');
    }
    // As a job without git fetches it: the whole, of which CI says the name.
    expect((await uploadInCi('archive', { GITHUB_SHA: commit })).code).toBe(0);
    expect(uploaded().rest).toEqual([]);
  });

  it('of a part is refused under the name of the whole, whoever says that name', async () => {
    makeRepository('shop');
    expect(await upload('shop/src', '--repository', 'Acme/Shop')).toEqual(refused('is a part of Acme/Shop'));
    git('shop', 'remote', 'remove', 'origin');
    const ci = { GITHUB_SHA: git('shop', 'rev-parse', 'HEAD') };
    expect(await uploadInCi('shop/src', ci, '--repository', 'acme/shop')).toEqual(refused('and upload every other part'));
  });
});

describe('a file', () => {
  it.skipIf(process.getuid?.() !== 0)('or folder that cannot be read is said, and makes no upload that seems whole', async () => {
    makeRepository('shop');
    chmodSync(folder, 0o755);
    write('shop/flow.js', '// @flow\nconst a: Flag = ask("new-checkout");\n');
    write('shop/secret.ts', CODE);
    chmodSync(join(folder, 'shop/secret.ts'), 0o600);
    const named = ['--repository', 'acme/shop', '--branch', 'main', '--default-branch', 'main', '--commit', 'abcdef0'];
    const asOther = async <T>(act: () => Promise<T>): Promise<T> => {
      process.seteuid?.(65_534);
      try {
        return await act();
      } finally {
        process.seteuid?.(0);
      }
    };
    const sentences = ['flow.js was not understood', 'secret.ts could not be read', 'no flag becomes safe by it'];
    const { code, text } = await asOther(() => upload('shop', ...named));
    expect(code).toBe(0);
    for (const sentence of sentences) expect(text).toContain(sentence);
    expect(uploaded()).toMatchObject({ left: 2 });
    const snapshotOf = ['--snapshot', join(folder, 'flags.json')];
    for (const command of ['check', 'scan']) {
      const ran = await asOther(() => rig.yardarm(command, '--source', join(folder, 'shop'), ...snapshotOf));
      expect(ran.text).toContain('secret.ts could not be read');
    }
    const removed = await asOther(() =>
      rig.yardarm('remove', 'new-checkout', '--value', 'true', '--dry-run', '--source', join(folder, 'shop')),
    );
    expect([removed.code, removed.text]).toEqual([1, expect.stringContaining('the file could not be read')]);
    mkdirSync(join(folder, 'shop/private'), { mode: 0o700 });
    expect(await asOther(() => upload('shop', ...named))).toEqual(refused('cannot be read (EACCES)'));
    rmSync(join(folder, 'shop/private'), { recursive: true });
    rmSync(join(folder, 'shop/secret.ts'));
    rmSync(join(folder, 'shop/flow.js'));
    await upload('shop', ...named);
    expect(uploaded()).toMatchObject({ left: 0 });
  });

  it('is found whatever its name is, and a line break in that makes no line of the output', async () => {
    for (const name of ['a b.ts', 'new\nline.ts', 'q"uote,:%.ts']) write(`tree/${name}`, CODE);
    expect(await check('tree')).toEqual(['a b.ts:4', 'new\nline.ts:4', 'q"uote,:%.ts:4']);
    const { text } = await rig.yardarm('check', '--source', join(folder, 'tree'), '--snapshot', join(folder, 'flags.json'));
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('new\\nline.ts:4:');
    expect((await remove('tree')).code).toBe(0);
    expect(readFileSync(join(folder, 'tree/new\nline.ts'), 'utf8')).toBe(REMOVED);
  });

  it('is read once where links lead in circles or nowhere, and not where it is as large as no code is', async () => {
    write('tree/total.ts', CODE);
    symlinkSync('.', join(folder, 'tree/self'));
    symlinkSync('nowhere', join(folder, 'tree/dangling.ts'));
    write('tree/large.ts', CODE);
    // Sparse: it takes no disk.
    truncateSync(join(folder, 'tree/large.ts'), 50_000_000);
    expect(await check('tree')).toEqual(['total.ts:4']);
  });

  it('with a byte order mark or the line ends of Windows keeps them when a flag is removed', async () => {
    write('tree/windows.ts', CODE.replaceAll('\n', '\r\n'));
    write('tree/marked.ts', `\uFEFF${CODE}`);
    expect(await check('tree')).toEqual(['marked.ts:4', 'windows.ts:4']);
    expect((await remove('tree')).code).toBe(0);
    expect(readFileSync(join(folder, 'tree/windows.ts'), 'utf8')).toBe(REMOVED.replaceAll('\n', '\r\n'));
    expect(readFileSync(join(folder, 'tree/marked.ts'), 'utf8')).toBe(`\uFEFF${REMOVED}`);
  });

  it('that is not UTF-8 is found, and left as it is when a flag is removed', async () => {
    const latin = Buffer.concat([Buffer.from('// caf'), Buffer.from([0xe9, 0xff]), Buffer.from(`\n${CODE}`)]);
    const wide = Buffer.from(`\uFEFF${CODE}`, 'utf16le');
    write('tree/latin.ts', latin);
    write('tree/wide.ts', wide);
    expect(await check('tree')).toEqual(['latin.ts:5', 'wide.ts:4']);
    const { code, text } = await remove('tree');
    expect([code, JSON.parse(text)]).toMatchObject([
      1,
      {
        files: [],
        refusals: [
          { file: 'latin.ts', line: 5, reason: expect.stringContaining('not UTF-8') },
          { file: 'wide.ts', line: 4 },
        ],
      },
    ]);
    expect(readFileSync(join(folder, 'tree/latin.ts')).equals(latin)).toBe(true);
    expect(readFileSync(join(folder, 'tree/wide.ts')).equals(wide)).toBe(true);
  });
});
