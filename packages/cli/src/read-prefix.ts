import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { askGit } from './ask-git.ts';

/** From the root of the repository to `directory`, as `packages/cli/`; empty for the root, and outside of repositories. */
export async function readPrefix(directory: string): Promise<string> {
  const answer = await askGit(directory, ['rev-parse', '--show-prefix']);
  if (answer.kind === 'said') return answer.text.replace(/\n$/, '');
  // An image without git, or a checkout that git takes for somebody else's, is no less a part.
  const root = await findRoot(directory);
  const path = root === null ? '' : relative(root, await realpath(directory)).replaceAll('\\', '/');
  return path === '' ? '' : `${path}/`;
}

/** The nearest folder with a `.git`, which is a file in a worktree or a submodule; null outside of repositories. */
export async function findRoot(directory: string): Promise<string | null> {
  for (let folder = await realpath(directory); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
