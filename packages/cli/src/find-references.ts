/**
 * Finds flag keys in a source tree: a key counts where it stands whole between quotes of any kind, in a file
 * that git would track. Keys put together at run time are not found, and the output never claims so.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

export interface Reference {
  readonly flag: string;
  /** Relative to the directory searched, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Larger files are data or bundles, not code that people edit. */
const MAX_FILE_BYTES = 1024 * 1024;
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'build', 'vendor', 'target', 'coverage']);

/** References to any of `keys` below `directory`, ordered by file and line. */
export async function findReferences(directory: string, keys: readonly string[]): Promise<Reference[]> {
  if (keys.length === 0) return [];
  const pattern = quotedKeyPattern(keys);
  const references: Reference[] = [];
  for (const file of (await sourceFiles(directory)).sort()) {
    const path = join(directory, file);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || !info.isFile() || info.size > MAX_FILE_BYTES) continue;
    references.push(...referencesIn(file, await readFile(path, 'utf8'), pattern));
  }
  return references;
}

function referencesIn(file: string, text: string, pattern: RegExp): Reference[] {
  if (text.includes('\0')) return [];
  return text.split('\n').flatMap((line, index) => {
    const flags = new Set(Array.from(line.matchAll(pattern), (match) => match[2] ?? ''));
    return [...flags].map((flag) => ({ flag, file, line: index + 1 }));
  });
}

function quotedKeyPattern(keys: readonly string[]): RegExp {
  const alternatives = keys.map((key) => key.replace(/[.\\+*?[^\]$(){}|-]/g, '\\$&')).join('|');
  return new RegExp(`(["'\`])(${alternatives})\\1`, 'g');
}

async function sourceFiles(directory: string): Promise<string[]> {
  const tracked = await promisify(execFile)('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: directory,
    maxBuffer: 256 * 1024 * 1024,
  }).catch(() => undefined);
  if (tracked !== undefined) return tracked.stdout.split('\0').filter((file) => file !== '');
  return walk(directory, directory);
}

async function walk(root: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await walk(root, path)));
    else if (entry.isFile()) files.push(relative(root, path).replaceAll('\\', '/'));
  }
  return files;
}
