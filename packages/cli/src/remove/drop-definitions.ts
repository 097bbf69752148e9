/** Takes away the constants, members and enum members that held the key, once nothing in the tree reads them. */
import MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import { createResolver } from '../scan/resolve-specifier.ts';
import { bare } from '../scan/script-module.ts';
import { occurrencesIn } from '../scan/script-references.ts';
import { createStaticValueOf, type LoadedModule, type StaticValueOf } from '../scan/static-values.ts';
import { removeWithLine } from './edit.ts';

/** @param modules as they are after the calls were replaced @returns the files that change, with their new texts */
export function dropDefinitions(modules: readonly LoadedModule[], flag: string): { file: string; text: string }[] {
  const byFile = new Map(modules.map((module) => [module.file, module]));
  const resolve = createResolver([...byFile.keys()]);
  const staticValueOf = createStaticValueOf({ load: (file) => byFile.get(file) ?? null, resolve });
  const found = modules.map((module) => ({ module, all: occurrencesIn(module, new Set([flag]), staticValueOf) }));
  const read = new Set(modules.flatMap((module) => definitionsReadIn(module, staticValueOf)));
  return found.flatMap(({ module, all }) => {
    const unread = all.filter(({ node, idiom }) => idiom === 'definition' && !read.has(bare(node)));
    if (unread.length === 0) return [];
    const edits = new MagicString(module.text);
    for (const { node } of unread) dropDefinition(edits, node, module);
    return [{ file: module.file, text: edits.toString() }];
  });
}

/** The texts that names and members of a module stand for, those included that it hands on: `export { KEY } from …`. */
function definitionsReadIn(module: LoadedModule, staticValueOf: StaticValueOf): Node[] {
  return module.nodes.flatMap((node) => {
    const isExported = node.type === 'Identifier' && module.parentOf(node)?.type === 'ExportSpecifier';
    const binding = isExported ? module.scopes.top.get(node.name) : undefined;
    const isRead = node.type === 'Identifier' || node.type === 'MemberExpression';
    const value =
      binding?.kind === 'variable' ? staticValueOf(binding.init, module) : isRead ? staticValueOf(node, module) : undefined;
    return value?.kind === 'text' ? [value.node] : [];
  });
}

function dropDefinition(edits: MagicString, node: Node, module: LoadedModule): void {
  let at = node;
  for (let up = module.parentOf(at); up !== undefined && !isRemovable(at); up = module.parentOf(at)) at = up;
  const parent = module.parentOf(at);
  const isOnly = parent?.type === 'VariableDeclaration' && parent.declarations.length === 1;
  const owner = isOnly ? module.parentOf(parent) : undefined;
  if (at.type === 'PropertyDefinition') removeWithLine(edits, at, module.text);
  else if (isOnly) removeWithLine(edits, owner?.type === 'ExportNamedDeclaration' ? owner : parent, module.text);
  else dropFromList(edits, at, module.text);
}

function isRemovable({ type }: Node): boolean {
  return type === 'Property' || type === 'TSEnumMember' || type === 'PropertyDefinition' || type === 'VariableDeclarator';
}

/** With the comma that follows, or the one before where it is the last. */
function dropFromList(edits: MagicString, { start, end }: Node, text: string): void {
  const after = /^\s*,/.exec(text.slice(end));
  const before = /,\s*$/.exec(text.slice(0, start));
  if (after !== null) removeWithLine(edits, { start, end: end + after[0].length }, text);
  else edits.remove(start - (before?.[0].length ?? 0), end);
}
