import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askGit, type GitAnswer } from './ask-git.ts';
import type { GitContext } from './git-context.ts';
import { findRoot } from './read-prefix.ts';
import { isSourceFile } from './scan/source-files.ts';
import { UsageError } from './usage.ts';

type Checkout = Pick<GitContext, 'commit' | 'checkedOut'>;

/**
 * Throws where code of the tree is not as the commit has it: what was just removed here still runs of that commit. Where git is not
 * installed, or the tree is in no repository, it only warns: whole CI images are without git.
 */
export async function requireCommitted(
  source: string,
  { commit, checkedOut }: Checkout,
  warn: (line: string) => void,
): Promise<void> {
  const head = await askGit(source, ['rev-parse', 'HEAD']);
  const isOutside = head.kind === 'refused' && (await findRoot(source)) === null;
  if (head.kind === 'absent' || isOutside)
    return warn(
      `Warning: ${isOutside ? `'${source}' is in no repository` : 'git is not installed'}, so that nobody compared the tree with ${commit.slice(0, 12)}: what it lacks of that commit counts as not there.`,
    );
  const hash = textOf(head, source).trim();
  if (hash !== commit && hash !== checkedOut)
    throw new UsageError(
      `'${source}' has ${hash.slice(0, 12)} checked out, and CI says ${commit.slice(0, 12)}: say with --commit whose tree this is.`,
    );
  // Modes are what CI changes of scripts; a rename would be listed by its new name alone.
  const diff = ['-c', 'core.fileMode=false', 'diff', '--no-renames', '--name-only', '--relative', '--ignore-submodules'];
  const differing = linesOf(await askGit(source, [...diff, '-z', 'HEAD', '--', '.']), source);
  const isOurs = isSourceFile(source);
  const changed = differing.find(isOurs);
  if (changed !== undefined)
    throw new UsageError(
      `'${changed}' is not as the commit has it, and an upload is what the commit names: commit it, or say with --commit whose tree this is.`,
    );
  // A difference passes over what a sparse checkout leaves out.
  const tracked = linesOf(await askGit(source, ['ls-files', '-t', '-z', '--', '.']), source);
  const skipped = tracked.filter((one) => one.startsWith('S ')).map((one) => one.slice(2));
  const missing = skipped.find((one) => isOurs(one) && !existsSync(join(source, one)));
  if (missing !== undefined)
    throw new UsageError(
      `'${missing}' is not checked out, and an upload is everything that the commit names: check out all of it (git sparse-checkout disable).`,
    );
}

function linesOf(answer: GitAnswer, source: string): readonly string[] {
  return textOf(answer, source)
    .split('\0')
    .filter((one) => one !== '');
}

function textOf(answer: GitAnswer, source: string): string {
  if (answer.kind === 'said') return answer.text;
  const why = answer.kind === 'refused' ? answer.why : 'git is not installed';
  throw new UsageError(
    `Git does not say whether '${source}' is as its commit has it (${why}): mend that, or say with --commit whose tree this is.`,
  );
}
