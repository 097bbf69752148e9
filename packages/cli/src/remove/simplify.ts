/**
 * Takes the branches away that a kept value decides, one step at a time: each step reads the text anew, applies the first rule
 * that fits the innermost place, and ends when none does. Whatever no rule understands stays as it is, with the value written
 * into it, and is still right.
 */
import MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import { toLoadedModule } from '../scan/scan-tree.ts';
import { bare, parseScript, type ScriptModule } from '../scan/script-module.ts';
import type { LoadedModule } from '../scan/static-values.ts';
import { type Edit, removeWithLine } from './edit.ts';
import { editOfVariable } from './inline-variable.ts';
import { editOfIf, editOfSwitch } from './keep-branch.ts';
import { type KeptValues, literalOf } from './kept-values.ts';

/** Far more steps than a file of 1 MiB needs; one that does not end would be a mistake here. */
const MAX_STEPS = 5_000;

/** Throws when a step leaves something that is no program: better no answer than a wrong one. */
export function simplify(file: string, text: string, kept: KeptValues): LoadedModule {
  let current = text;
  for (let step = 0; step < MAX_STEPS; step++) {
    const parsed = parseScript(file, current);
    if (parsed === null) throw new Error(`The rewritten text of ${file} cannot be parsed.`);
    const module = toLoadedModule(parsed);
    const edit = nextEdit(module, kept);
    if (edit === undefined) return module;
    const edits = new MagicString(current);
    edit(edits);
    current = edits.toString();
  }
  throw new Error(`The text of ${file} is not simple after ${MAX_STEPS} steps.`);
}

function nextEdit(module: LoadedModule, kept: KeptValues): Edit | undefined {
  // Children stand behind their parents, so that from the end the innermost comes first.
  for (const node of module.nodes.toReversed()) {
    const edit = editOf(node, module, kept);
    if (edit !== undefined) return edit;
  }
  return undefined;
}

function editOf(node: Node, module: LoadedModule, kept: KeptValues): Edit | undefined {
  switch (node.type) {
    case 'UnaryExpression':
    case 'BinaryExpression':
    case 'MemberExpression':
    case 'AwaitExpression':
    case 'CallExpression':
    case 'ParenthesizedExpression': {
      const result = kept.valueOf(node);
      return result && ((text) => text.overwrite(node.start, node.end, kept.nameOf(result.value)));
    }
    case 'ConditionalExpression': {
      const test = kept.valueOf(node.test);
      return test && putInPlace(node, test.value ? node.consequent : node.alternate, module, kept);
    }
    case 'LogicalExpression':
      return editOfLogical(node, module, kept);
    case 'IfStatement': {
      const test = kept.valueOf(node.test);
      return test && editOfIf(node, Boolean(test.value), module);
    }
    case 'WhileStatement': {
      const test = kept.valueOf(node.test);
      return test && !test.value ? (text) => text.remove(node.start, node.end) : undefined;
    }
    case 'SwitchStatement':
      return editOfSwitch(node, module, kept);
    case 'VariableDeclarator':
      return editOfVariable(node, module, kept);
    default:
      return undefined;
  }
}

type Logical = Extract<Node, { type: 'LogicalExpression' }>;

function editOfLogical(node: Logical, module: ScriptModule, kept: KeptValues): Edit | undefined {
  const left = kept.valueOf(node.left);
  if (left !== undefined) {
    const goesOn = node.operator === '??' ? left.value === null : Boolean(left.value) === (node.operator === '&&');
    return putInPlace(node, goesOn ? node.right : node.left, module, kept);
  }
  const right = kept.valueOf(node.right);
  // What is no test may be any value: `x && true` is not `x`.
  if (right === undefined || node.operator === '??' || !isTest(node, module)) return undefined;
  if (Boolean(right.value) === (node.operator === '&&')) return putInPlace(node, node.left, module, kept);
  return isPure(node.left) ? putInPlace(node, node.right, module, kept) : undefined;
}

/** Whether only the truth of `node` matters. */
function isTest(node: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(node);
  switch (parent?.type) {
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ConditionalExpression':
      return parent.test === node;
    case 'UnaryExpression':
      return parent.operator === '!';
    case 'ParenthesizedExpression':
    case 'LogicalExpression':
      return isTest(parent, module);
    default:
      return false;
  }
}

/** Reading it does nothing, as far as a reader of the code would think. */
function isPure(node: Node): boolean {
  const expression = bare(node);
  if (expression.type === 'MemberExpression') return !expression.computed && isPure(expression.object);
  if (expression.type === 'UnaryExpression') return expression.operator !== 'delete' && isPure(expression.argument);
  if (expression.type === 'BinaryExpression' || expression.type === 'LogicalExpression')
    return isPure(expression.left) && isPure(expression.right);
  return expression.type === 'Identifier' || expression.type === 'Literal' || expression.type === 'ThisExpression';
}

/** Binds tightly enough to stand wherever an expression may. */
const TIGHT = new Set<Node['type']>([
  ...([
    'Identifier',
    'Literal',
    'TemplateLiteral',
    'CallExpression',
    'MemberExpression',
    'NewExpression',
    'ArrayExpression',
  ] as const),
  ...(['ThisExpression', 'ParenthesizedExpression', 'JSXElement', 'JSXFragment'] as const),
]);

/** `stays`, a part of `node`, takes its place. */
function putInPlace(node: Node, stays: Node, module: ScriptModule, kept: KeptValues): Edit {
  const parent = module.parentOf(node);
  const owner = parent?.type === 'JSXExpressionContainer' ? module.parentOf(parent) : undefined;
  if (parent !== undefined && (owner?.type === 'JSXElement' || owner?.type === 'JSXFragment')) {
    const shown = bare(stays);
    if (shown.type === 'JSXElement' || shown.type === 'JSXFragment')
      return (text) => text.overwrite(parent.start, parent.end, module.text.slice(shown.start, shown.end));
    const value = kept.valueOf(shown) ?? literalOf(shown);
    // React shows nothing for them.
    if (value !== undefined && (value.value === null || typeof value.value === 'boolean'))
      return (text) => removeWithLine(text, parent, module.text);
  }
  const words = module.text.slice(stays.start, stays.end);
  // At the beginning of a statement, or of what an arrow answers, a brace would open a block.
  const opens =
    /^(?:Object|Function|Class)Expression$/.test(stays.type) &&
    /^(?:ArrowFunctionExpression|ExpressionStatement)$/.test(parent?.type ?? '');
  const isLoose = parent !== undefined && !opens && takesAny(parent, node);
  return (text) => text.overwrite(node.start, node.end, isLoose || TIGHT.has(stays.type) ? words : `(${words})`);
}

/** Places in which no operator stands beside the expression. */
function takesAny(parent: Node, node: Node): boolean {
  switch (parent.type) {
    case 'VariableDeclarator':
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'JSXExpressionContainer':
    case 'ParenthesizedExpression':
    case 'Property':
    case 'AssignmentExpression':
    case 'ArrayExpression':
    case 'IfStatement':
    case 'ArrowFunctionExpression':
    case 'ExpressionStatement':
    case 'TemplateLiteral':
      return true;
    case 'CallExpression':
    case 'NewExpression':
      return parent.callee !== node;
    default:
      return false;
  }
}
