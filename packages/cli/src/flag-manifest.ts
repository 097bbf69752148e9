/** The manifest of the OpenFeature CLI, from which it makes accessors in other languages. The same flags make the same text. */
import type { FlagDefinition } from './flag-definitions.ts';

const SCHEMA = 'https://raw.githubusercontent.com/open-feature/cli/main/schema/v0/flag-manifest.json';

/** @param flags in order of their keys */
export function renderFlagManifest(flags: readonly FlagDefinition[]): string {
  const entries = flags.map((flag) => [
    flag.key,
    {
      flagType: flagTypeOf(flag),
      defaultValue: codeDefaultOf(flag),
      ...(flag.description !== '' && { description: flag.description }),
    },
  ]);
  return `${JSON.stringify({ $schema: SCHEMA, flags: Object.fromEntries(entries) }, null, 2)}\n`;
}

/** The manifest tells integers from other numbers, and a flag does not: all of its variants do. */
function flagTypeOf({ type, variants }: FlagDefinition): 'boolean' | 'string' | 'integer' | 'float' | 'object' {
  if (type !== 'number') return type;
  return Object.values(variants).every((value) => Number.isInteger(value)) ? 'integer' : 'float';
}

/**
 * What callers should get when nobody can be asked: what they get where the flag is off, if all environments agree. Otherwise
 * false, or the first variant by name.
 */
function codeDefaultOf({ type, variants, offVariants }: FlagDefinition): unknown {
  const [off, ...others] = new Set(offVariants);
  if (typeof off === 'string' && others.length === 0 && Object.hasOwn(variants, off)) return variants[off];
  if (type === 'boolean') return false;
  const [first = ''] = Object.keys(variants).sort();
  return variants[first];
}
