/** Variants as they are typed, and as the API has them. */
import type { Flag } from '@yardarm/contract';

export interface VariantField {
  /** Stays while the row is edited. */
  readonly id: number;
  readonly name: string;
  /** As typed: text for a string, else JSON. */
  readonly value: string;
  /** One that exists keeps its name: rules, targets and prerequisites ask for it by that. */
  readonly exists: boolean;
}

export type VariantsResult =
  | { readonly variants: Flag['variants'] }
  /** By field: `variants.<name>`. */
  | { readonly errors: Readonly<Record<string, string>> };

export function toVariantFields(flag: Pick<Flag, 'type' | 'variants'>): readonly VariantField[] {
  return Object.entries(flag.variants).map(([name, value], id) => {
    return { id, name, value: typeof value === 'string' ? value : JSON.stringify(value, null, 2), exists: true };
  });
}

/** Rows with one more at the end, to be filled in. */
export function withVariant(fields: readonly VariantField[]): readonly VariantField[] {
  return [...fields, { id: Math.max(-1, ...fields.map(({ id }) => id)) + 1, name: '', value: '', exists: false }];
}

export function readVariants(fields: readonly VariantField[], type: Flag['type']): VariantsResult {
  const variants = new Map<string, Flag['variants'][string]>();
  for (const { name, value } of fields) {
    const parsed = parseValue(value, type);
    if (parsed === undefined)
      return { errors: { [`variants.${name}`]: `${quoted(value)}, the value of '${name}', is not ${TYPE_WORDS[type]}.` } };
    if (variants.has(name)) return { errors: { [`variants.${name}`]: `There are two variants named '${name}'.` } };
    variants.set(name, parsed);
  }
  return { variants: Object.fromEntries(variants) };
}

const TYPE_WORDS: Record<Flag['type'], string> = {
  boolean: 'true or false',
  string: 'text',
  number: 'a number',
  object: 'a JSON object',
};

/** Of a long text the beginning: a sentence names it, and does not repeat it. */
const QUOTED_CHARACTERS = 40;

function quoted(text: string): string {
  return text.length > QUOTED_CHARACTERS ? `'${text.slice(0, QUOTED_CHARACTERS)}…'` : `'${text}'`;
}

function parseValue(text: string, type: Flag['type']): Flag['variants'][string] | undefined {
  if (type === 'string') return text;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) || value === null) return undefined;
    return typeof value === type ? (value as Flag['variants'][string]) : undefined;
  } catch {
    return undefined;
  }
}
