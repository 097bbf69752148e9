import type { FlagConfigurationInput } from '@yardarm/contract';
import type { FlagValue } from '@yardarm/evaluator';

/**
 * How a flag starts in an environment that nobody configured: a boolean flag serves true when on and false when
 * off, whatever its variants are called; any other leaves callers their code default until somebody decides.
 */
export function defaultConfiguration(flag: {
  readonly variants: { readonly [variant: string]: FlagValue };
}): FlagConfigurationInput {
  const served = variantOf(flag.variants, true);
  return {
    offVariant: variantOf(flag.variants, false) ?? null,
    prerequisites: [],
    targets: [],
    rules: [],
    fallthrough: served === undefined ? null : { variant: served },
  };
}

function variantOf(variants: { readonly [variant: string]: FlagValue }, value: boolean): string | undefined {
  return Object.keys(variants).find((variant) => variants[variant] === value);
}
