/** One feature in one environment: rules in order, of which the first that answers serves. */
import type { FlagConfigurationInput, ServeInput } from '@yardarm/contract';
import { type Condition, WEIGHT_SCALE } from '@yardarm/evaluator';
import { LIMITS } from '@yardarm/evaluator/limits';
import { ALWAYS, allOf } from '../conditions.ts';
import type { ImportedConfiguration } from '../imported.ts';
import { rebucketed } from '../re-bucketed.ts';
import { attributePath, type Scope } from './attribute.ts';
import { conditionOf } from './condition.ts';
import { type Parents, prerequisitesOf } from './prerequisites.ts';
import { spreadOf } from './rule-spread.ts';
import type { Feature } from './shapes.ts';
import { layOut, type Spread } from './spread.ts';

type Rule = FlagConfigurationInput['rules'][number];

export interface FeatureScope extends Scope {
  /** Our name of the variant with a value; undefined for null, which is the code default. */
  readonly variantOf: (value: unknown) => string | undefined;
  readonly parents: Parents;
}

/** A rule as far as it can answer: when, and what to whom. */
interface Asked {
  readonly when: Condition;
  readonly spread: Spread;
}

export function featureConfiguration(
  key: string,
  feature: Feature,
  on: boolean,
  place: string,
  scope: FeatureScope,
): ImportedConfiguration {
  const asked: Asked[] = [];
  const prerequisites: FlagConfigurationInput['prerequisites'] = [];
  for (const [index, rule] of (feature.rules ?? []).entries()) {
    const at = `${place}/rules/${index}`;
    prerequisites.push(...prerequisitesOf(rule.parentConditions ?? [], asked.length === 0, `${at}/parentConditions`, scope));
    const spread = spreadOf(rule, key, at, scope);
    if (spread === null) continue;
    const units = [...spread.gates.map(({ hash }) => hash), ...(spread.hash === null ? [] : [spread.hash])].map(
      ({ attribute }) => attribute,
    );
    const condition = rule.condition ? conditionOf(rule.condition, `${at}/condition`, scope) : ALWAYS;
    asked.push({ when: allOf([condition, ...[...new Set(units)].map((unit) => hasUnit(unit, at, scope))]), spread });
  }
  const rules: Rule[] = [];
  // One branch that cannot be said refuses the feature, and every rule doubles the branches.
  let isRefused = false;
  const otherwise = scope.variantOf(feature.defaultValue) ?? null;
  branch(0, [], []);
  if (rules.length > LIMITS.rules)
    scope.refuse(
      `${place}/rules`,
      `Its rules, some for a share of those whom they match, come to more than ${LIMITS.rules} here; say them with fewer.`,
    );
  const last = rules.at(-1);
  const always = last !== undefined && isAlways(last.when) ? rules.pop() : undefined;
  const fallthrough = always?.serve ?? (otherwise === null ? null : { variant: otherwise });
  return { on, offVariant: null, prerequisites, targets: [], rules, fallthrough };

  /**
   * A rule for whom it matches but serves only in part goes on with those behind it: once for whom it matches, once for the others. `met`: the
   * rules so far that deal. The first match serves, so that the others need no condition.
   */
  function branch(index: number, when: readonly Condition[], met: readonly Spread[]): void {
    if (rules.length > LIMITS.rules || isRefused) return;
    const next = asked[index];
    if (next === undefined) {
      if (met.length > 0) add(when, met, otherwise);
      return;
    }
    const { when: own, spread } = next;
    const [share] = spread.shares;
    const both = [...when, own];
    if (spread.hash === null && spread.gates.length === 0) add(both, met, share?.variant ?? null);
    else branch(index + 1, both, [...met, spread]);
    if (!isAlways(own)) branch(index + 1, when, met);
  }

  function add(conditions: readonly Condition[], met: readonly Spread[], last: string | null): void {
    const serve = serveOf(met, last, key, `${place}/rules`, scope);
    if (serve === null) isRefused = true;
    else rules.push({ id: `rule-${rules.length + 1}`, when: allOf(conditions), serve });
  }
}

/** From hashes that are laid out in one another to a split, or to the variant that everybody gets. */
function serveOf(
  met: readonly Spread[],
  last: string | null,
  featureKey: string,
  place: string,
  scope: FeatureScope,
): ServeInput | null {
  const layout = layOut(met, last);
  if (layout === null) {
    scope.refuse(
      place,
      'Too many of its rules deal shares that one context may meet in turn; end some of its experiments first.',
    );
    return null;
  }
  const { hashes, shares } = layout;
  const named = shares.flatMap(({ variant, width }) => (variant === null ? [] : [{ variant, width }]));
  const [only] = named;
  if (only === undefined || named.length < shares.length) {
    scope.refuse(place, 'A share of some gets null, which is the code default; a rule here serves a variant.');
    return null;
  }
  if (named.length === 1) return { variant: only.variant };
  const [first, ...others] = hashes;
  const shared = hashes.filter(({ isShared }) => isShared);
  if (first === undefined || others.some(({ attribute }) => attribute !== first.attribute) || shared.length > 1) {
    scope.refuse(place, 'It deals by several attributes, namespaces or filters at once; a split here deals by one.');
    return null;
  }
  const by = attributePath(first.attribute, place, scope);
  if (by === null) return null;
  const widths = new Map<string, number>();
  for (const { variant, width } of named) widths.set(variant, (widths.get(variant) ?? 0) + width);
  scope.add(rebucketed(place, [...widths.values()]));
  if (others.some(({ seed, isShared }) => seed !== featureKey && !isShared))
    scope.changed(place, 'Several hashes become one here, so that features with the same seed no longer deal a unit the same.');
  const own = others.length === 0 && first.seed !== featureKey ? first.seed : undefined;
  const salt = shared[0]?.seed ?? own;
  return { split: { by, hash: 2, weights: weightsOf(named), ...(salt !== undefined && { salt }) } };
}

/** Bounds are rounded, not weights: shares stay where they are, so that a namespace does. */
function weightsOf(shares: readonly { readonly variant: string; readonly width: number }[]): [string, number][] {
  let end = 0;
  let taken = 0;
  return shares.flatMap(({ variant, width }, index): [string, number][] => {
    end += width;
    const bound = index === shares.length - 1 ? WEIGHT_SCALE : Math.round(end * WEIGHT_SCALE);
    const weight = bound - taken;
    taken = bound;
    return weight > 0 ? [[variant, weight]] : [];
  });
}

/** Numbers and texts that are not empty. GrowthBook also hashes true, and lists and objects as text; here those are no units. */
function hasUnit(attribute: string, place: string, scope: Scope): Condition {
  const at = `${place}/hashAttribute`;
  if (attribute.includes('.'))
    scope.refuse(at, `It deals by '${attribute}', a name with a dot, which is a path here; rename the attribute.`);
  scope.changed(
    at,
    `Only a text or a whole number deals here: whoever has anything else as '${attribute}' is passed over, or gets the code default; there it is dealt as a text.`,
  );
  const path = attributePath(attribute, at, scope);
  return { attribute: path ?? '', op: 'not_in', values: ['', 0] };
}

function isAlways(condition: Condition): boolean {
  return 'all' in condition && condition.all.length === 0;
}
