import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runGit } from './git-context.ts';
import { isCode, listSourceFiles } from './scan/source-files.ts';
import { UsageError } from './usage.ts';

/** Throws where code of the tree is not as its commit has it: what was just removed here still runs of that commit. */
export async function requireCommitted(source: string): Promise<void> {
  const differing = await runGit(source, ['diff', '--name-only', '--relative', '--ignore-submodules', '-z', 'HEAD', '--', '.']);
  if (differing === null) return;
  const listed = new Set(listSourceFiles(source));
  const file = differing
    .split('\0')
    .find((one) => one !== '' && (listed.has(one) || (isCode(one) && !existsSync(join(source, one)))));
  if (file !== undefined)
    throw new UsageError(
      `'${file}' is not as the commit has it, and an upload is what the commit names: commit it, or say with --commit whose tree this is.`,
    );
}
