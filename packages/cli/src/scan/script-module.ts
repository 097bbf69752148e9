/** One file of TypeScript or JavaScript as a syntax tree, with the parent of each node and where it stands. */
import { type Node, type Program, parseSync, visitorKeys } from 'oxc-parser';

export interface ScriptModule {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
  /** Every node, in the order of the text. */
  readonly nodes: readonly Node[];
  parentOf(node: Node): Node | undefined;
}

const SCRIPT = /\.(?:[mc]?ts|tsx|[mc]?js|jsx)$/;

export function isScript(file: string): boolean {
  return SCRIPT.test(file);
}

/** Deeper the parser ends the process, and what climbs the tree takes long. Nobody writes that. */
const MAX_DEPTH = 2_000;

/** Null where the parser understands nothing of it, as in JavaScript with types of Flow, and for what is nested beyond reason. */
export function parseScript(file: string, text: string): ScriptModule | null {
  if (isDeep(text)) return null;
  const lang = /\.[mc]?js$/.test(file) ? 'jsx' : undefined;
  const { program, errors } = parseSync(file, text, { astType: 'ts', ...(lang && { lang }) });
  if (program.body.length === 0 && errors.length > 0) return null;
  const parents = new Map<Node, Node>();
  const nodes: Node[] = [];
  let isTooDeep = false;
  const visit = (node: Node, depth: number) => {
    nodes.push(node);
    if (depth > MAX_DEPTH) isTooDeep = true;
    else
      for (const child of childrenOf(node)) {
        parents.set(child, node);
        visit(child, depth + 1);
      }
  };
  visit(program, 0);
  if (isTooDeep) return null;
  return { file, text, program, nodes, parentOf: (node) => parents.get(node) };
}

/** By brackets, also those in texts and comments. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[([{)\]}]/g)) {
    depth = '([{'.includes(bracket) ? depth + 1 : Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

export function childrenOf(node: Node): Node[] {
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value: unknown = Reflect.get(node, key);
    if (Array.isArray(value)) return value.filter(isNode);
    return isNode(value) ? [value] : [];
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Without what has no meaning at run time: `as const`, `satisfies`, `!`, parentheses. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
    case 'ChainExpression':
      return bare(node.expression);
    default:
      return node;
  }
}

/** The text of a string, or of a template without placeholders. */
export function textOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** `b` of `a.b` and of `a['b']`. */
export function memberName(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return textOf(node.property);
}

/** The name of what is called: `f` of `f()`, `a.f()` and `new f()`. */
export function calleeName(node: Node): string | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  const callee = bare(node.callee);
  return callee.type === 'Identifier' ? callee.name : memberName(callee);
}

/** The name of a property of an object literal or class, where it has one that is known. */
export function propertyName(node: Node): string | undefined {
  if (node.type !== 'Property' && node.type !== 'PropertyDefinition' && node.type !== 'TSEnumMember') return undefined;
  const name: Node = node.type === 'TSEnumMember' ? node.id : node.key;
  if (name.type === 'Identifier' && !node.computed) return name.name;
  return textOf(name);
}
