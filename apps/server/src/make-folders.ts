/**
 * A folder with all that is missing above it. Node's own `mkdir({ recursive: true })` never ends on a file system
 * that takes no folders (/proc answers ENOENT below a parent that exists), and names only one of those it made.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes what is missing with `mode` and resolves with it, outermost first. Rejects with the file system's own error. */
export async function makeFolders(path: string, mode: number): Promise<string[]> {
  try {
    return await makeFolder(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    const above = await makeFolders(parent, mode);
    return [...above, ...(await makeFolder(path, mode))];
  }
}

/** Empty where the folder was there already. */
async function makeFolder(path: string, mode: number): Promise<string[]> {
  try {
    await mkdir(path, { mode });
    return [path];
  } catch (error) {
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory()) return [];
    throw error;
  }
}
