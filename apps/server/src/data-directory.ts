/** The folder of everything that the server keeps outside the database: the embedded cluster, the secret, the demo's keys. */

import { chmod } from 'node:fs/promises';
import { makeFolders } from './make-folders.ts';
import { StartError } from './start-error.ts';

/**
 * Folders that root makes may be passed through by others (secrets in it have modes of their own): PostgreSQL then runs
 * as another user, who must reach its cluster. The mode of a folder that exists is its owner's business.
 */
export async function ensureDataDirectory(path: string): Promise<void> {
  try {
    const made = await makeFolders(path, 0o700);
    if (process.getuid?.() === 0) for (const folder of made) await chmod(folder, 0o711);
  } catch (cause) {
    throw new StartError(
      `The data directory '${path}' cannot be made (${(cause as NodeJS.ErrnoException).code}). Set YARDARM_DATA_DIR to a folder that this user may write.`,
      { cause },
    );
  }
}
