/** Puts the value that stays in the place of each call that evaluates the flag, and says of which calls it cannot. */
import MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import { evaluationForm } from '../scan/evaluations.ts';
import { bare, calleeName, memberName, type ScriptModule, textOf } from '../scan/script-module.ts';
import type { LoadedModule, StaticValueOf } from '../scan/static-values.ts';
import type { JsonValue, KeptValues } from './kept-values.ts';

export interface Replaced {
  readonly text: string;
  /** Of calls that evaluate the flag and were left: the key and the reason. */
  readonly refused: ReadonlyMap<Node, string>;
  /** Keys of calls that were replaced. */
  readonly replaced: ReadonlySet<Node>;
}

export interface ReplaceInput {
  readonly module: LoadedModule;
  readonly flag: string;
  readonly value: JsonValue;
  readonly kept: KeptValues;
  readonly staticValueOf: StaticValueOf;
}

export function replaceEvaluations({ module, flag, value, kept, staticValueOf }: ReplaceInput): Replaced {
  const edits = new MagicString(module.text);
  const refused = new Map<Node, string>();
  const replaced = new Set<Node>();
  for (const call of module.nodes) {
    if (call.type !== 'CallExpression' || evaluationForm(call, module) === undefined) continue;
    const [key] = call.arguments;
    const named = key && staticValueOf(key, module);
    if (key === undefined || named?.kind !== 'text' || named.text !== flag) continue;
    const edit = editOf(call, module, value, kept.nameOf(value));
    if (typeof edit === 'string') refused.set(key, edit);
    else {
      edits.overwrite(edit.node.start, edit.node.end, edit.text);
      replaced.add(key);
    }
  }
  return { text: edits.toString(), refused, replaced };
}

/** What becomes of which node; a reason where nothing can. */
function editOf(call: Node, module: LoadedModule, value: JsonValue, name: string): { node: Node; text: string } | string {
  const callName = calleeName(call) ?? '';
  const wanted = typeOf(callName);
  if (wanted !== null && wanted !== (typeof value === 'object' ? 'object' : typeof value))
    return `'${callName}' asks for a ${wanted}, and the variant that stays is a ${typeof value}`;
  if (hasEffect(call, module)) return 'an argument of the call does something, and would no longer do it';
  const form = evaluationForm(call, module);
  const awaited = outermost(call, module, 'AwaitExpression');
  if (/Details$|^use(?:Suspense)?Flag$/.test(callName))
    return editOfDetails(awaited ?? call, module, name, awaited !== undefined || form === 'hook' || isOfBrowser(module) === true);
  if (form !== 'method') return { node: call, text: name };
  if (awaited !== undefined) return { node: awaited, text: name };
  if (isReturnedByAsync(call, module)) return { node: call, text: name };
  const isBrowser = isOfBrowser(module) ?? (isTested(call, module) ? true : undefined);
  if (isBrowser === undefined)
    return `it cannot be told whether '${callName}' answers a value or a promise here; await it, or import the SDK in this file`;
  return { node: call, text: isBrowser ? name : `Promise.resolve(${name})` };
}

/** Of details, the value alone can be kept: `(…).value`, and `const { value } = …`. */
function editOfDetails(call: Node, module: LoadedModule, name: string, isValue: boolean): { node: Node; text: string } | string {
  const whole = withParentheses(call, module);
  const parent = module.parentOf(whole);
  if (isValue && parent !== undefined && memberName(parent) === 'value') return { node: parent, text: name };
  if (isValue && parent?.type === 'VariableDeclarator' && parent.id.type === 'ObjectPattern') {
    const [only, ...others] = parent.id.properties;
    if (only?.type === 'Property' && others.length === 0 && only.value.type === 'Identifier' && textOfKey(only.key) === 'value')
      return { node: parent, text: `${only.value.name} = ${name}` };
  }
  return 'more of the details of the evaluation is used than its value';
}

function textOfKey(key: Node): string | undefined {
  return key.type === 'Identifier' ? key.name : textOf(key);
}

/** Null for `useFlag`, which asks for any. */
function typeOf(callName: string): string | null {
  const [, ofMethod, ofProvider] =
    /^(?:get|useSuspense|use)(Boolean|String|Number|Object)|^(boolean|string|number|object)$/.exec(callName) ?? [];
  return (ofMethod ?? ofProvider)?.toLowerCase() ?? null;
}

/** Calls in arguments build contexts, and may go; assignments and waiting may not. */
function hasEffect(call: Node, { nodes }: ScriptModule): boolean {
  const effects = new Set(['AssignmentExpression', 'UpdateExpression', 'AwaitExpression', 'YieldExpression']);
  if (call.type !== 'CallExpression') return false;
  return call.arguments.some((argument) =>
    nodes.some(({ type, start, end }) => start >= argument.start && end <= argument.end && effects.has(type)),
  );
}

/** OpenFeature's clients in browsers answer at once, those on servers with promises. Undefined where the file does not say. */
function isOfBrowser({ program }: ScriptModule): boolean | undefined {
  const sources = program.body.flatMap((statement) => (statement.type === 'ImportDeclaration' ? [statement.source.value] : []));
  const isBrowser = sources.some((source) => /^@openfeature\/(?:web|react|angular)-sdk$|^@yardarm\/sdk-browser$/.test(source));
  const isServer = sources.some((source) => /^@openfeature\/(?:server|nestjs)-sdk$|^@yardarm\/sdk-node$/.test(source));
  return isBrowser === isServer ? undefined : isBrowser;
}

/** A promise is never tested by people who mean its value. */
function isTested(node: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(withParentheses(node, module));
  switch (parent?.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      return bare(parent.test) === node;
    case 'UnaryExpression':
      return parent.operator === '!';
    case 'LogicalExpression':
      return bare(parent.left) === node;
    default:
      return false;
  }
}

function isReturnedByAsync(call: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(withParentheses(call, module));
  if (parent?.type !== 'ReturnStatement' && parent?.type !== 'ArrowFunctionExpression') return false;
  for (let at: Node | undefined = parent; at !== undefined; at = module.parentOf(at))
    if ('async' in at && /Function/.test(at.type)) return at.async === true;
  return false;
}

function withParentheses(node: Node, module: ScriptModule): Node {
  const parent = module.parentOf(node);
  return parent !== undefined && bare(parent) === bare(node) && parent.type !== 'ExpressionStatement'
    ? withParentheses(parent, module)
    : node;
}

function outermost(node: Node, module: ScriptModule, type: Node['type']): Node | undefined {
  const parent = module.parentOf(withParentheses(node, module));
  return parent?.type === type ? parent : undefined;
}
