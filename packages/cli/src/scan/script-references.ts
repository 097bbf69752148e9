/** The references to flags in one module of TypeScript or JavaScript, read from its syntax tree. */
import type { Node } from 'oxc-parser';
import { evaluatedKey, evaluationForm } from './evaluations.ts';
import { isNoKey, isValueOf } from './no-key.ts';
import { quotedKeysIn } from './quoted-keys.ts';
import { type Idiom, positionsIn, type Reference } from './reference.ts';
import { bare, textOf } from './script-module.ts';
import { isModuleExports, type LoadedModule, type StaticValueOf, type TextValue } from './static-values.ts';

export interface Occurrence {
  readonly flag: string;
  readonly node: Node;
  /** Offset of the key, which may stand within the node. */
  readonly start: number;
  readonly idiom: Idiom;
}

/** @param keys those that count @returns in the order of the text */
export function occurrencesIn(module: LoadedModule, keys: ReadonlySet<string>, staticValueOf: StaticValueOf): Occurrence[] {
  if (module.isGenerated) return [];
  const occurrences: Occurrence[] = [];
  for (const node of module.nodes) {
    const text = textOf(node);
    if (text !== undefined && keys.has(text)) {
      if (isNoKey(node, module)) continue;
      const definition = definitionOf(node, module);
      if (definition !== undefined && isOtherwiseUsed(definition, module)) continue;
      occurrences.push({ flag: text, node, start: node.start, idiom: idiomOfText(node, module, definition !== undefined) });
    } else if (node.type === 'Literal' || node.type === 'TemplateElement') {
      if (/["'`&]/.test(innerOf(node, module).text)) occurrences.push(...quotedWithin(node, module, keys));
    } else if (node.type === 'Identifier') {
      const use = useOf(node, module, staticValueOf);
      if (use === undefined || !keys.has(use.value.text)) continue;
      if (isNoKey(use.node, module) || isExported(use.node, module)) continue;
      const { node: named, value } = use;
      occurrences.push({ flag: value.text, node: named, start: named.start, idiom: idiomOfUse(value, module) });
    }
  }
  return occurrences;
}

export function scriptReferences(module: LoadedModule, keys: ReadonlySet<string>, staticValueOf: StaticValueOf): Reference[] {
  const positionOf = positionsIn(module.text);
  return occurrencesIn(module, keys, staticValueOf).map(({ flag, start, idiom }) => ({
    ...{ flag, file: module.file },
    ...positionOf(start),
    idiom,
  }));
}

/** Keys that are evaluated and are none of `keys`. */
export function unknownKeysIn(module: LoadedModule, keys: ReadonlySet<string>, staticValueOf: StaticValueOf): Reference[] {
  if (module.isGenerated) return [];
  const positionOf = positionsIn(module.text);
  return module.nodes.flatMap((node) => {
    const argument = evaluatedKey(node, module, staticValueOf);
    const value = argument && staticValueOf(argument, module);
    if (argument === undefined || value?.kind !== 'text' || keys.has(value.text)) return [];
    const isWritten = textOf(bare(argument)) !== undefined;
    const idiom = isWritten ? idiomOfText(bare(argument), module, false) : idiomOfUse(value, module);
    return [{ flag: value.text, file: module.file, ...positionOf(argument.start), idiom }];
  });
}

/** A text may be code itself: a template of a component, HTML, a query, a command. */
function quotedWithin(node: Node, module: LoadedModule, keys: ReadonlySet<string>): Occurrence[] {
  const { text, start } = innerOf(node, module);
  const found = [...quotedKeysIn(text)].filter(({ flag }) => keys.has(flag));
  if (found.length === 0 || isNoCode(node, module)) return [];
  return found.map(({ flag, offset }) => ({ flag, node, start: start + offset, idiom: 'quoted' }));
}

/** Without what stands around it: quotes, or the braces of a template. */
function innerOf(node: Node, { text }: LoadedModule): { readonly text: string; readonly start: number } {
  // Its raw value has other ends of lines than the text may have.
  const isBeforeValue = node.type === 'TemplateElement' && !node.tail;
  return { text: text.slice(node.start + 1, node.end - (isBeforeValue ? 2 : 1)), start: node.start + 1 };
}

/** By the place of the whole text that the node is a part of. A tag may do anything with its template. */
function isNoCode(node: Node, module: LoadedModule): boolean {
  const parent = module.parentOf(node);
  if (parent?.type === 'TaggedTemplateExpression') return false;
  const isPart = parent?.type === 'TemplateLiteral' || (parent?.type === 'BinaryExpression' && parent.operator === '+');
  return parent && (isPart || isValueOf(parent, node)) ? isNoCode(parent, module) : isNoKey(node, module);
}

/** The longest chain `A.b.c` from a name that is a text. */
function useOf(name: Node, module: LoadedModule, staticValueOf: StaticValueOf): { node: Node; value: TextValue } | undefined {
  if (module.scopes.bindingOf(name) === undefined) return undefined;
  for (let node: Node | undefined = name; node !== undefined; ) {
    const value = staticValueOf(node, module);
    if (value?.kind === 'text') return { node, value };
    const parent: Node | undefined = module.parentOf(node);
    if (value?.kind !== 'record' || parent === undefined) return undefined;
    const goesOn: boolean = (parent.type === 'MemberExpression' && parent.object === node) || bare(parent) === bare(node);
    node = goesOn && parent.type !== 'ExpressionStatement' ? parent : undefined;
  }
  return undefined;
}

/** The variable whose value `node` is; `true` for a place in an object, an enum or a class. */
function definitionOf(node: Node, module: LoadedModule): Node | true | undefined {
  const parent = module.parentOf(node);
  if (parent === undefined) return undefined;
  if (bare(parent) === bare(node)) return definitionOf(parent, module);
  if (parent.type === 'VariableDeclarator') return parent;
  if (parent.type === 'TSEnumMember') return true;
  if (parent.type === 'PropertyDefinition') return parent.static ? true : undefined;
  return parent.type === 'Property' && parent.value === node && isOfConstant(parent, module) ? true : undefined;
}

/** Within the object literal of a constant, at any depth. */
function isOfConstant(node: Node, module: LoadedModule): boolean {
  const parent = module.parentOf(node);
  switch (parent?.type) {
    case 'ObjectExpression':
    case 'Property':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return isOfConstant(parent, module);
    case 'CallExpression':
      return (
        /^(?:Object\.)?(?:freeze|seal)$/.test(module.text.slice(parent.callee.start, parent.callee.end)) &&
        isOfConstant(parent, module)
      );
    case 'VariableDeclarator':
      return true;
    default:
      return false;
  }
}

/** A constant that is used, and nowhere as a key; what is exported may be used anywhere. */
function isOtherwiseUsed(definition: Node | true, module: LoadedModule): boolean {
  if (definition === true || definition.type !== 'VariableDeclarator') return false;
  const declaration = module.parentOf(definition);
  if (declaration !== undefined && module.parentOf(declaration)?.type === 'ExportNamedDeclaration') return false;
  const uses = module.scopes.usesOf(definition.id);
  return uses.length > 0 && uses.every((use) => isNoKey(use, module) && module.parentOf(use)?.type !== 'ExportSpecifier');
}

/** `module.exports = { NAME }` hands the constant on. */
function isExported(node: Node, module: LoadedModule): boolean {
  for (let at = module.parentOf(node); at !== undefined; at = module.parentOf(at)) {
    if (at.type === 'AssignmentExpression')
      return isModuleExports(at.left) || /^exports\./.test(module.text.slice(at.left.start));
    if (at.type !== 'Property' && at.type !== 'ObjectExpression') return false;
  }
  return false;
}

function idiomOfText(node: Node, module: LoadedModule, isDefinition: boolean): Idiom {
  if (isDefinition) return 'definition';
  if (isInDecorator(node, module)) return 'decorator';
  const call = module.parentOf(node);
  if (call?.type === 'CallExpression' && call.arguments.some((argument) => argument === node)) {
    const form = evaluationForm(call, module);
    if (form === 'hook') return 'hook';
    if (node.type === 'TemplateLiteral') return 'template';
    return form === undefined ? 'wrapper' : 'literal';
  }
  return node.type === 'TemplateLiteral' ? 'template' : 'other';
}

function idiomOfUse(value: TextValue, module: LoadedModule): Idiom {
  if (value.module.isGenerated) return 'typed-accessor';
  if (value.isMember) return 'key-object';
  return value.module === module ? 'constant' : 'imported-constant';
}

function isInDecorator(node: Node, module: LoadedModule): boolean {
  for (let at = module.parentOf(node); at !== undefined; at = module.parentOf(at)) {
    if (at.type === 'Decorator') return true;
    if (at.type.endsWith('Statement') || at.type.includes('Function')) return false;
  }
  return false;
}
