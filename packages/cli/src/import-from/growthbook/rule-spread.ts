import type { FeatureScope } from './feature.ts';
import type { Rule } from './shapes.ts';
import type { Hash, Range, Spread } from './spread.ts';

/** What weights may add up to and still count. Not a distance from 1: 0.99 is further from it in binary fractions than 0.01. */
const [LEAST, MOST] = [0.99, 1.01];
const VERSIONS = [1, 2];

/** Whom a rule deals what; null: it serves nothing to anybody. `featureKey` is the seed that rules have by themselves. */
export function spreadOf(rule: Rule, featureKey: string, place: string, scope: FeatureScope): Spread | null {
  const variantOf = (value: unknown): string => {
    const variant = scope.variantOf(value);
    if (variant === undefined)
      scope.refuse(place, 'It serves null to some, which is the code default; a rule here serves a variant.');
    return variant ?? '';
  };
  const attribute = rule.hashAttribute || 'id';
  const hashOf = (seed: string, version: number, isShared: boolean, by = attribute): Hash => {
    if (!VERSIONS.includes(version))
      scope.refuse(place, `Hash version ${version} is unknown, so that nobody takes part; mend it there first.`);
    return { attribute: by, seed, version, isShared };
  };
  const filters = (rule.filters ?? []).map(({ seed, ranges, hashVersion, attribute: by }) => ({
    hash: hashOf(seed, hashVersion ?? 2, true, by || 'id'),
    ranges,
  }));
  if (rule.force !== undefined) {
    const range = rule.range ?? (typeof rule.coverage === 'number' ? ([0, rule.coverage] as const) : null);
    const hash = range === null ? null : hashOf(rule.seed || featureKey, rule.hashVersion || 1, false);
    return { gates: filters, hash, shares: [{ range: range ?? [0, 1], variant: variantOf(rule.force) }] };
  }
  const variations = rule.variations ?? [];
  if (variations.length < 2) return null;
  const [namespace, from, to] = rule.namespace ?? [null, 0, 1];
  // A filter takes the place of a namespace.
  const namespaces =
    namespace === null || filters.length > 0 ? [] : [{ hash: hashOf(`__${namespace}`, 1, true), ranges: [[from, to] as const] }];
  const ranges = rule.ranges ?? rangesOf(variations.length, rule);
  return {
    gates: [...filters, ...namespaces],
    hash: hashOf(rule.seed || rule.key || featureKey, rule.hashVersion || 1, false),
    shares: ranges.slice(0, variations.length).map((range, index) => ({
      range,
      variant: rule.meta?.[index]?.passthrough === true ? null : variantOf(variations[index]),
    })),
  };
}

/** Where each variation begins if all took part, and as much of its share as the coverage leaves. */
function rangesOf(count: number, { weights, coverage }: Rule): Range[] {
  const share = Math.min(1, Math.max(0, coverage ?? 1));
  const sum = (weights ?? []).reduce((total, weight) => total + weight, 0);
  const isSound = weights?.length === count && sum >= LEAST && sum <= MOST;
  const used = isSound ? weights : Array.from({ length: count }, () => 1 / count);
  let start = 0;
  return used.map((weight): Range => {
    const from = start;
    start += weight;
    return [from, from + share * weight];
  });
}
