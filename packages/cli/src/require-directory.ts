import { stat } from 'node:fs/promises';
import { UsageError } from './usage.ts';

export async function requireDirectory(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) throw new UsageError(`--source takes a directory, and '${path}' is none.`);
}
