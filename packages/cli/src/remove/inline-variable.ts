/** A variable that holds nothing but the kept value, and decides something. */
import type { Node } from 'oxc-parser';
import type { ScriptModule } from '../scan/script-module.ts';
import type { LoadedModule } from '../scan/static-values.ts';
import { type Edit, removeWithLine } from './edit.ts';
import type { KeptValues } from './kept-values.ts';

/**
 * The value takes the place of the variable where it is a yes or no, or is compared: a text or number that is only shown keeps
 * its name, which says what it is. Exported and reassigned variables stay.
 */
export function editOfVariable(node: Node, module: LoadedModule, kept: KeptValues): Edit | undefined {
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier' || node.init === null) return undefined;
  const result = kept.valueOf(node.init);
  const declaration = module.parentOf(node);
  if (result === undefined || declaration?.type !== 'VariableDeclaration' || declaration.declare) return undefined;
  if (module.parentOf(declaration)?.type === 'ExportNamedDeclaration') return undefined;
  const { id } = node;
  const uses = module.nodes.filter((use) => use.type === 'Identifier' && use !== id && use.name === id.name);
  const own = uses.filter((use) => module.scopes.bindingOf(use)?.name === id);
  if (own.some((use) => isWritten(use, module))) return undefined;
  // Named where it is no value, as in `export { isOn }` or `typeof isOn`: it has to stay.
  if (uses.some((use) => /^(?:ExportSpecifier|TSTypeQuery)$/.test(module.parentOf(use)?.type ?? ''))) return undefined;
  if (typeof result.value !== 'boolean' && !own.some((use) => decides(use, module))) return undefined;
  const name = kept.nameOf(result.value);
  return (text) => {
    for (const use of own) {
      const parent = module.parentOf(use);
      const isShorthand = parent?.type === 'Property' && parent.shorthand;
      text.overwrite(use.start, use.end, isShorthand ? `${id.name}: ${name}` : name);
    }
    const { declarations } = declaration;
    if (declarations.length === 1) removeWithLine(text, declaration, module.text);
    else {
      const index = declarations.indexOf(node);
      const [before, after] = [declarations[index - 1], declarations[index + 1]];
      if (after !== undefined) text.remove(node.start, after.start);
      else text.remove(before?.end ?? node.start, node.end);
    }
  };
}

function isWritten(use: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(use);
  return (
    parent?.type === 'UpdateExpression' ||
    (parent?.type === 'AssignmentExpression' && parent.left === use) ||
    ((parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement') && parent.left === use)
  );
}

function decides(use: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(use);
  switch (parent?.type) {
    case 'BinaryExpression':
      return /^[!=]==?$/.test(parent.operator);
    case 'SwitchStatement':
      return parent.discriminant === use;
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
      return parent.test === use;
    case 'UnaryExpression':
      return parent.operator === '!';
    case 'LogicalExpression':
      return parent.left === use;
    case 'MemberExpression':
      return parent.object === use;
    default:
      return false;
  }
}
