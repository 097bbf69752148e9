import { MAX_REST } from '@yardarm/contract';
import { askGit } from './ask-git.ts';
import { findRoot } from './read-prefix.ts';
import { isSourceFile } from './scan/source-files.ts';

export interface RestOptions {
  /** From the root of the repository to `source`, as `packages/cli/`. */
  readonly prefix: string;
  /** What the tree is of, in git's words. */
  readonly revision: string;
  /** Whether CI calls the whole repository as the upload does. */
  readonly isNameOfWhole: boolean;
}

/**
 * Folders and files with code that the commit has beside `source`, or beside a folder around it: a folder stands for all in it. None for the root
 * of a repository. Undefined where nobody can say: there is no repository, git does not know the commit here, or they are too many.
 */
export async function readRest(
  source: string,
  { prefix, revision, isNameOfWhole }: RestOptions,
): Promise<readonly string[] | undefined> {
  const root = await findRoot(source);
  if (root === null) return isNameOfWhole ? [] : undefined;
  const tree = await askGit(root, ['ls-tree', ...(prefix === '' ? [] : ['-r']), '-z', '--full-tree', revision]);
  // A root it is for itself, as that of a submodule or of a copy; of the commit it may be a part.
  if (tree.kind === 'refused' && (await askGit(root, ['rev-parse', 'HEAD'])).kind === 'said') return undefined;
  if (prefix === '') return [];
  if (tree.kind !== 'said') return undefined;
  const around = prefix.split('/');
  const isCode = isSourceFile(root);
  const rest = new Set<string>();
  for (const entry of tree.text.split('\0')) {
    const file = entry.slice(entry.indexOf('\t') + 1);
    // Links lead elsewhere, and a submodule is another repository.
    if (!entry.startsWith('100') || file.startsWith(prefix)) continue;
    const names = file.split('/');
    const path = names.slice(0, names.findIndex((name, index) => name !== around[index]) + 1).join('/');
    if (!rest.has(path) && isCode(file)) rest.add(path);
  }
  return rest.size > MAX_REST ? undefined : [...rest];
}
