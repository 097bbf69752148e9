import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRemote, readGitContext } from './git-context.ts';

const NOTHING = { repository: undefined, branch: undefined, defaultBranch: undefined, commit: undefined, lineUrl: undefined };
const HASH = 'a'.repeat(40);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-git-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();

describe('readGitContext', () => {
  it('asks git where nothing else says', async () => {
    git('init', '-q', '-b', 'main');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    git('remote', 'add', 'origin', 'git@github.com:acme/shop.git');
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    expect(await readGitContext(folder, NOTHING, {})).toEqual({
      ...{ repository: 'acme/shop', isNameOfWhole: true, branch: 'main', isDefaultBranch: true, defaultBranch: 'main' },
      ...{ commit: git('rev-parse', 'HEAD'), checkedOut: git('rev-parse', 'HEAD') },
      committedAt: git('show', '-s', '--format=%cI', 'HEAD'),
      lineUrl: 'https://github.com/acme/shop/blob/{commit}/{path}#L{line}',
    });
  });

  it('takes a branch named main for the default one only where somebody says so: the options, CI, or the remote', async () => {
    git('init', '-q', '-b', 'main');
    git('commit', '-q', '--allow-empty', '-m', 'first');
    const named = { ...NOTHING, repository: 'acme/shop' };
    const event = join(folder, 'event.json');
    writeFileSync(event, '{"repository":{"default_branch":"develop"}}');
    const github = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_SHA: HASH };
    const inGithub = (branch: string) => ({ ...github, GITHUB_REF_NAME: branch, GITHUB_EVENT_PATH: event });
    const answers = await Promise.all([
      readGitContext(folder, named, {}),
      readGitContext(folder, { ...named, defaultBranch: 'main' }, {}),
      readGitContext(folder, NOTHING, { ...github, GITHUB_REF_NAME: 'main' }),
      readGitContext(folder, NOTHING, { ...inGithub('main'), GITHUB_EVENT_PATH: join(folder, 'none.json') }),
      readGitContext(folder, NOTHING, inGithub('main')),
      readGitContext(folder, NOTHING, inGithub('develop')),
      readGitContext(folder, NOTHING, { ...inGithub('develop'), YARDARM_DEFAULT_BRANCH: 'main' }),
    ]);
    expect(answers.map(({ defaultBranch, isDefaultBranch }) => [defaultBranch, isDefaultBranch])).toEqual([
      ...[
        [null, false],
        ['main', true],
        [null, false],
        [null, false],
      ],
      ...[
        ['develop', false],
        ['develop', true],
        ['main', false],
      ],
    ]);
  });

  it('takes of a pull request on GitHub its own branch and head, and options before all', async () => {
    const env = {
      ...{
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_SERVER_URL: 'https://git.acme.test',
        GITHUB_SHA: 'b'.repeat(40),
      },
      ...{ GITHUB_HEAD_REF: 'feature', GITHUB_REF_NAME: '12/merge', YARDARM_HEAD_SHA: HASH, YARDARM_DEFAULT_BRANCH: 'trunk' },
    };
    expect(await readGitContext(folder, NOTHING, env)).toMatchObject({
      ...{ repository: 'acme/shop', branch: 'feature', commit: HASH, isDefaultBranch: false, committedAt: null },
      lineUrl: 'https://git.acme.test/acme/shop/blob/{commit}/{path}#L{line}',
    });
    const wanted = { ...NOTHING, branch: 'trunk', repository: 'a/b', defaultBranch: 'trunk' };
    expect(await readGitContext(folder, wanted, env)).toMatchObject({
      ...{ repository: 'a/b', branch: 'trunk', isDefaultBranch: true },
    });
  });

  describe('in a pull or merge request', () => {
    const github = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_SHA: HASH, GITHUB_HEAD_REF: 'main' };
    const gitlab = {
      ...{ GITLAB_CI: 'true', CI_PROJECT_PATH: 'acme/web/shop', CI_DEFAULT_BRANCH: 'main', CI_COMMIT_SHA: HASH },
      ...{ CI_MERGE_REQUEST_IID: '7', CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'main', CI_COMMIT_REF_NAME: 'main' },
    };
    const { CI_MERGE_REQUEST_IID: _, ...mirrored } = { ...gitlab, CI_EXTERNAL_PULL_REQUEST_IID: '7' };
    const external = {
      ...{ ...mirrored, CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME: 'main' },
      ...{ CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY: 'kim/shop', CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY: 'acme/shop' },
    };
    const eventOf = (repository: string | null) => {
      const file = join(folder, `event-${repository?.replace('/', '-')}.json`);
      const repo = repository && { full_name: repository };
      writeFileSync(file, JSON.stringify({ repository: { default_branch: 'main' }, pull_request: { head: { repo } } }));
      return { GITHUB_EVENT_PATH: file };
    };

    it('is never the default branch of the repository, nor moves its head from a fork', async () => {
      const branches = [
        [github, 'fork:main'],
        [{ ...github, YARDARM_DEFAULT_BRANCH: 'main' }, 'fork:main'],
        [{ ...github, ...eventOf('kim/shop') }, 'kim:main'],
        [{ ...github, ...eventOf(null) }, 'fork:main'],
        [{ ...github, ...eventOf('acme/shop') }, 'main'],
        [{ ...github, ...eventOf('kim/shop'), GITHUB_HEAD_REF: 'feature' }, 'kim:feature'],
        [{ ...gitlab, CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'kim/shop' }, 'kim:main'],
        [{ ...gitlab, CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'acme/web/shop' }, 'main'],
        [external, 'kim:main'],
      ] as const;
      for (const [env, branch] of branches) {
        const { branch: named, isDefaultBranch } = await readGitContext(folder, NOTHING, env);
        expect([named, isDefaultBranch], JSON.stringify(env)).toEqual([branch, false]);
      }
    });

    it('is what --default-branch says', async () => {
      const wanted = { ...NOTHING, branch: 'main', defaultBranch: 'main' };
      for (const env of [github, gitlab, external])
        expect(await readGitContext(folder, wanted, env)).toMatchObject({ branch: 'main', isDefaultBranch: true });
    });
  });

  it('takes what GitLab says', async () => {
    const env = {
      ...{
        GITLAB_CI: 'true',
        CI_PROJECT_PATH: 'acme/web/shop',
        CI_COMMIT_REF_NAME: 'main',
        CI_DEFAULT_BRANCH: 'main',
        CI_COMMIT_SHA: HASH,
      },
      CI_PROJECT_URL: 'https://gitlab.acme.test/acme/web/shop',
    };
    expect(await readGitContext(folder, NOTHING, env)).toMatchObject({
      ...{ repository: 'acme/web/shop', branch: 'main', commit: HASH, isDefaultBranch: true },
      lineUrl: 'https://gitlab.acme.test/acme/web/shop/-/blob/{commit}/{path}#L{line}',
    });
  });

  it('says which option is missing where nobody knows', async () => {
    await expect(readGitContext(folder, NOTHING, {})).rejects.toThrow('give --repository');
  });
});

it.each([
  ['https://github.com/acme/shop.git', 'acme/shop', true],
  ['ssh://git@gitlab.acme.test:2222/acme/web/shop.git', 'acme/web/shop', true],
  ['https://user:secret@git.acme.test/acme/shop', 'acme/shop', false],
  ['git@git.acme.test:acme/shop', 'acme/shop', false],
])('reads the remote %s', (url, repository, hasLinks) => {
  const remote = parseRemote(url);
  expect([remote?.repository, remote?.lineUrl !== null]).toEqual([repository, hasLinks]);
  expect(remote?.lineUrl ?? '').not.toContain('secret');
});
