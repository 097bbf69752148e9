/** One environment of a flag. The order is the same on both sides: off, prerequisites, targets, rules, fallthrough. */
import type { FlagConfigurationInput, ServeInput } from '@yardarm/contract';
import { type Condition, WEIGHT_SCALE } from '@yardarm/evaluator';
import { ALWAYS, allOf, isOneOf } from '../conditions.ts';
import type { ImportedConfiguration } from '../imported.ts';
import { rebucketed } from '../re-bucketed.ts';
import { attributePath, keyPath, type Scope } from './attribute.ts';
import { clausesCondition } from './clause.ts';
import type { Configuration, Rollout, Target, VariationOrRollout } from './shapes.ts';

type Rule = FlagConfigurationInput['rules'][number];

export interface FlagScope extends Scope {
  /** Our names of the variations, in their order. */
  readonly names: readonly string[];
  /** What the flag with the key serves in this environment while it is off; undefined: no such flag in the file. */
  readonly other: (
    key: string,
  ) => { readonly on: boolean; readonly offVariation: number | null; readonly names: readonly string[] } | undefined;
  readonly hasSegment: (key: string) => boolean;
}

export function flagConfiguration(flag: Configuration, place: string, scope: FlagScope): ImportedConfiguration {
  const variant = (index: number | null | undefined, at: string): string => {
    const name = typeof index === 'number' ? scope.names[index] : undefined;
    if (name === undefined)
      scope.refuse(
        at,
        'It serves a variation that the flag does not have, so that LaunchDarkly serves the code default; mend it there first.',
      );
    return name ?? '';
  };
  const { targets, rules: targetRules } = targetsOf(flag, place, scope, variant);
  const rules = flag.rules.flatMap((rule, index): Rule[] => {
    const at = `${place}/rules/${index}`;
    if (rule.disabled === true) {
      scope.add({
        code: 'left-out',
        place: at,
        sentence: `Rule ${index + 1} is disabled in LaunchDarkly, and does not come over.`,
      });
      return [];
    }
    const when = clausesCondition(rule.clauses, `${at}/clauses`, scope, (segment, where) => {
      if (!scope.hasSegment(segment)) scope.refuse(where, `Segment '${segment}' is not in the file; export it too.`);
      return { segment };
    });
    return served(rule, when, `rule-${index + 1}`, at, scope, variant);
  });
  const [last, ...before] = served(flag.fallthrough, ALWAYS, 'fallthrough', `${place}/fallthrough`, scope, variant).reverse();
  return {
    on: flag.on,
    offVariant: typeof flag.offVariation === 'number' ? variant(flag.offVariation, `${place}/offVariation`) : null,
    prerequisites: prerequisitesOf(flag, place, scope),
    targets,
    rules: [...targetRules, ...rules, ...before],
    fallthrough: last?.serve ?? null,
  };
}

function prerequisitesOf(flag: Configuration, place: string, scope: FlagScope): FlagConfigurationInput['prerequisites'] {
  return flag.prerequisites.flatMap(({ key, variation }, index) => {
    const at = `${place}/prerequisites/${index}`;
    const other = scope.other(key);
    const name = other?.names[variation];
    if (other === undefined || name === undefined) {
      scope.refuse(
        at,
        `Prerequisite '${key}' is not in the file, or does not have the variation that is asked for; export it too, or mend it.`,
      );
      return [];
    }
    if (other.offVariation === variation) {
      const sentence = `Here '${key}' meets the prerequisite while it is off as well, as it serves the same variation then; in LaunchDarkly a flag that is off meets none.`;
      if (other.on) scope.changed(at, sentence);
      else scope.refuse(at, `${sentence} Switch it on, or give it another off variation.`);
    }
    return [{ flag: key, variants: [name] }];
  });
}

type VariantName = (index: number, at: string) => string;

/** Lists of users in front become targets; from the first list of another kind on, all are rules, since the order counts. */
function targetsOf({ targets, contextTargets }: Configuration, place: string, scope: Scope, variant: VariantName) {
  const users = targets.map((target, index) => ({ target, at: `${place}/targets/${index}` }));
  const ordered = contextTargets.flatMap((target, index) => {
    // An entry for users only says where in the order the list in `targets` with its variation stands.
    if (isUser(target)) return users.filter((user) => user.target.variation === target.variation).slice(0, 1);
    return [{ target, at: `${place}/contextTargets/${index}` }];
  });
  const lists = contextTargets.length > 0 ? ordered : users;
  const split = lists.findIndex(({ target }) => !isUser(target));
  const [asTargets, asRules] = split < 0 ? [lists, []] : [lists.slice(0, split), lists.slice(split)];
  return {
    targets: asTargets.map(({ target, at }) => ({
      variant: variant(target.variation, at),
      keys: target.values.filter((key) => key !== ''),
    })),
    rules: asRules.flatMap(({ target, at }, index): Rule[] => {
      const path = keyPath(target.contextKind, at, scope);
      if (path === null || target.values.length === 0) return [];
      return [
        { id: `target-${index + 1}`, when: isOneOf(path, target.values), serve: { variant: variant(target.variation, at) } },
      ];
    }),
  };
}

function isUser({ contextKind }: Target): boolean {
  return (contextKind ?? 'user') === 'user';
}

/** The rules for what is served under a condition; two where a split serves those without a unit something else than the rest. */
function served(
  { variation, rollout }: VariationOrRollout,
  when: Condition,
  id: string,
  place: string,
  scope: Scope,
  variant: VariantName,
): Rule[] {
  if (typeof variation === 'number') return [{ id, when, serve: { variant: variant(variation, `${place}/variation`) } }];
  if (!rollout) {
    scope.refuse(
      place,
      'It serves neither a variation nor a rollout, so that LaunchDarkly serves the code default; mend it there first.',
    );
    return [];
  }
  const at = `${place}/rollout`;
  const weights = weightsOf(rollout).map(([index, weight]): [string, number] => [variant(index, `${at}/variations`), weight]);
  const [first] = weights;
  if (first === undefined || weights.length === 1) return first === undefined ? [] : [{ id, when, serve: { variant: first[0] } }];
  const isByKey = rollout.kind === 'experiment' || !rollout.bucketBy || rollout.bucketBy === 'key';
  const by = isByKey
    ? keyPath(rollout.contextKind, at, scope)
    : attributePath(rollout.bucketBy ?? '', rollout.contextKind, `${at}/bucketBy`, scope);
  if (by === null) return [];
  const shares = new Map<string, number>();
  for (const [name, weight] of weights) shares.set(name, (shares.get(name) ?? 0) + weight);
  scope.add(rebucketed(at, [...shares.values()]));
  if (!isByKey)
    scope.changed(
      at,
      `Whoever has a list, a fraction or true or false as '${rollout.bucketBy}' gets the first variation there, and the code default here.`,
    );
  const serve: ServeInput = { split: { by, hash: 2, weights, ...(rollout.seed != null && { salt: `seed-${rollout.seed}` }) } };
  // Without a unit LaunchDarkly takes bucket 0, which is the first share; here it would be an error.
  const withoutUnit: Rule = {
    id: `${id}-without-unit`,
    when: allOf([when, { not: hasUnit(by, isByKey) }]),
    serve: { variant: first[0] },
  };
  return [withoutUnit, { id, when, serve }];
}

/** Keys are texts that are not empty; of other attributes, `not_in` holds for texts and numbers but those two, neither of which is a unit. */
function hasUnit(by: string, isByKey: boolean): Condition {
  return isByKey ? { attribute: by, op: 'exists' } : { attribute: by, op: 'not_in', values: ['', 0.5] };
}

/** Shares in order, those of nothing left away. What the weights lack of the whole is the last one's, what is beyond it nobody's. */
function weightsOf({ variations }: Rollout): [index: number, weight: number][] {
  let left = WEIGHT_SCALE;
  const weights = variations.map(({ variation, weight }): [number, number] => {
    const share = Math.min(weight, left);
    left -= share;
    return [variation, share];
  });
  const last = weights.at(-1);
  if (last !== undefined) last[1] += left;
  return weights.filter(([, weight]) => weight > 0);
}
