/** What becomes of an `if` and of a `switch` whose outcome is known. */
import type { Node } from 'oxc-parser';
import type { ScriptModule } from '../scan/script-module.ts';
import { type Edit, removeWithLine } from './edit.ts';
import { type KeptValues, literalOf } from './kept-values.ts';

type If = Extract<Node, { type: 'IfStatement' }>;
type Switch = Extract<Node, { type: 'SwitchStatement' }>;

export function editOfIf(node: If, isTrue: boolean, module: ScriptModule): Edit {
  const stays = isTrue ? node.consequent : node.alternate;
  const parent = module.parentOf(node);
  // An `else if`: what stays is the `else`, or nothing is.
  if (parent?.type === 'IfStatement' && parent.alternate === node) {
    if (stays === null) return (text) => text.remove(parent.consequent.end, node.end);
    return (text) => text.overwrite(node.start, node.end, module.text.slice(stays.start, stays.end));
  }
  const siblings = parent === undefined ? undefined : statementsOf(parent);
  if (siblings === undefined) {
    const words = stays === null ? '{}' : module.text.slice(stays.start, stays.end);
    return (text) => text.overwrite(node.start, node.end, words);
  }
  return stays === null ? (text) => removeWithLine(text, node, module.text) : putStatements(node, [stays], siblings, module);
}

/** Undefined where a case is no literal, falls through, or leaves the switch from within. */
export function editOfSwitch(node: Switch, module: ScriptModule, kept: KeptValues): Edit | undefined {
  const on = kept.valueOf(node.discriminant);
  const parent = module.parentOf(node);
  const siblings = parent && statementsOf(parent);
  if (on === undefined || siblings === undefined) return undefined;
  const tests = node.cases.map(({ test }) => (test === null ? 'default' : literalOf(test)));
  if (tests.includes(undefined)) return undefined;
  const matching = tests.findIndex((test) => typeof test === 'object' && test.value === on.value);
  const chosen = matching === -1 ? tests.indexOf('default') : matching;
  if (chosen === -1) return (text) => removeWithLine(text, node, module.text);
  // `case 'a': case 'b':` share what the last of them says.
  const cases = node.cases.slice(chosen);
  const found = cases.findIndex(({ consequent }) => consequent.length > 0);
  const statements: readonly Node[] = cases[found]?.consequent ?? [];
  const [only] = statements;
  const within = statements.length === 1 && only?.type === 'BlockStatement' ? only.body : statements;
  const last = within.at(-1);
  if (last !== undefined && !isEnd(last) && found !== cases.length - 1) return undefined;
  const staying = last?.type === 'BreakStatement' ? within.slice(0, -1) : within;
  if (staying.some((statement) => breaksOut(statement, module))) return undefined;
  return staying.length === 0
    ? (text) => removeWithLine(text, node, module.text)
    : putStatements(node, staying, siblings, module);
}

/** Statements take the place of one; what can no longer be reached behind them goes. */
function putStatements(node: Node, stays: readonly Node[], siblings: readonly Node[], module: ScriptModule): Edit {
  const [only] = stays;
  const isBlock = stays.length === 1 && only?.type === 'BlockStatement';
  const inner: readonly Node[] = isBlock ? only.body : stays;
  const [first] = inner;
  const last = inner.at(-1);
  if (first === undefined || last === undefined) return (text) => removeWithLine(text, node, module.text);
  // Without its braces a name would meet one that stands outside.
  const keepsBraces = isBlock && inner.some((statement) => declares(statement, node, module));
  const [start, end] =
    keepsBraces && only ? [only.start, only.end] : [startOf(first, isBlock ? only : undefined, module), last.end];
  const words = outdent(module.text.slice(start, end), indentAt(start, module.text), indentAt(node.start, module.text));
  const behind = isEnd(last)
    ? siblings.slice(siblings.indexOf(node) + 1).filter(({ type }) => !/^(?:Function|TS|Export)/.test(type))
    : [];
  return (text) => {
    text.overwrite(node.start, node.end, words);
    for (const statement of behind) removeWithLine(text, statement, module.text);
  };
}

/** Comments above the first statement of a block stay with it. */
function startOf(first: Node, block: Node | undefined, { text }: ScriptModule): number {
  if (block === undefined) return first.start;
  const between = text.slice(block.start + 1, first.start);
  return first.start - between.trimStart().length;
}

function statementsOf(parent: Node): readonly Node[] | undefined {
  switch (parent.type) {
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
      return parent.body;
    case 'SwitchCase':
      return parent.consequent;
    default:
      return undefined;
  }
}

function isEnd({ type }: Node): boolean {
  return type === 'ReturnStatement' || type === 'ThrowStatement' || type === 'BreakStatement' || type === 'ContinueStatement';
}

function breaksOut(statement: Node, module: ScriptModule): boolean {
  return module.nodes.some((node) => {
    if (node.type !== 'BreakStatement' || node.label !== null || node.start < statement.start || node.end > statement.end)
      return false;
    for (let at = module.parentOf(node); at !== undefined; at = module.parentOf(at)) {
      if (/^(?:For|While|DoWhile|Switch)/.test(at.type) && at.type !== 'SwitchCase') return at.start < statement.start;
      if (at === statement) return true;
    }
    return true;
  });
}

/** Whether a statement declares, for its block alone, a name that is used around `node` as well. */
function declares(statement: Node, node: Node, module: ScriptModule): boolean {
  const names =
    statement.type === 'VariableDeclaration' && statement.kind !== 'var'
      ? statement.declarations.map(({ id }) => id)
      : statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration'
        ? [statement.id]
        : [];
  return names.some((name) => {
    if (name?.type !== 'Identifier') return name !== null;
    return module.nodes.some(
      (other) => other.type === 'Identifier' && other.name === name.name && (other.end <= node.start || other.start >= node.end),
    );
  });
}

function indentAt(offset: number, text: string): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
}

/** Lines behind the first move from one indentation to another; lines of a text over several lines are moved as well where they begin with it. */
function outdent(words: string, from: string, to: string): string {
  return words
    .split('\n')
    .map((line, index) => (index > 0 && line.startsWith(from) ? `${to}${line.slice(from.length)}` : line))
    .join('\n');
}
