/**
 * Which file of the tree an import means. Relative ones as the compilers read them; others by what their names say, because
 * the settings that alias them (`paths`, `imports`, workspaces) have many forms: `@/lib/flags` is the one file of the tree
 * whose path ends in `lib/flags`, `@acme/flags` the one `flags` or `flags/src`. Where that is not exactly one, none.
 */
import { posix } from 'node:path';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.d.ts'];
const WRITTEN = /\.(?:[mc]?[jt]s|[jt]sx)$/;

export type ResolveSpecifier = (from: string, specifier: string) => string | undefined;

export function createResolver(files: readonly string[]): ResolveSpecifier {
  const known = new Set(files);
  /** By the last step of their paths without extension and `/index`. */
  const byLastStep = new Map<string, { stem: string; file: string }[]>();
  for (const file of files) {
    const stem = file.replace(/(?:\.d)?\.[^./]+$/, '').replace(/\/index$/, '');
    const last = stem.slice(stem.lastIndexOf('/') + 1);
    byLastStep.set(last, [...(byLastStep.get(last) ?? []), { stem, file }]);
  }

  return (from, specifier) => {
    if (specifier.startsWith('.')) return existing(posix.normalize(posix.join(posix.dirname(from), specifier)));
    const [, ...rest] = specifier.replace(/^[~#@]\//, 'x/').split('/');
    if (rest.length === 0) return undefined;
    const path = rest.join('/').replace(WRITTEN, '');
    return theOne(path) ?? theOne(`${path}/src`);
  };

  function existing(path: string): string | undefined {
    if (known.has(path)) return path;
    for (const base of [path.replace(WRITTEN, ''), path, `${path}/index`])
      for (const extension of EXTENSIONS) if (known.has(base + extension)) return base + extension;
    return undefined;
  }

  function theOne(path: string): string | undefined {
    const candidates = byLastStep.get(path.slice(path.lastIndexOf('/') + 1)) ?? [];
    const matching = candidates.filter(({ stem }) => stem === path || stem.endsWith(`/${path}`));
    return matching.length === 1 ? matching[0]?.file : undefined;
  }
}

const SPECIFIER = /(?:\bfrom\s*|\bimport(?:\s*\()?\s*|\brequire\s*\(\s*)(["'])([^"'\n]{1,300})\1/g;

/** What a file imports, re-exports or requires, without reading its syntax tree; may name too much, as in comments. */
export function specifiersIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(SPECIFIER), ([, , specifier = '']) => specifier))];
}
