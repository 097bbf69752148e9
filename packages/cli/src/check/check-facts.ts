/** What `yardarm check` has to know of a project: from the server, or from the file that `yardarm export --check` wrote. */
import { readFile } from 'node:fs/promises';
import { type CheckSnapshot, checkSnapshot } from '@yardarm/contract';
import { UsageError } from '../usage.ts';

/** Throws a UsageError for what is no such file. */
export async function readCheckSnapshot(path: string): Promise<CheckSnapshot> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`'${path}' cannot be read (${cause.code}).`, { cause });
  });
  const parsed = checkSnapshot.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `'${path}' is no snapshot that this version reads (${issue?.path.join('.') || 'file'}: ${issue?.message}); write it anew with yardarm export --check.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, the schema says what it should have been.
    return undefined;
  }
}
