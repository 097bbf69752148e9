/**
 * Places in which a text that equals a flag key is plainly something else, because no flag can be evaluated by it there.
 * What this does not name counts as a reference: a false alarm costs a look, a reference that was missed costs an outage.
 */
import type { Node } from 'oxc-parser';
import { calleeName, memberName, propertyName, type ScriptModule } from './script-module.ts';

/** Calls that take a text for a person, for the page, for storage or for comparison. */
const OTHER_CALLS = new Set(
  [
    'require resolve mock unmock doMock importActual importOriginal',
    'describe it test suite context bench',
    'toBe toEqual toStrictEqual toContain toMatch toHaveProperty toHaveBeenCalledWith toThrow',
    'log info warn error debug trace fatal verbose time timeEnd group assert',
    'querySelector querySelectorAll getElementById getElementsByClassName getElementsByTagName getElementsByName closest matches',
    'createElementNS getAttribute setAttribute hasAttribute removeAttribute toggleAttribute createTextNode',
    'addEventListener removeEventListener dispatchEvent on once off emit addListener removeListener prependListener',
    'getItem setItem removeItem Symbol for',
    'startsWith endsWith indexOf lastIndexOf split join replace replaceAll match localeCompare concat padStart padEnd test',
    'URL RegExp Date Event CustomEvent URLSearchParams fetch navigate push redirect',
    'getByText getByRole getByLabelText getByTestId findByText queryByText t translate',
  ].flatMap((line) => line.split(' ')),
);
/** Properties and attributes of which the same is true, whatever holds them. */
const OTHER_NAMES = new Set(
  'type path url href src to route className class style title label text message description placeholder alt role htmlFor method event displayName'.split(
    ' ',
  ),
);
const COMPARISONS = new Set(['===', '!==', '==', '!=', '<', '>', '<=', '>=']);
const VALUES_OF_TYPES = new Set([
  ...['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion', 'TSEnumMember', 'TSExportAssignment'],
  ...['TSEnumBody', 'TSParameterProperty', 'TSInstantiationExpression', 'TSModuleBlock'],
]);

/** Whether the parent's value may be the node's: parentheses, types, a branch of a choice. */
export function isValueOf(parent: Node, node: Node): boolean {
  switch (parent.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return true;
    case 'ConditionalExpression':
      return parent.test !== node;
    case 'LogicalExpression':
      return parent.right === node;
    default:
      return false;
  }
}

/** @param node a text, or a name that stands for one */
export function isNoKey(node: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(node);
  if (parent === undefined) return true;
  if (parent.type.startsWith('TS') && !VALUES_OF_TYPES.has(parent.type)) return true;
  if (isValueOf(parent, node)) return isNoKey(parent, module);
  switch (parent.type) {
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'ImportAttribute':
    case 'ImportSpecifier':
    case 'ExportSpecifier':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ExpressionStatement':
    // A part of a longer text.
    case 'TemplateLiteral':
    case 'TaggedTemplateExpression':
    case 'ThrowStatement':
      return true;
    case 'BinaryExpression':
      return COMPARISONS.has(parent.operator) || parent.operator === '+';
    case 'SwitchCase':
      return parent.test === node;
    case 'CallExpression':
    case 'NewExpression': {
      if (parent.callee === node) return false;
      const name = calleeName(parent) ?? calleeName(parent.callee) ?? '';
      return OTHER_CALLS.has(name) || /Error$|^console$/.test(name) || isOnTestFunction(parent.callee);
    }
    case 'Property':
    case 'PropertyDefinition':
      return parent.value === node && parent.key !== node && OTHER_NAMES.has(propertyName(parent) ?? '');
    case 'AssignmentExpression':
      return parent.right === node && OTHER_NAMES.has(memberName(parent.left) ?? '');
    case 'JSXExpressionContainer': {
      const owner = module.parentOf(parent);
      return owner?.type === 'JSXAttribute' ? isOtherAttribute(owner, module) : true;
    }
    case 'JSXAttribute':
      return isOtherAttribute(parent, module);
    default:
      return false;
  }
}

/** `describe.skip('…')`, `it.each(…)('…')`. */
function isOnTestFunction(callee: Node): boolean {
  const object = callee.type === 'MemberExpression' ? callee.object : callee;
  return (
    object.type === 'Identifier' &&
    /^(?:describe|it|test|suite|console|logger|log|document|localStorage|sessionStorage)$/.test(object.name)
  );
}

/** An element of HTML knows no flags; a component may. */
function isOtherAttribute(attribute: Node, module: ScriptModule): boolean {
  if (attribute.type !== 'JSXAttribute') return true;
  const element = module.parentOf(attribute);
  const isHtml =
    element?.type === 'JSXOpeningElement' && element.name.type === 'JSXIdentifier' && /^[a-z]/.test(element.name.name);
  const name = attribute.name.type === 'JSXIdentifier' ? attribute.name.name : '';
  return isHtml || OTHER_NAMES.has(name) || /^(?:id|key|data-|aria-)/.test(name);
}
