/**
 * Finds the references to flags in a source tree. Every file is read once; a syntax tree is made only of scripts that hold a
 * key, that import from one that does, or that may evaluate a flag: of most files of a large tree the text alone is looked at.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bareKeysIn } from './bare-keys.ts';
import { keyParametersOf, mayEvaluate } from './evaluations.ts';
import { quotedKeysIn, quotedReferences, unknownQuotedKeys } from './quoted-keys.ts';
import { readTextFile } from './read-text-file.ts';
import { compareReferences, type Reference } from './reference.ts';
import { createResolver, specifiersIn } from './resolve-specifier.ts';
import { buildScopes } from './scopes.ts';
import { bare, isScript, parseScript, type ScriptModule } from './script-module.ts';
import { scriptReferences, unknownKeysIn } from './script-references.ts';
import { listSourceFiles, MAX_FILE_BYTES } from './source-files.ts';
import { createStaticValueOf, type LoadedModule, type ModuleGraph, type StaticValueOf } from './static-values.ts';

export interface Scan {
  /** Ordered by file, line and column. */
  readonly references: readonly Reference[];
  /** Keys that the code evaluates and that were not asked for. */
  readonly unknown: readonly Reference[];
  readonly files: number;
  /** Scripts that the parser does not understand, of which only quoted keys were looked for. */
  readonly unparsed: readonly string[];
  /** Of which nothing was looked for. */
  readonly unreadable: readonly string[];
}

/** Files that Yardarm wrote name every flag of a project, and use none. */
const WRITTEN_BY_YARDARM =
  /^\s*\{\s*"version"\s*:\s*1\s*,\s*"(?:scanner"\s*:\s*"yardarm|project"\s*:\s*"[^"]*"\s*,\s*"(?:at|files)")|^\{"type":"header","format":|flag-manifest\.json"|<testsuite name="yardarm check |"driver":\s*\{\s*"name":\s*"yardarm"|^\[\s*\{\s*"description":[^\n]*\n\s*"check_name":\s*"yardarm\//;
const HEAD_LENGTH = 600;
const GENERATED_MODULE = '// Made by `yardarm generate`';

/** A tree as far as flags go. */
export interface SourceTree {
  /** Scripts that name a flag, or may. */
  readonly modules: readonly LoadedModule[];
  readonly staticValueOf: StaticValueOf;
  /** In files without a syntax tree. */
  readonly quoted: readonly Reference[];
  readonly quotedUnknown: readonly Reference[];
  readonly files: number;
  readonly unparsed: readonly string[];
  readonly unreadable: readonly string[];
}

/** @param keys flags whose references are asked for @param root a directory that exists */
export function scanTree(root: string, keys: ReadonlySet<string>): Scan {
  const { modules, staticValueOf, quoted, quotedUnknown, files, unparsed, unreadable } = loadTree(root, keys);
  const references = [...quoted, ...modules.flatMap((module) => scriptReferences(module, keys, staticValueOf))];
  const unknown = [...quotedUnknown, ...modules.flatMap((module) => unknownKeysIn(module, keys, staticValueOf))];
  return {
    references: references.sort(compareReferences),
    unknown: unknown.sort(compareReferences),
    files,
    unparsed,
    unreadable,
  };
}

/** What was not looked at as it should have been, a sentence for each file. */
export function gapsOf({ unparsed, unreadable }: Scan): string[] {
  return [
    ...unparsed.map((file) => `${file} was not understood, so that only quoted keys were looked for in it.`),
    ...unreadable.map((file) => `${file} could not be read, so that nothing was looked for in it.`),
  ];
}

/** The same parameters as `scanTree`. */
export function loadTree(root: string, keys: ReadonlySet<string>): SourceTree {
  const files = listSourceFiles(root);
  const quoted: Reference[] = [];
  const quotedUnknown: Reference[] = [];
  const unparsed: string[] = [];
  const unreadable: string[] = [];
  const modules = new Map<string, LoadedModule>();
  /** Scripts that are of no interest by themselves, by what they import. */
  const waiting = new Map<string, readonly string[]>();
  const graph: ModuleGraph = { load: (file) => modules.get(file) ?? null, resolve: createResolver(files.filter(isScript)) };

  for (const file of files) {
    const text = read(file);
    if (text === null || WRITTEN_BY_YARDARM.test(text.slice(0, HEAD_LENGTH))) continue;
    const holdsKey = hasKey(quotedKeysIn(text), keys);
    if (!isScript(file)) {
      if (holdsKey || hasKey(bareKeysIn(file, text), keys)) quoted.push(...quotedReferences(file, text, keys));
      quotedUnknown.push(...unknownQuotedKeys(file, text, keys));
    } else if (holdsKey || mayEvaluate(text) || text.startsWith(GENERATED_MODULE)) load(file, text);
    else waiting.set(file, specifiersIn(text));
  }
  loadImporters();
  const staticValueOf = createStaticValueOf(graph);
  return { modules: [...modules.values()], staticValueOf, quoted, quotedUnknown, files: files.length, unparsed, unreadable };

  function read(file: string): string | null {
    try {
      return readText(join(root, file));
    } catch (error) {
      // No error of the file system has no code.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      unreadable.push(file);
      return null;
    }
  }

  function load(file: string, text: string): void {
    const module = parseScript(file, text);
    if (module !== null) {
      modules.set(file, toLoadedModule(module));
      return;
    }
    unparsed.push(file);
    quoted.push(...quotedReferences(file, text, keys));
  }

  /** Also those that import from an importer, which may only hand a constant on. */
  function loadImporters(): void {
    let reached = new Set([...modules.values()].filter(exportsAnything).map(({ file }) => file));
    while (reached.size > 0) {
      const next = new Set<string>();
      for (const [file, specifiers] of waiting) {
        if (!specifiers.some((specifier) => reached.has(graph.resolve(file, specifier) ?? ''))) continue;
        waiting.delete(file);
        const text = read(file);
        if (text === null) continue;
        load(file, text);
        const module = modules.get(file);
        if (module !== undefined && handsOn(module)) next.add(file);
      }
      reached = next;
    }
  }
}

export function toLoadedModule(module: ScriptModule): LoadedModule {
  const scoped = { ...module, scopes: buildScopes(module), isGenerated: module.text.startsWith(GENERATED_MODULE) };
  return { ...scoped, keyParameters: keyParametersOf(scoped) };
}

function exportsAnything({ text }: LoadedModule): boolean {
  return /\bexports?\b/.test(text);
}

/** Whether what a module imports can be imported from it: re-exports, and constants made of other values. */
function handsOn({ program }: LoadedModule): boolean {
  return program.body.some((statement) => {
    if (statement.type === 'ExportAllDeclaration' || statement.type === 'ExpressionStatement') return true;
    if (statement.type === 'ExportDefaultDeclaration')
      return /^(?:Identifier|ObjectExpression)$/.test(statement.declaration.type);
    if (statement.type !== 'ExportNamedDeclaration') return false;
    if (statement.specifiers.length > 0 || statement.declaration?.type === 'TSEnumDeclaration') return true;
    if (statement.declaration?.type === 'ClassDeclaration') return true;
    return (
      statement.declaration?.type === 'VariableDeclaration' &&
      statement.declaration.declarations.some(({ init }) =>
        /^(?:Identifier|MemberExpression|ObjectExpression)$/.test((init && bare(init).type) || ''),
      )
    );
  });
}

/** Null for what is no text, or too large to be code that people edit, or gone. */
function readText(path: string): string | null {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return null;
    return readTextFile(path);
  } catch (error) {
    // It may go while the tree is read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function hasKey(found: Iterable<{ readonly flag: string }>, keys: ReadonlySet<string>): boolean {
  for (const { flag } of found) if (keys.has(flag)) return true;
  return false;
}
