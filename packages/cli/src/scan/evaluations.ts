/** Calls that evaluate a flag: OpenFeature's methods and hooks, and the synchronous API of Yardarm's providers. */
import type { Node } from 'oxc-parser';
import { bare, calleeName } from './script-module.ts';
import type { LoadedModule, StaticValueOf } from './static-values.ts';

const METHOD = /^get(?:Boolean|String|Number|Object)(?:Value|Details)$/;
const HOOK = /^use(?:Suspense)?(?:Flag|(?:Boolean|String|Number|Object)Flag(?:Value|Details))$/;
const SYNCHRONOUS = /^(?:boolean|string|number|object)$/;
const NAMES =
  /\bget(?:Boolean|String|Number|Object)(?:Value|Details)\b|\buse(?:Suspense)?(?:Boolean|String|Number|Object)?Flag(?:Value|Details)?\b/;
const SYNCHRONOUS_CALL = /\.(?:boolean|string|number|object)\s*[(<]/;

type Scoped = Pick<LoadedModule, 'scopes'>;
export type EvaluationForm = 'method' | 'hook' | 'synchronous';

/** False for a text that evaluates no flag, without reading its syntax tree. */
export function mayEvaluate(text: string): boolean {
  return NAMES.test(text) || (SYNCHRONOUS_CALL.test(text) && /yardarm|typedProvider/i.test(text));
}

/** Undefined for any other call. The key is the first argument of all of them. */
export function evaluationForm(node: Node, module: Scoped): EvaluationForm | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const name = calleeName(node) ?? '';
  const callee = bare(node.callee);
  if (HOOK.test(name)) return 'hook';
  if (callee.type !== 'MemberExpression') return undefined;
  if (METHOD.test(name)) return 'method';
  return SYNCHRONOUS.test(name) && isProvider(callee.object, module) ? 'synchronous' : undefined;
}

/** `boolean` and `string` are the names of many methods, so that what they are called on has to say that it is a provider. */
function isProvider(node: Node, module: Scoped): boolean {
  const object = bare(node);
  const name = object.type === 'MemberExpression' ? bare(object.property) : object;
  if (name.type === 'Identifier' && /yardarm/i.test(name.name)) return true;
  const made = calleeName(object);
  if (made !== undefined) return made === 'typedProvider' || made === 'YardarmProvider';
  const binding = module.scopes.bindingOf(object);
  return binding?.kind === 'variable' && binding.path.length === 0 && isProvider(binding.init, module);
}

/** The first argument of a call that evaluates a flag, or that hands its argument to such a call: `isOn('new-checkout')`. */
export function evaluatedKey(node: Node, module: LoadedModule, staticValueOf: StaticValueOf): Node | undefined {
  if (node.type !== 'CallExpression') return undefined;
  if (evaluationForm(node, module) !== undefined) return node.arguments[0];
  const callee = bare(node.callee);
  if (callee.type !== 'Identifier') return undefined;
  const target = staticValueOf(callee, module);
  return target?.kind === 'function' ? node.arguments[target.module.keyParameters.get(target.node) ?? -1] : undefined;
}

/** Of each function that evaluates one of its parameters as a key: which, from 0. */
export function keyParametersOf(module: Omit<LoadedModule, 'keyParameters'>): Map<Node, number> {
  const found = new Map<Node, number>();
  if (!mayEvaluate(module.text)) return found;
  for (const call of module.nodes) {
    if (call.type !== 'CallExpression' || evaluationForm(call, module) === undefined) continue;
    const key = call.arguments[0] && bare(call.arguments[0]);
    const name = key && module.scopes.bindingOf(key)?.name;
    for (let at = module.parentOf(call); at !== undefined && name !== undefined; at = module.parentOf(at)) {
      if (!('params' in at) || !Array.isArray(at.params)) continue;
      const params: readonly Node[] = at.params;
      const index = params.findIndex((param) => param === name || (param.type === 'AssignmentPattern' && param.left === name));
      if (index !== -1) found.set(at, index);
    }
  }
  return found;
}
