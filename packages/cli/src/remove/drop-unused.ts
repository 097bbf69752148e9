/**
 * Takes away what only the removed branches used: imports, functions and constants of this file. What was unused before stays,
 * and so does everything exported or of which the making may do something.
 */
import MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import { toLoadedModule } from '../scan/scan-tree.ts';
import { bare, calleeName, parseScript, type ScriptModule } from '../scan/script-module.ts';
import type { LoadedModule } from '../scan/static-values.ts';
import { removeWithLine } from './edit.ts';

/** @param before the module as it was @returns the text of `after` without what nobody uses any more */
export function dropUnused(before: LoadedModule, after: string): string {
  const usedBefore = usedNames(before);
  let text = after;
  for (;;) {
    const parsed = parseScript(before.file, text);
    if (parsed === null) throw new Error(`The rewritten text of ${before.file} cannot be parsed.`);
    const module = toLoadedModule(parsed);
    const next = dropOnce(module, usedBefore);
    if (next === text) return text;
    text = next;
  }
}

function dropOnce(module: LoadedModule, usedBefore: ReadonlySet<string>): string {
  const used = usedNames(module);
  const isGone = (name: Node | null) => name?.type === 'Identifier' && usedBefore.has(name.name) && !used.has(name.name);
  const edits = new MagicString(module.text);
  for (const node of module.nodes) {
    if (node.type === 'ImportDeclaration') {
      const gone = node.specifiers.filter(({ local }) => isGone(local));
      if (gone.length > 0) dropSpecifiers(edits, node, gone, module);
    } else if (node.type === 'FunctionDeclaration' && isGone(node.id) && !isExported(node, module))
      removeWithLine(edits, node, module.text);
    else if (node.type === 'VariableDeclaration' && !isExported(node, module)) {
      const [only, ...others] = node.declarations;
      if (only === undefined || others.length > 0) continue;
      const names =
        only.id.type === 'ObjectPattern'
          ? only.id.properties.map((one) => (one.type === 'Property' ? one.value : one.argument))
          : [only.id];
      if (names.every(isGone) && only.init !== null && isHarmless(only.init)) removeWithLine(edits, node, module.text);
    }
  }
  return edits.toString();
}

function dropSpecifiers(
  edits: MagicString,
  node: Extract<Node, { type: 'ImportDeclaration' }>,
  gone: readonly Node[],
  module: ScriptModule,
): void {
  const stays = node.specifiers.filter((one) => !gone.includes(one));
  if (stays.length === 0) {
    removeWithLine(edits, node, module.text);
    return;
  }
  const source = (one: Node) => module.text.slice(one.start, one.end);
  const whole = stays.filter(({ type }) => type !== 'ImportSpecifier').map(source);
  const named = stays.filter(({ type }) => type === 'ImportSpecifier').map(source);
  const list = [...whole, ...(named.length > 0 ? [`{ ${named.join(', ')} }`] : [])].join(', ');
  const kind = node.importKind === 'type' ? 'import type' : 'import';
  edits.overwrite(node.start, node.source.start, `${kind} ${list} from `);
}

/** Names that are read somewhere, in types as well; by name alone, so that at worst something stays. */
function usedNames(module: LoadedModule): Set<string> {
  const used = new Set<string>();
  for (const node of module.nodes) {
    if (node.type === 'JSXIdentifier') used.add(node.name);
    if (node.type === 'Identifier' && !isDeclared(node, module)) used.add(node.name);
  }
  return used;
}

function isDeclared(node: Node, module: LoadedModule): boolean {
  const parent = module.parentOf(node);
  switch (parent?.type) {
    case 'VariableDeclarator':
      return parent.id === node;
    case 'FunctionDeclaration':
      return parent.id === node;
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return true;
    case 'MemberExpression':
      return parent.property === node && !parent.computed;
    case 'Property':
      if (module.parentOf(parent)?.type === 'ObjectPattern') return true;
      return parent.key === node && !parent.computed && !parent.shorthand;
    default:
      return false;
  }
}

function isExported(node: Node, module: LoadedModule): boolean {
  return /^Export/.test(module.parentOf(node)?.type ?? '');
}

/** Calls that only hand out what is there; hooks of React that read nothing else. */
const HARMLESS_CALLS = /^(?:getClient|typedClient|typedProvider|useOpenFeatureClient)$/;

function isHarmless(init: Node): boolean {
  const node = bare(init);
  switch (node.type) {
    case 'Literal':
    case 'Identifier':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return true;
    case 'TemplateLiteral':
      return node.expressions.every(isHarmless);
    case 'MemberExpression':
      return !node.computed && isHarmless(node.object);
    case 'ArrayExpression':
      return node.elements.every((one) => one !== null && isHarmless(one));
    case 'ObjectExpression':
      return node.properties.every((one) => one.type === 'Property' && isHarmless(one.value));
    case 'CallExpression':
      return HARMLESS_CALLS.test(calleeName(node) ?? '') && node.arguments.every(isHarmless);
    default:
      return false;
  }
}
