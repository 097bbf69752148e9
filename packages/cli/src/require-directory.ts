import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './usage.ts';

export async function requireDirectory(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) throw new UsageError(`--source takes a directory, and '${path}' is none.`);
  // Without this it would say of a repository's inside that the code names no flag.
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((part) => stat(join(path, part)).catch(() => undefined)));
  if (parts.every((part) => part !== undefined))
    throw new UsageError(
      `--source takes a directory with code, and '${path}' is a repository without its files: give a checkout of it.`,
    );
}
