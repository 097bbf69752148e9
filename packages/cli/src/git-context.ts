/**
 * Which commit of which repository a source tree is. Options win, then what GitHub Actions and GitLab CI say, then git. In a pull
 * request CI builds a merge that no branch has, so that its variables are asked before git is.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { runGit } from './ask-git.ts';
import { UsageError } from './usage.ts';

export interface GitContext {
  readonly repository: string;
  /** Whether CI or the remote calls the whole repository so. */
  readonly isNameOfWhole: boolean;
  readonly branch: string;
  readonly commit: string;
  /** Whose tree is expected here: of a pull request the merge that CI made, else `commit`. */
  readonly checkedOut: string;
  /** RFC 3339 with an offset; null where git cannot say. */
  readonly committedAt: string | null;
  readonly isDefaultBranch: boolean;
  /** Null where nobody says which one it is. */
  readonly defaultBranch: string | null;
  /** With {path}, {line} and {commit} in it; null where nobody knows how the host links to lines. */
  readonly lineUrl: string | null;
}

interface Wanted {
  readonly repository: string | undefined;
  readonly branch: string | undefined;
  readonly defaultBranch: string | undefined;
  readonly commit: string | undefined;
  readonly lineUrl: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

export async function readGitContext(directory: string, wanted: Wanted, env: Env): Promise<GitContext> {
  const git = (...args: string[]) => runGit(directory, args);
  const ci = await readCi(env);
  const remote = parseRemote((await git('remote', 'get-url', 'origin')) ?? '');
  const branch = wanted.branch ?? branchOf(ci) ?? (await git('symbolic-ref', '--short', '-q', 'HEAD'));
  const commit = wanted.commit ?? ci.commit ?? (await git('rev-parse', 'HEAD'));
  const remoteHead = await git('symbolic-ref', '--short', '-q', 'refs/remotes/origin/HEAD');
  const defaultBranch = wanted.defaultBranch ?? ci.defaultBranch ?? remoteHead?.replace(/^origin\//, '') ?? null;
  const known = { repository: wanted.repository ?? ci.repository ?? remote?.repository, branch, commit };
  for (const [what, value] of Object.entries(known))
    if (value === undefined || value === null)
      throw new UsageError(`Neither CI nor git in '${directory}' says which ${what} this is: give --${what}.`);
  const { repository = '' } = known;
  const isSame = (name: string | undefined) => name?.toLowerCase() === repository.toLowerCase();
  const hash = (commit ?? '').toLowerCase();
  return {
    ...{ repository, isNameOfWhole: isSame(ci.repository) || isSame(remote?.repository) },
    ...{ branch: branch ?? '', commit: hash, checkedOut: wanted.commit === undefined ? (ci.merge ?? hash) : hash },
    committedAt: await git('show', '-s', '--format=%cI', commit ?? 'HEAD'),
    defaultBranch,
    // What is merged only later is on no default branch yet, whatever its own branch is called.
    isDefaultBranch: branch === defaultBranch && (ci.request === undefined || wanted.defaultBranch !== undefined),
    lineUrl: wanted.lineUrl ?? ci.lineUrl ?? remote?.lineUrl ?? null,
  };
}

/** Of a pull or merge request: whose branch it is. */
interface Request {
  readonly branch: string | undefined;
  /** Such as acme/shop; undefined where CI does not say. */
  readonly from: string | undefined;
}
type Ci = {
  readonly [Name in 'repository' | 'branch' | 'defaultBranch' | 'commit' | 'merge' | 'lineUrl']?: string | undefined;
} & { readonly request?: Request };

/** A fork has branches of the same names, and would move the heads of ours: they get its owner's name, as `acme:main`. */
function branchOf({ branch, request, repository, defaultBranch }: Ci): string | undefined {
  if (request === undefined) return branch;
  const { branch: name, from } = request;
  const isOurs = from === undefined ? name !== (defaultBranch ?? name) : from.toLowerCase() === repository?.toLowerCase();
  return isOurs || name === undefined ? name : `${from?.replace(/\/[^/]*$/, '') ?? 'fork'}:${name}`;
}

async function readCi(env: Env): Promise<Ci> {
  if (env.GITHUB_ACTIONS === 'true') {
    const repository = env.GITHUB_REPOSITORY;
    const host = env.GITHUB_SERVER_URL;
    const event = await readEvent(env.GITHUB_EVENT_PATH);
    const from = event.pull_request?.head?.repo?.full_name;
    return {
      repository,
      branch: env.GITHUB_REF_NAME,
      // GITHUB_REF_NAME is `12/merge` then.
      ...(env.GITHUB_HEAD_REF && { request: { branch: env.GITHUB_HEAD_REF, from } }),
      // Of a pull request GITHUB_SHA is a merge that no branch has; whoever uploads that passes on the head's.
      commit: env.YARDARM_HEAD_SHA || env.GITHUB_SHA,
      // Of this event it is the base, which has nothing of the head.
      merge: env.GITHUB_EVENT_NAME === 'pull_request_target' ? undefined : env.GITHUB_SHA,
      defaultBranch: env.YARDARM_DEFAULT_BRANCH || event.repository?.default_branch,
      ...(host && repository && { lineUrl: `${host}/${repository}/blob/{commit}/{path}#L{line}` }),
    };
  }
  if (env.GITLAB_CI === 'true')
    return {
      repository: env.CI_PROJECT_PATH,
      branch: env.CI_COMMIT_REF_NAME,
      ...(env.CI_MERGE_REQUEST_IID && {
        request: { branch: env.CI_MERGE_REQUEST_SOURCE_BRANCH_NAME, from: env.CI_MERGE_REQUEST_SOURCE_PROJECT_PATH },
      }),
      ...(env.CI_EXTERNAL_PULL_REQUEST_IID && {
        request: {
          branch: env.CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME,
          from:
            env.CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY === env.CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY
              ? env.CI_PROJECT_PATH
              : env.CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY,
        },
      }),
      commit: env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || env.CI_COMMIT_SHA,
      merge: env.CI_COMMIT_SHA,
      defaultBranch: env.CI_DEFAULT_BRANCH,
      ...(env.CI_PROJECT_URL && { lineUrl: `${env.CI_PROJECT_URL}/-/blob/{commit}/{path}#L{line}` }),
    };
  return {};
}

const githubEvent = z.object({
  repository: z.object({ default_branch: z.string().min(1).optional() }).optional(),
  pull_request: z.object({ head: z.object({ repo: z.object({ full_name: z.string() }).nullish() }).optional() }).optional(),
});

/** What started a run of GitHub Actions; empty where that is not told, or in another form. */
async function readEvent(path: string | undefined): Promise<z.infer<typeof githubEvent>> {
  if (!path) return {};
  try {
    return githubEvent.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? {};
  } catch {
    // Without it less is known, and nothing is wrong.
    return {};
  }
}

/** `git@github.com:acme/shop.git` and `https://github.com/acme/shop`; links to lines are known of GitHub and GitLab. */
export function parseRemote(url: string): { readonly repository: string; readonly lineUrl: string | null } | null {
  const [, host, path] = /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^:/]+)(?::\d+(?=\/))?[:/]+(.+?)(?:\.git)?\/?$/.exec(url) ?? [];
  if (host === undefined || path === undefined) return null;
  const base = `https://${host}/${path}`;
  if (/(?:^|\.)github\./.test(host)) return { repository: path, lineUrl: `${base}/blob/{commit}/{path}#L{line}` };
  if (/(?:^|\.)gitlab\./.test(host)) return { repository: path, lineUrl: `${base}/-/blob/{commit}/{path}#L{line}` };
  return { repository: path, lineUrl: null };
}
