/**
 * A feature with variants is a flag of their payloads, or, without payloads, of their names. Then it has one more, `disabled`, as Unleash
 * calls what nobody chose; with payloads whoever gets none has the default of the code.
 */
import type { FlagType, FlagValue } from '@yardarm/evaluator';
import { allOf, anyOf, isNever } from '../conditions.ts';
import { rebucketed, weightsOf } from '../re-bucketed.ts';
import { isMembers, step } from '../read-document.ts';
import { Untranslatable } from '../untranslatable.ts';
import { variantNames } from '../variant-names.ts';
import type { RulePart } from './boolean-rules.ts';
import { type AddRemark, attributeOf, isTextOf } from './constraints.ts';
import type { UnleashFeature } from './read-features.ts';
import { type Activation, hasUnit, unitsOf } from './strategies.ts';

export const DISABLED = 'disabled';

export interface UnleashVariants {
  readonly type: FlagType;
  readonly values: { readonly [name: string]: FlagValue };
  /** Our name of a variant. */
  readonly nameOf: (theirs: string) => string;
  /** What is served to whoever gets no variant; null: the default of the code. */
  readonly none: string | null;
}

interface Choice {
  readonly name: string;
  readonly weight: number;
  readonly stickiness: unknown;
  readonly overrides: readonly unknown[];
  readonly value: FlagValue | undefined;
}

export function readVariants(feature: UnleashFeature, remark: AddRemark): UnleashVariants {
  const places = [
    ...feature.variants.map((variant, index) => [variant, `${feature.place}/variants${step(index)}`] as const),
    ...feature.strategies.flatMap(({ variants, place }) =>
      variants.map((variant, index) => [variant, `${place}/variants${step(index)}`] as const),
    ),
  ];
  const byName = new Map<string, FlagValue | undefined>();
  for (const [variant, place] of places) {
    const { name, value } = choiceOf(variant, place);
    if (byName.has(name) && JSON.stringify(byName.get(name)) !== JSON.stringify(value))
      throw new Untranslatable(place, `The feature has two variants '${name}' with different payloads.`);
    byName.set(name, value);
  }
  const theirs = [...byName.keys()];
  const isNamed = [...byName.values()].every((value) => value === undefined);
  if (isNamed && byName.has(DISABLED))
    throw new Untranslatable(feature.place, `A variant is called '${DISABLED}', as what nobody chose is.`);
  const values = theirs.map((name) => ({ name, value: isNamed ? name : byName.get(name) }));
  const type = typeof values[0]?.value as FlagType;
  if (values.some(({ value }) => typeof value !== type))
    throw new Untranslatable(
      feature.place,
      'Its variants have payloads of different types, or only some have one; a flag here has one type.',
    );
  const all = [...values, ...(isNamed ? [{ name: DISABLED, value: DISABLED }] : [])] as { name: string; value: FlagValue }[];
  const names = variantNames(all);
  for (const [index, { name }] of all.entries())
    if (names[index] !== name) remark('changes-meaning', feature.place, `Variant '${name}' is called '${names[index]}' here.`);
  const ours = new Map(all.map(({ name }, index) => [name, names[index] ?? name]));
  return {
    type,
    values: Object.fromEntries(all.map(({ value }, index) => [names[index] ?? '', value])),
    nameOf: (name) => ours.get(name) ?? name,
    none: isNamed ? (ours.get(DISABLED) ?? DISABLED) : null,
  };
}

/** The first strategy that is for the context decides, with its own variants or else those of the feature. */
export function variantRules(
  feature: UnleashFeature,
  activations: readonly Activation[],
  { nameOf, none }: UnleashVariants,
  remark: AddRemark,
): readonly RulePart[] {
  const open = activations.filter(({ percent, when }) => percent > 0 && !isNever(when));
  const partial = open.filter(({ percent }) => percent < 100);
  if (partial.length > 1 || (partial.length === 1 && open.at(-1) !== partial[0]))
    throw new Untranslatable(
      `${feature.place}/strategies`,
      'A gradual rollout with variants comes over only as the last strategy and the only rollout.',
    );
  return open.flatMap((activation) => strategyRules(activation));

  function strategyRules({ when, percent, units, strategy }: Activation): readonly RulePart[] {
    const place = strategy.variants.length > 0 ? `${strategy.place}/variants` : `${feature.place}/variants`;
    const choices = (strategy.variants.length > 0 ? strategy.variants : feature.variants).map((one, index) =>
      choiceOf(one, place + step(index)),
    );
    if (percent < 100 && none === null)
      throw new Untranslatable(
        strategy.place,
        'A rollout of less than 100 % of variants with payloads: a split cannot leave a share to the default of the code.',
      );
    const dealt = choices.filter(({ weight }) => weight > 0);
    const rest = dealt.reduce((sum, { weight }) => sum + weight, 0) * (100 / percent - 1);
    const overridden = choices.flatMap((choice, index) => overrideRules(choice, place + step(index)));
    return [...overridden, ...dealtRules()].map((rule) => ({ ...rule, when: allOf([when, rule.when]) }));

    function overrideRules({ name, overrides }: Choice, at: string): readonly RulePart[] {
      if (overrides.length === 0) return [];
      const condition = anyOf(
        overrides.map((override) => {
          const { contextName, values } = isMembers(override) ? override : {};
          return isTextOf(attributeOf(contextName, `${at}/overrides`), (Array.isArray(values) ? values : []).map(String));
        }),
      );
      return served([[nameOf(name), 100]], condition);
    }

    function dealtRules(): readonly RulePart[] {
      if (dealt.length === 0) return served([], allOf([]));
      return served(
        dealt.map(({ name, weight }) => [nameOf(name), weight]),
        allOf([]),
      );
    }

    /** A choice among shares, within the share of the rollout. */
    function served(shares: readonly (readonly [string, number])[], condition: RulePart['when']): readonly RulePart[] {
      const [only, ...others] = shares;
      if (only === undefined) {
        if (none === null)
          throw new Untranslatable(
            strategy.place,
            'It turns the feature on without any variant, which a flag of payloads cannot say.',
          );
        return [{ when: condition, serve: { variant: none } }];
      }
      if (others.length === 0 && percent === 100) return [{ when: condition, serve: { variant: only[0] } }];
      const outside: readonly (readonly [string, number])[] =
        percent < 100 && none !== null ? [[none, others.length === 0 ? only[1] * (100 / percent - 1) : rest]] : [];
      const weights = weightsOf([...shares, ...outside]);
      if (weights === null) throw new Untranslatable(place, 'A weight is no number.');
      const variantUnits =
        others.length === 0 ? units : unitsOf(choices[0]?.stickiness, place, ['targetingKey', 'sessionId', 'remoteAddress']);
      if (percent < 100 && variantUnits[0] !== units[0])
        throw new Untranslatable(
          place,
          'The rollout and its variants have different stickiness; a split here is by one attribute.',
        );
      remark(
        're-bucketed',
        strategy.place,
        rebucketed(
          strategy.place,
          weights.map(([, weight]) => weight),
        ).sentence,
      );
      const by = percent < 100 ? units : variantUnits;
      remark(
        'changes-meaning',
        strategy.place,
        `Who has none of ${by.join(', ')} gets no variant here; Unleash draws lots at every evaluation.`,
      );
      return by.map((unit) => ({ when: allOf([condition, hasUnit(unit)]), serve: { split: { by: unit, hash: 2, weights } } }));
    }
  }
}

function choiceOf(json: unknown, place: string): Choice {
  const { name, weight, stickiness, overrides, payload } = isMembers(json) ? json : {};
  if (typeof name !== 'string' || typeof weight !== 'number' || !(weight >= 0))
    throw new Untranslatable(place, 'A variant has a name and a weight.');
  return {
    name,
    weight,
    stickiness,
    overrides: Array.isArray(overrides) ? overrides : [],
    value: payloadValue(payload, `${place}/payload`),
  };
}

function payloadValue(payload: unknown, place: string): FlagValue | undefined {
  if (!isMembers(payload)) return undefined;
  const { type, value } = payload;
  if (typeof value !== 'string') throw new Untranslatable(place, 'A payload holds a text.');
  if (type === 'string' || type === 'csv') return value;
  const parsed = parseJson(value);
  if (type === 'number' && typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  if (type === 'json' && isMembers(parsed)) return parsed as FlagValue;
  throw new Untranslatable(place, `The payload is no ${type === 'json' ? 'JSON object' : String(type)} that a flag can hold.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
