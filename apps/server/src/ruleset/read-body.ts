/**
 * Bodies back to what people edit: the inverse of build.ts. Row -> body -> row is the identity, which is what lets a
 * copy and a way back be made of bodies alone. For that, no row names the flag's own salt in a split: the body names
 * it, and could not tell it from a salt that was left out.
 */
import type { FlagConfigurationInput, SegmentConfigurationInput, ServeInput } from '@yardarm/contract';
import type { FlagConfiguration, SegmentConfiguration } from '@yardarm/evaluator';

/** The environment's half of a flag as a body holds it, apart from `on`. `salt` is the flag's own. */
export function toFlagConfigurationInput(body: FlagConfiguration, salt: string): FlagConfigurationInput {
  const { offVariant, prerequisites = [], targets = [], rules = [], fallthrough } = body;
  return withoutOwnSalt(
    {
      offVariant,
      prerequisites: prerequisites.map(({ flag, variants }) => ({ flag, variants: [...variants] })),
      targets: targets.map(({ variant, keys }) => ({ variant, keys: [...keys] })),
      rules: rules.map(({ id, when, serve }) => ({ id, when, serve: serve as ServeInput })),
      fallthrough: fallthrough as ServeInput | null,
    },
    salt,
  );
}

/** A segment's members in one environment as a body holds them. */
export function toSegmentConfigurationInput({ include, exclude, when }: SegmentConfiguration): SegmentConfigurationInput {
  return { include: [...include], exclude: [...exclude], when };
}

/** The same decisions in the form that rows have. */
export function withoutOwnSalt(configuration: FlagConfigurationInput, salt: string): FlagConfigurationInput {
  const { rules, fallthrough } = configuration;
  return {
    ...configuration,
    rules: rules.map((rule) => ({ ...rule, serve: serveWithout(rule.serve, salt) })),
    fallthrough: fallthrough === null ? null : serveWithout(fallthrough, salt),
  };
}

function serveWithout(serve: ServeInput, salt: string): ServeInput {
  if (!('split' in serve) || serve.split.salt !== salt) return serve;
  const { salt: _own, ...split } = serve.split;
  return { split };
}
