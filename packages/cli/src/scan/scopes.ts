/** Which declaration a name means, by the scopes of the language. Hoisting of `var` and functions is to their function. */
import type { Node } from 'oxc-parser';
import { groupBy } from '../group-by.ts';
import { type ScriptModule, textOf } from './script-module.ts';

export type Binding =
  /** `path` leads from the initial value to the name: empty for `const a = x`, `['b']` for `const { b: a } = x`. */
  | {
      readonly kind: 'variable';
      readonly name: Node;
      readonly init: Node;
      readonly path: readonly string[];
      readonly declaration: Node;
    }
  | { readonly kind: 'enum' | 'class' | 'function'; readonly name: Node; readonly node: Node }
  /** `imported` is null for a whole namespace. */
  | {
      readonly kind: 'import';
      readonly name: Node;
      readonly specifier: string;
      readonly imported: string | null;
      readonly node: Node;
    }
  /** A parameter, a loop variable, a caught error: nothing is known of its value. */
  | { readonly kind: 'unknown'; readonly name: Node };

type Scope = Map<string, Binding>;

export interface Scopes {
  readonly top: ReadonlyMap<string, Binding>;
  /** What the identifier `node` means; undefined for globals, and for identifiers that are no references. */
  bindingOf(node: Node): Binding | undefined;
  /** Every identifier that means what the declared name `name` does. */
  usesOf(name: Node): readonly Node[];
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const SCOPED = new Set([
  ...FUNCTIONS,
  ...[
    'Program',
    'BlockStatement',
    'ForStatement',
    'ForInStatement',
    'ForOfStatement',
    'CatchClause',
    'SwitchStatement',
    'StaticBlock',
  ],
  ...['TSModuleBlock', 'ClassExpression'],
]);

export function buildScopes(module: ScriptModule): Scopes {
  const scopes = new Map<Node, Scope>();
  const scopeAt = (node: Node, isOfFunction: boolean): Scope => {
    for (let at: Node | undefined = node; at !== undefined; at = module.parentOf(at)) {
      const isOwner = isOfFunction ? at.type === 'Program' || FUNCTIONS.has(at.type) : SCOPED.has(at.type);
      if (isOwner) return scopes.get(at) ?? create(at);
    }
    return scopes.get(module.program) ?? create(module.program);
  };
  const create = (owner: Node): Scope => {
    const scope: Scope = new Map();
    scopes.set(owner, scope);
    return scope;
  };
  const declare = (scope: Scope, binding: Binding) => {
    if (binding.name.type === 'Identifier') scope.set(binding.name.name, binding);
  };

  for (const node of module.nodes) {
    const parent = module.parentOf(node) ?? node;
    if (node.type === 'VariableDeclaration') {
      for (const { id, init } of node.declarations)
        for (const { name, path } of namesIn(id))
          declare(
            scopeAt(node, node.kind === 'var'),
            init === null || path === null
              ? { kind: 'unknown', name }
              : { kind: 'variable', name, init, path, declaration: node },
          );
    } else if (node.type === 'TSEnumDeclaration') declare(scopeAt(node, false), { kind: 'enum', name: node.id, node });
    else if (node.type === 'ClassDeclaration' && node.id !== null)
      declare(scopeAt(parent, false), { kind: 'class', name: node.id, node });
    else if (node.type === 'FunctionDeclaration' && node.id !== null)
      declare(scopeAt(parent, false), { kind: 'function', name: node.id, node });
    else if (node.type === 'ImportDeclaration') {
      for (const one of node.specifiers)
        declare(scopeAt(node, false), {
          ...{ kind: 'import', name: one.local, specifier: node.source.value, node: one },
          imported: importedName(one),
        });
    } else if (node.type === 'TSImportEqualsDeclaration' && node.moduleReference.type === 'TSExternalModuleReference')
      declare(scopeAt(node, false), {
        ...{ kind: 'import', name: node.id, specifier: node.moduleReference.expression.value, imported: null, node },
      });
    else if (node.type === 'CatchClause' && node.param !== null)
      for (const { name } of namesIn(node.param)) declare(scopeAt(node, false), { kind: 'unknown', name });
    if (FUNCTIONS.has(node.type) && 'params' in node && Array.isArray(node.params))
      for (const param of node.params)
        for (const { name } of namesIn(param)) declare(scopeAt(node, true), { kind: 'unknown', name });
  }

  /** The nearest node around it that declares names, of nodes without any in between. */
  const around = new Map<Node, Node | undefined>();
  const scopeAround = (node: Node): Node | undefined => {
    const passed: Node[] = [node];
    let at = module.parentOf(node);
    while (at !== undefined && !scopes.has(at) && !around.has(at)) {
      passed.push(at);
      at = module.parentOf(at);
    }
    const found = at === undefined || scopes.has(at) ? at : around.get(at);
    for (const one of passed) around.set(one, found);
    return found;
  };
  const bindingOf = (node: Node): Binding | undefined => {
    if (node.type !== 'Identifier' || !isReference(node, module)) return undefined;
    for (let at = around.get(node) ?? scopeAround(node); at !== undefined; at = around.get(at) ?? scopeAround(at)) {
      const found = scopes.get(at)?.get(node.name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  let uses: ReadonlyMap<Node, readonly Node[]> | undefined;
  return {
    top: scopes.get(module.program) ?? new Map(),
    bindingOf,
    usesOf(name) {
      uses ??= groupBy(module.nodes, (node) => bindingOf(node)?.name ?? module.program);
      return uses.get(name) ?? [];
    },
  };
}

/** False for the names of members, properties, labels and declarations. */
function isReference(node: Node, module: ScriptModule): boolean {
  const parent = module.parentOf(node);
  if (parent === undefined) return false;
  switch (parent.type) {
    case 'MemberExpression':
      return parent.object === node || parent.computed;
    case 'Property':
      // Of a pattern, the value declares a name.
      if (module.parentOf(parent)?.type === 'ObjectPattern') return parent.key === node && parent.computed;
      return parent.value === node || (parent.key === node && parent.computed);
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return parent.value === node || (parent.key === node && parent.computed);
    case 'VariableDeclarator':
      return parent.init === node;
    case 'AssignmentPattern':
      return parent.right === node;
    case 'TSEnumMember':
      return parent.initializer === node;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
      return parent.type === 'ClassDeclaration' && parent.superClass === node;
    case 'ArrowFunctionExpression':
      return parent.body === node;
    case 'ArrayPattern':
    case 'RestElement':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'ExportSpecifier':
    case 'TSEnumDeclaration':
    case 'CatchClause':
      return false;
    default:
      return true;
  }
}

function importedName(specifier: Node): string | null {
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  if (specifier.type !== 'ImportSpecifier') return null;
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : (textOf(specifier.imported) ?? null);
}

/** The names that a pattern declares; `path` is null where it cannot be followed, as in arrays and rests. */
function namesIn(pattern: Node, path: readonly string[] | null = []): { name: Node; path: readonly string[] | null }[] {
  switch (pattern.type) {
    case 'Identifier':
      return [{ name: pattern, path }];
    case 'AssignmentPattern':
      return namesIn(pattern.left, null);
    case 'TSParameterProperty':
      return namesIn(pattern.parameter, null);
    case 'RestElement':
      return namesIn(pattern.argument, null);
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : namesIn(element, null)));
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) => {
        if (property.type === 'RestElement') return namesIn(property.argument, null);
        const key = property.key.type === 'Identifier' && !property.computed ? property.key.name : textOf(property.key);
        return namesIn(property.value, path === null || key === undefined ? null : [...path, key]);
      });
    default:
      return [];
  }
}
