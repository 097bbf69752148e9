/**
 * The files of a source tree that people write: what git would track by the `.gitignore` files of the tree and of the
 * repository around it, less what a `.yardarmignore` of the same form names, without dependencies, lock files, prose and data. No git is needed, so that an unpacked archive is
 * read like a clone.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { UsageError } from '../usage.ts';

/** Larger files are data or bundles, not code that people edit. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** Never written by the people who own the tree. */
const FOREIGN_FOLDERS = new Set(['node_modules', 'bower_components', '.git', '.hg', '.svn', '.yarn', '.pnpm-store']);
/** Where no `.gitignore` says so: what builds leave behind. */
const BUILT_FOLDERS = new Set(['dist', 'build', 'target', 'coverage']);
/** Prose, data, pictures and lock files: a key there evaluates nothing. */
const NO_CODE =
  /\.(?:md|mdx|markdown|rst|adoc|txt|csv|tsv|log|svg|map|snap|lock|patch|diff|po|pot|min\.(?:js|css)|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf|eot|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|so|dylib|dll|exe|wasm|mp[34]|mov|webm|sqlite|db)$|(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|LICENSE|NOTICE|COPYING)$/i;

interface Rules {
  /** Absolute. */
  readonly folder: string;
  readonly patterns: Ignore;
}

/** Paths relative to `root` with forward slashes, in an order that is the same on every machine. */
export function listSourceFiles(root: string): string[] {
  const top = resolve(root);
  const above = rulesAbove(top);
  const files: string[] = [];
  visit(top, above);
  return files;

  function visit(folder: string, rules: readonly Rules[]): void {
    const { all, entries } = readFolder(folder, rules);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!isSkipped(path, true, all)) visit(path, all);
      } else if (entry.isFile() && !isSkipped(path, false, all)) files.push(relative(top, path).replaceAll('\\', '/'));
    }
  }
}

/** Throws a UsageError where it, or what it says to ignore, cannot be read: what is in it would count as not there. */
function readFolder(
  folder: string,
  rules: readonly Rules[],
): { readonly all: readonly Rules[]; readonly entries: readonly Dirent[] } {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { all: [...rules, ...rulesOf(folder)], entries };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new UsageError(`'${folder}', or a file in it that says what to ignore, cannot be read (${code}).`, { cause });
  }
}

/** Says of a path below `root`, as `listSourceFiles` writes them, whether it would be listed if it were a file there. */
export function isSourceFile(root: string): (file: string) => boolean {
  const top = resolve(root);
  const above = rulesAbove(top);
  return (file) => {
    let rules: readonly Rules[] = above;
    let path = top;
    return file.split('/').every((name, index, { length }) => {
      rules = [...rules, ...rulesOf(path)];
      path = join(path, name);
      return !isSkipped(path, index < length - 1, rules);
    });
  };
}

function isSkipped(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  const name = basename(path);
  if (isFolder && (FOREIGN_FOLDERS.has(name) || (rules.length === 0 && BUILT_FOLDERS.has(name)))) return true;
  // Of a worktree or a submodule `.git` is a file.
  if (!isFolder && (name === '.git' || NO_CODE.test(path.replaceAll('\\', '/')))) return true;
  return isIgnored(path, isFolder, rules);
}

/** The deepest file with an opinion decides, as for git. */
function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, patterns } of rules.toReversed()) {
    const inside = `${relative(folder, path).replaceAll('\\', '/')}${isFolder ? '/' : ''}`;
    const { ignored, unignored } = patterns.test(inside);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Of the repository that `top` is a folder of; none where it is the root itself, or in no repository. */
function rulesAbove(top: string): Rules[] {
  const folders: string[] = [];
  for (let folder = top; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) break;
    const parent = dirname(folder);
    if (parent === folder) return [];
    folders.unshift(parent);
  }
  return folders.flatMap(rulesOf);
}

/** One, or none. */
function rulesOf(folder: string): readonly Rules[] {
  const texts = [join(folder, '.git/info/exclude'), join(folder, '.gitignore'), join(folder, '.yardarmignore')].flatMap((file) =>
    existsSync(file) && statSync(file).isFile() ? [readFileSync(file, 'utf8')] : [],
  );
  return texts.length === 0 ? [] : [{ folder, patterns: ignore().add(texts.join('\n')) }];
}
