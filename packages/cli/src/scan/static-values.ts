/**
 * What an expression is at compile time, as far as flag keys go: a text, or a record of such values. Followed are constants,
 * members of object literals, enums and static members, aliases, destructuring, and all of them through imports, re-exports
 * and `require`. Anything else is undefined, and so is what goes on for more than MAX_STEPS (imports in a circle).
 */
import type { Node } from 'oxc-parser';
import type { Binding, Scopes } from './scopes.ts';
import { bare, calleeName, memberName, propertyName, type ScriptModule, textOf } from './script-module.ts';

export interface LoadedModule extends ScriptModule {
  readonly scopes: Scopes;
  /** Written by `yardarm generate`: it defines accessors, and uses no flag. */
  readonly isGenerated: boolean;
  /** Of each function that evaluates one of its parameters as a key: which, from 0. */
  readonly keyParameters: ReadonlyMap<Node, number>;
}

export interface TextValue {
  readonly kind: 'text';
  readonly text: string;
  readonly node: Node;
  readonly module: LoadedModule;
  readonly isMember: boolean;
}
interface FunctionValue {
  readonly kind: 'function';
  readonly node: Node;
  readonly module: LoadedModule;
}
interface RecordValue {
  readonly kind: 'record';
  member(name: string): StaticValue | undefined;
}
export type StaticValue = TextValue | RecordValue | FunctionValue;

export interface ModuleGraph {
  /** Null for a file that is not in the tree, or that holds nothing of interest. */
  load(file: string): LoadedModule | null;
  resolve(from: string, specifier: string): string | undefined;
}

const MAX_STEPS = 24;
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

export type StaticValueOf = (node: Node, module: LoadedModule) => StaticValue | undefined;

export function createStaticValueOf(graph: ModuleGraph): StaticValueOf {
  return (node, module) => staticValueOf(node, module, 0);

  function staticValueOf(node: Node, module: LoadedModule, steps: number): StaticValue | undefined {
    if (steps > MAX_STEPS) return undefined;
    const expression = bare(node);
    const text = textOf(expression);
    if (text !== undefined) return { kind: 'text', text, node: expression, module, isMember: false };
    if (FUNCTIONS.has(expression.type)) return { kind: 'function', node: expression, module };
    switch (expression.type) {
      case 'Identifier': {
        const binding = module.scopes.bindingOf(expression);
        return binding && ofBinding(binding, module, steps + 1);
      }
      case 'MemberExpression': {
        const name = memberName(expression);
        if (name === undefined) return undefined;
        const owner = staticValueOf(expression.object, module, steps + 1);
        return owner?.kind === 'record' ? owner.member(name) : undefined;
      }
      case 'ObjectExpression':
        return recordOf((name) => {
          const property = expression.properties.find((one) => propertyName(one) === name);
          return property?.type === 'Property' ? asMember(staticValueOf(property.value, module, steps + 1)) : undefined;
        });
      case 'CallExpression': {
        const [first] = expression.arguments;
        if (first === undefined) return undefined;
        const callee = calleeName(expression);
        if (callee === 'freeze' || callee === 'seal') return staticValueOf(first, module, steps + 1);
        return callee === 'require' ? namespaceOf(module.file, textOf(first), steps) : undefined;
      }
      case 'AwaitExpression':
        return expression.argument.type === 'ImportExpression'
          ? namespaceOf(module.file, textOf(expression.argument.source), steps)
          : undefined;
      default:
        return undefined;
    }
  }

  function ofBinding(binding: Binding, module: LoadedModule, steps: number): StaticValue | undefined {
    switch (binding.kind) {
      case 'variable':
        return binding.path.reduce<StaticValue | undefined>(
          (value, name) => (value?.kind === 'record' ? value.member(name) : undefined),
          staticValueOf(binding.init, module, steps),
        );
      case 'enum':
      case 'class':
        return ofDeclaration(binding.node, module, steps);
      case 'function':
        return { kind: 'function', node: binding.node, module };
      case 'import': {
        const namespace = namespaceOf(module.file, binding.specifier, steps);
        return binding.imported === null || namespace?.kind !== 'record' ? namespace : namespace.member(binding.imported);
      }
      default:
        return undefined;
    }
  }

  function ofDeclaration(node: Node, module: LoadedModule, steps: number): StaticValue | undefined {
    const members: readonly Node[] =
      node.type === 'TSEnumDeclaration' ? node.body.members : node.type === 'ClassDeclaration' ? node.body.body : [];
    return recordOf((name) => {
      const member = members.find((one) => propertyName(one) === name);
      if (member?.type === 'TSEnumMember' && member.initializer)
        return asMember(staticValueOf(member.initializer, module, steps + 1));
      if (member?.type === 'PropertyDefinition' && member.static && member.value)
        return asMember(staticValueOf(member.value, module, steps + 1));
      return undefined;
    });
  }

  function moduleOf(from: string, specifier: string | undefined): LoadedModule | null {
    const file = specifier === undefined ? undefined : graph.resolve(from, specifier);
    return file === undefined ? null : graph.load(file);
  }

  function namespaceOf(from: string, specifier: string | undefined, steps: number): StaticValue | undefined {
    const target = moduleOf(from, specifier);
    return target === null ? undefined : recordOf((name) => exportOf(target, name, steps + 1));
  }

  /** @param starred modules whose every export `name` may be, each looked at once */
  function exportOf(
    module: LoadedModule,
    name: string,
    steps: number,
    starred: Set<LoadedModule> = new Set(),
  ): StaticValue | undefined {
    if (steps > MAX_STEPS || starred.has(module)) return undefined;
    starred.add(module);
    const named = (wanted: string) => {
      const binding = module.scopes.top.get(wanted);
      return binding && ofBinding(binding, module, steps + 1);
    };
    for (const statement of module.program.body) {
      if (statement.type === 'ExportNamedDeclaration') {
        const found = statement.specifiers.find(({ exported }) => nameOf(exported) === name);
        if (found !== undefined && statement.source !== null) {
          const source = namespaceOf(module.file, statement.source.value, steps);
          return source?.kind === 'record' ? source.member(nameOf(found.local) ?? '') : undefined;
        }
        if (found !== undefined) return named(nameOf(found.local) ?? '');
        if (statement.declaration !== null && declares(statement.declaration, name, module)) return named(name);
      } else if (statement.type === 'ExportDefaultDeclaration' && name === 'default') {
        const { declaration } = statement;
        return declaration.type === 'ClassDeclaration'
          ? ofDeclaration(declaration, module, steps)
          : staticValueOf(declaration, module, steps + 1);
      } else if (statement.type === 'ExportAllDeclaration') {
        const exported = nameOf(statement.exported);
        if (exported === name) return namespaceOf(module.file, statement.source.value, steps);
        const all = exported === undefined ? moduleOf(module.file, statement.source.value) : null;
        const value = all === null ? undefined : exportOf(all, name, steps, starred);
        if (value !== undefined) return value;
      } else if (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression') {
        const { left, right } = statement.expression;
        if (isModuleExports(left)) {
          const whole = staticValueOf(right, module, steps + 1);
          if (name === 'default') return whole;
          const value = whole?.kind === 'record' ? whole.member(name) : undefined;
          // The object of exports is the module, and no object of keys.
          if (value?.kind === 'text' && right.type === 'ObjectExpression') return { ...value, isMember: false };
          if (value !== undefined) return value;
        } else if (memberName(left) === name && isExportsObject(left)) return staticValueOf(right, module, steps + 1);
      }
    }
    return undefined;
  }
}

function recordOf(member: RecordValue['member']): RecordValue {
  return { kind: 'record', member };
}

function asMember(value: StaticValue | undefined): StaticValue | undefined {
  return value?.kind === 'text' ? { ...value, isMember: true } : value;
}

function nameOf(node: Node | null | undefined): string | undefined {
  if (node === null || node === undefined) return undefined;
  return node.type === 'Identifier' ? node.name : textOf(node);
}

function declares(declaration: Node, name: string, { scopes, parentOf }: LoadedModule): boolean {
  for (let at: Node | undefined = scopes.top.get(name)?.name; at !== undefined; at = parentOf(at))
    if (at === declaration) return true;
  return false;
}

/** `module.exports`. */
export function isModuleExports(node: Node): boolean {
  return node.type === 'MemberExpression' && memberName(node) === 'exports' && isNamed(node.object, 'module');
}

function isExportsObject(node: Node): boolean {
  return node.type === 'MemberExpression' && (isNamed(node.object, 'exports') || isModuleExports(node.object));
}

function isNamed(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}
