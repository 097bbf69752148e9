/** Whether what is there already is what a file says. Order counts where the rule language says so, names of members never. */
import type { Flag, Segment } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import type { ImportedConfiguration, ImportedFlag } from './imported.ts';

/** The project's half, as far as it decides what is served. */
export function isSameFlag(known: Flag, { type, variants, clientSide }: ImportedFlag): boolean {
  const { type: knownType, variants: knownVariants, clientSide: knownSide } = known;
  return sameJson({ type, variants, clientSide }, { type: knownType, variants: knownVariants, clientSide: knownSide });
}

/** A split that names no salt has the flag's own. */
export function isSameConfiguration(known: Flag, environment: string, wanted: ImportedConfiguration): boolean {
  const there = known.environments.find((one) => one.environment === environment);
  if (there === undefined) return false;
  const part = ({ on, offVariant, prerequisites, targets, rules, fallthrough }: ImportedConfiguration) => ({
    ...{ on, offVariant, prerequisites, targets },
    rules: rules.map((rule) => ({ ...rule, when: withoutBounds(rule.when), serve: salted(rule.serve) })),
    fallthrough: fallthrough && salted(fallthrough),
  });
  const salted = (serve: ImportedConfiguration['rules'][number]['serve']) =>
    'split' in serve ? { split: { ...serve.split, salt: serve.split.salt ?? known.salt } } : serve;
  return sameJson(part(there), part(wanted));
}

/**
 * Off, and as a flag is made of its variants alone: an import that was interrupted, or another environment's turn. Or it was killed, which no
 * version tells. A clone may have rules from the start, and whoever makes a flag may say what it serves.
 */
export function isUntouchedFlag(known: Flag, environment: string): boolean {
  const valued = (value: boolean) => Object.keys(known.variants).find((variant) => known.variants[variant] === value);
  const served = valued(true);
  return known.environments.some(
    ({ environment: name, version, on, offVariant, prerequisites, targets, rules, fallthrough }) =>
      name === environment &&
      version === 1 &&
      !on &&
      [prerequisites, targets, rules].every((list) => list.length === 0) &&
      offVariant === (valued(false) ?? null) &&
      sameJson(fallthrough, served === undefined ? null : { variant: served }),
  );
}

export function isUntouchedSegment(known: Segment, environment: string): boolean {
  const there = known.environments.find((one) => one.environment === environment);
  return there?.version === 1 && there.include.length + there.exclude.length === 0 && there.when === null;
}

/** Without `maxInput`, which the server adds to patterns that take quadratic time. */
export function withoutBounds(when: Condition | null): unknown {
  return JSON.parse(JSON.stringify(when, (name, value: unknown) => (name === 'maxInput' ? undefined : value)));
}

export function sameJson(a: unknown, b: unknown): boolean {
  return ordered(a) === ordered(b);
}

function ordered(json: unknown): string {
  return JSON.stringify(json, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
