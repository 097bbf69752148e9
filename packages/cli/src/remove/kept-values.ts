/**
 * The value that stays stands in the text as a name that nobody else uses, so that the steps which simplify around it touch
 * nothing that somebody wrote as `true` themselves. At the end each name becomes the text of its value.
 */
import type { Node } from 'oxc-parser';
import { bare, calleeName, memberName, type ScriptModule, textOf } from '../scan/script-module.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Of one file while it is rewritten. */
export interface KeptValues {
  /** The name that stands for `value`. */
  nameOf(value: JsonValue): string;
  /** What an expression of nothing but kept values and literals comes to; undefined for any other. */
  valueOf(node: Node): { readonly value: JsonValue } | undefined;
  /** The text with values in the place of names. */
  print(module: ScriptModule): string;
}

const PREFIX = '__yardarm_kept_';

/** @param quote of the file's own texts */
export function createKeptValues(quote: '"' | "'"): KeptValues {
  const values: JsonValue[] = [];
  const nameOf = (value: JsonValue) => {
    const known = values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
    return `${PREFIX}${known === -1 ? values.push(value) - 1 : known}__`;
  };
  const named = (node: Node) => {
    const [, index] = node.type === 'Identifier' ? (/^__yardarm_kept_(\d+)__$/.exec(node.name) ?? []) : [];
    const value = index === undefined ? undefined : values[Number(index)];
    return value === undefined ? undefined : { value };
  };

  function resultOf(written: Node): { readonly value: JsonValue } | undefined {
    const node = bare(written);
    switch (node.type) {
      case 'Identifier':
        return named(node);
      case 'AwaitExpression':
        return resultOf(node.argument);
      case 'UnaryExpression': {
        const inner = node.operator === '!' ? resultOf(node.argument) : undefined;
        return inner && { value: !inner.value };
      }
      case 'CallExpression': {
        const [first] = node.arguments;
        const inner = calleeName(node) === 'Boolean' && first !== undefined ? resultOf(first) : undefined;
        return inner && { value: Boolean(inner.value) };
      }
      case 'MemberExpression': {
        const owner = resultOf(node.object);
        const name = memberName(node);
        if (owner === undefined || name === undefined || typeof owner.value !== 'object' || owner.value === null)
          return undefined;
        if (Array.isArray(owner.value) || !Object.hasOwn(owner.value, name)) return undefined;
        const value: unknown = Reflect.get(owner.value, name);
        return typeof value === 'object' ? undefined : { value: value as JsonValue };
      }
      case 'BinaryExpression': {
        const isEqual = node.operator === '===' || node.operator === '==';
        if (!isEqual && node.operator !== '!==' && node.operator !== '!=') return undefined;
        const [kept, other] = resultOf(node.left) ? [resultOf(node.left), node.right] : [resultOf(node.right), node.left];
        const literal = resultOf(other) ?? literalOf(other);
        if (kept === undefined || literal === undefined || typeof kept.value === 'object') return undefined;
        // Of different types, `==` converts: nothing that is to be decided here.
        if (typeof kept.value !== typeof literal.value && node.operator.length === 2) return undefined;
        return { value: (kept.value === literal.value) === isEqual };
      }
      default:
        return undefined;
    }
  }

  return {
    nameOf,
    valueOf: resultOf,
    print({ text, nodes, parentOf }) {
      let printed = text;
      for (const node of [...nodes].reverse()) {
        const kept = named(node);
        if (kept === undefined) continue;
        const parent = parentOf(node);
        const isObject = typeof kept.value === 'object' && kept.value !== null && !Array.isArray(kept.value);
        const literal = literalText(kept.value, quote);
        const begins =
          parent?.type === 'ArrowFunctionExpression' ||
          parent?.type === 'ExpressionStatement' ||
          parent?.type === 'MemberExpression';
        printed = `${printed.slice(0, node.start)}${isObject && begins ? `(${literal})` : literal}${printed.slice(node.end)}`;
      }
      return printed;
    },
  };
}

export function literalOf(node: Node): { readonly value: string | number | boolean | null } | undefined {
  const expression = bare(node);
  const text = textOf(expression);
  if (text !== undefined) return { value: text };
  if (expression.type !== 'Literal') return undefined;
  const { value } = expression;
  return value === null || typeof value === 'number' || typeof value === 'boolean' ? { value } : undefined;
}

function literalText(value: JsonValue, quote: '"' | "'"): string {
  if (typeof value === 'string') {
    const inner = JSON.stringify(value).slice(1, -1);
    return quote === '"' ? `"${inner}"` : `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => literalText(one, quote)).join(', ')}]`;
  const members = Object.entries(value).map(
    ([key, one]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literalText(key, quote)}: ${literalText(one, quote)}`,
  );
  return `{ ${members.join(', ')} }`;
}
