import { variantName } from '@yardarm/contract';
import type { FlagValue } from '@yardarm/evaluator';

/**
 * A name for each variant of a source, unique and within the contract: the name that it has there as far as it is one here (other characters
 * become `-`), else `true`, `false` or `variant-N`.
 */
export function variantNames(variants: readonly { readonly name: string | null; readonly value: FlagValue }[]): string[] {
  const taken = new Set<string>();
  return variants.map(({ name, value }, index) => {
    const wanted = (name ?? (typeof value === 'boolean' ? String(value) : ''))
      .replaceAll(/[^\w.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '');
    const base = variantName.safeParse(wanted).success ? wanted : `variant-${index + 1}`;
    let unique = base;
    for (let suffix = 2; taken.has(unique); suffix++) unique = `${base.slice(0, 120)}-${suffix}`;
    taken.add(unique);
    return unique;
  });
}
