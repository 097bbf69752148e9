/**
 * Rewrites the scripts of a tree as if a flag always had one value: calls first, then the branches that they decide, then what
 * nobody uses any more, and last the constants that held the key. Nothing is written here; what was not understood is named.
 */
import { join } from 'node:path';
import type { Node } from 'oxc-parser';
import { isUtf8File } from '../scan/read-text-file.ts';
import { type Idiom, positionsIn } from '../scan/reference.ts';
import { loadTree, type SourceTree, toLoadedModule } from '../scan/scan-tree.ts';
import { parseScript } from '../scan/script-module.ts';
import { occurrencesIn } from '../scan/script-references.ts';
import type { LoadedModule } from '../scan/static-values.ts';
import { dropDefinitions } from './drop-definitions.ts';
import { dropUnused } from './drop-unused.ts';
import { createKeptValues, type JsonValue } from './kept-values.ts';
import type { Refusal } from './refusal.ts';
import { replaceEvaluations } from './replace-evaluations.ts';
import { simplify } from './simplify.ts';

const BYTE_ORDER_MARK = '\uFEFF';

export interface RewrittenFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

export interface Removal {
  /** In order of their names. */
  readonly files: readonly RewrittenFile[];
  /** Calls that were replaced by the value. */
  readonly replaced: number;
  /** Ordered by file, then as they stand in it. */
  readonly refusals: readonly Refusal[];
}

/** @param root a directory that exists @param value of the variant that stays */
export function removeFlag(root: string, flag: string, value: JsonValue): Removal {
  const tree = loadTree(root, new Set([flag]));
  const texts = new Map<string, { before: LoadedModule; after: string }>();
  const refusals: Refusal[] = tree.quoted.map(({ file, line, column }) => ({
    ...{ file, line, column },
    reason: tree.unparsed.includes(file)
      ? 'the file could not be read as JavaScript'
      : 'the file is neither TypeScript nor JavaScript',
  }));
  for (const file of tree.unreadable) refusals.push({ file, line: 1, column: 1, reason: 'the file could not be read' });
  let replaced = 0;
  for (const module of tree.modules) {
    if (!isUtf8File(join(root, module.file))) {
      refusals.push(...refuseAll(module, flag, tree, 'the file is not UTF-8, and what is not would be lost'));
      continue;
    }
    const outcome = rewriteModule(module, { tree, flag, value });
    refusals.push(...outcome.refusals);
    replaced += outcome.replaced;
    if (outcome.after !== module.text) texts.set(module.file, { before: module, after: outcome.after });
  }
  const rewritten = tree.modules.map((module) => reread(module, texts.get(module.file)?.after ?? module.text));
  for (const { file, text } of dropDefinitions(rewritten, flag)) {
    const before = tree.modules.find((module) => module.file === file);
    if (before !== undefined && isUtf8File(join(root, file))) texts.set(file, { before, after: dropUnused(before, text) });
  }
  const files = [...texts].map(([file, { before, after }]) => ({
    file,
    before: before.text,
    after: keepMark(before.text, after),
  }));
  return {
    files: files.filter(({ before, after }) => before !== after).sort((a, b) => (a.file < b.file ? -1 : 1)),
    replaced,
    refusals: refusals.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
  };
}

interface Wanted {
  readonly tree: SourceTree;
  readonly flag: string;
  readonly value: JsonValue;
}

function rewriteModule(
  module: LoadedModule,
  { tree, flag, value }: Wanted,
): { after: string; replaced: number; refusals: Refusal[] } {
  const { staticValueOf } = tree;
  const kept = createKeptValues(/^\s*import[^'"\n]*"/m.test(module.text) ? '"' : "'");
  const { text, refused, replaced } = replaceEvaluations({ module, flag, value, kept, staticValueOf });
  const positionOf = positionsIn(module.text);
  const refusals = occurrencesIn(module, new Set([flag]), staticValueOf).flatMap(({ node, start, idiom }): Refusal[] => {
    if (idiom === 'definition' || isWithin(node, replaced)) return [];
    return [{ file: module.file, ...positionOf(start), reason: refusalOf(node, refused) ?? reasonOf(idiom, node, module) }];
  });
  if (replaced.size === 0) return { after: module.text, replaced: 0, refusals };
  const simple = simplify(module.file, text, kept);
  return { after: dropUnused(module, kept.print(simple)), replaced: replaced.size, refusals };
}

function refuseAll(module: LoadedModule, flag: string, { staticValueOf }: SourceTree, reason: string): Refusal[] {
  const positionOf = positionsIn(module.text);
  return occurrencesIn(module, new Set([flag]), staticValueOf).map(({ start }) => ({
    ...{ file: module.file, ...positionOf(start) },
    reason,
  }));
}

/** It stands before the first statement, and would go with that. */
function keepMark(before: string, after: string): string {
  return before.startsWith(BYTE_ORDER_MARK) && !after.startsWith(BYTE_ORDER_MARK) ? `${BYTE_ORDER_MARK}${after}` : after;
}

function isWithin(node: Node, keys: ReadonlySet<Node>): boolean {
  return [...keys].some((key) => key.start <= node.start && node.end <= key.end);
}

function refusalOf(node: Node, refused: ReadonlyMap<Node, string>): string | undefined {
  return [...refused].find(([key]) => key.start <= node.start && node.end <= key.end)?.[1];
}

function reasonOf(idiom: Idiom, node: Node, module: LoadedModule): string {
  if (idiom === 'decorator') return 'a decorator takes the key, and what it does with it is not known';
  if (idiom === 'quoted') return 'the key stands in a longer text, which may be code';
  const parent = module.parentOf(node);
  if (parent?.type === 'CallExpression') {
    const callee = module.text.slice(parent.callee.start, parent.callee.end).split('\n', 1)[0];
    return `the key is handed to '${callee}', and what that does with it is not known`;
  }
  if (parent?.type === 'MemberExpression' || parent?.type === 'Property') return 'the key is the name of a member';
  if (parent?.type === 'ArrayExpression') return 'the key stands in a list';
  return 'the key is used where no call of a flag is';
}

function reread(module: LoadedModule, text: string): LoadedModule {
  if (text === module.text) return module;
  const parsed = parseScript(module.file, text);
  if (parsed === null) throw new Error(`The rewritten text of ${module.file} cannot be parsed.`);
  return toLoadedModule(parsed);
}
