/** The server's own secret, which will protect what is stored for others. Made once; replicas share the file. */

import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from './make-folders.ts';
import { StartError } from './start-error.ts';

const MIN_SECRET_CHARS = 32;

/** Reads the secret, or makes it with mode 0600. Throws an error whose message is one sentence; the secret is never in it. */
export async function ensureSecret(path: string): Promise<string> {
  try {
    return await readSecret(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asSentence(path, error as NodeJS.ErrnoException);
  }
  try {
    await makeSecret(path);
    return await readSecret(path);
  } catch (error) {
    throw asSentence(path, error as NodeJS.ErrnoException);
  }
}

async function readSecret(path: string): Promise<string> {
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret.length >= MIN_SECRET_CHARS) return secret;
  throw new StartError(
    `The secret file '${path}' holds fewer than ${MIN_SECRET_CHARS} characters. Restore it from your backup, or remove it to have a new one made.`,
  );
}

/** The link fails where another server was first, and never shows a half-written file. */
async function makeSecret(path: string): Promise<void> {
  await makeFolders(dirname(path), 0o777);
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function asSentence(path: string, error: NodeJS.ErrnoException): StartError {
  if (error instanceof StartError) return error;
  return new StartError(
    `The secret file '${path}' cannot be read or made (${error.code}). Let this user read it, or set YARDARM_SECRET_FILE.`,
    {
      cause: error,
    },
  );
}
