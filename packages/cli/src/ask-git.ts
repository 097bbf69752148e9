import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type GitAnswer =
  /** As git wrote it, with its line end. */
  | { readonly kind: 'said'; readonly text: string }
  /** With git's own words, which name the remedy. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It is not installed. */
  | { readonly kind: 'absent' };

/** `directory` exists. */
export async function askGit(directory: string, args: readonly string[]): Promise<GitAnswer> {
  try {
    const { stdout } = await promisify(execFile)('git', [...args], { cwd: directory, maxBuffer: 64 * 1024 * 1024 });
    return { kind: 'said', text: stdout };
  } catch (error) {
    const { code, stderr, message } = error as Error & { readonly code?: unknown; readonly stderr?: string };
    if (code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'refused', why: (stderr?.trim() || message).replace(/\s*\n\s*/g, ' ') };
  }
}

/** Null where git is not there, says no, or has nothing to say. */
export async function runGit(directory: string, args: readonly string[]): Promise<string | null> {
  const answer = await askGit(directory, args);
  const text = answer.kind === 'said' ? answer.text.trim() : '';
  return text === '' ? null : text;
}
