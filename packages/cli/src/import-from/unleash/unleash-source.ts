/** Features of Unleash: its export, or what its SDKs fetch. */
import type { FlagValue } from '@yardarm/evaluator';
import { ALWAYS, isAlways } from '../conditions.ts';
import type { Imported, ImportedConfiguration, ImportedFlag, ImportedSegment, Obstacle, Source } from '../imported.ts';
import { isMembers, step } from '../read-document.ts';
import { findings } from '../report.ts';
import { Untranslatable } from '../untranslatable.ts';
import { variantNames } from '../variant-names.ts';
import { booleanRules } from './boolean-rules.ts';
import { type AddRemark, constraintsCondition } from './constraints.ts';
import { readFeatures, type UnleashFeature, type UnleashFile, type UnleashSegment } from './read-features.ts';
import { activationOf } from './strategies.ts';
import { readVariants, type UnleashVariants, variantRules } from './variant-rules.ts';

const KINDS: { readonly [type: string]: NonNullable<ImportedFlag['kind']> } = {
  release: 'release',
  experiment: 'experiment',
  operational: 'operational',
  'kill-switch': 'operational',
  permission: 'permission',
};
const ON_AND_OFF: UnleashVariants = { type: 'boolean', values: { on: true, off: false }, nameOf: (name) => name, none: 'off' };

export const unleashSource: Source = (text, { file }): Imported => {
  const content = readFeatures(text, file);
  const left: Obstacle[] = [...content.left];
  const keys = segmentKeys(content.segments);
  const flags = content.features.flatMap((feature): ImportedFlag[] => {
    try {
      return [toFlag(feature, content, keys)];
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      left.push({ kind: 'flag', key: feature.name, place: error.place, sentence: error.message });
      return [];
    }
  });
  const environments = [...new Set(content.features.map(({ environment }) => environment))];
  return { flags, segments: content.segments.map((segment) => toSegment(segment, keys, environments)), left };
};

function toFlag(feature: UnleashFeature, content: UnleashFile, keys: ReadonlyMap<unknown, string>): ImportedFlag {
  const { name: key, description, type: theirType, place, environment, enabled, tags } = feature;
  const { remarks, add } = findings('flag', key);
  const remark: AddRemark = (code, at, sentence) => add({ code, place: at, sentence });
  const hasVariants = withVariants(feature);
  const variants = hasVariants ? readVariants(feature, remark) : ON_AND_OFF;
  if (hasVariants)
    remark(
      'changes-meaning',
      place,
      `Code that asks whether it is enabled asks here for its ${variants.type}: the variant's ${variants.none === null ? 'payload' : 'name'}.`,
    );
  const segmentKey = (id: unknown, at: string) =>
    keys.get(id) ?? refuse(at, `Segment ${JSON.stringify(id)} is not in the file, and Unleash serves nobody for it.`);
  const strategies = feature.strategies.filter(({ isDisabled }) => !isDisabled);
  if (strategies.length === 0 && feature.strategies.length > 0)
    refuse(`${place}/strategies`, 'All of its strategies are disabled, and what that serves depends on the version of Unleash.');
  const activations = strategies.map((strategy) => activationOf(strategy, key, segmentKey, remark));
  if (strategies.length === 0)
    activations.push({ when: ALWAYS, percent: 100, units: [], group: '', strategy: { ...NO_STRATEGY, place } });
  const parts = hasVariants ? variantRules(feature, activations, variants, remark) : booleanRules(activations, place, remark);
  const end = parts.findIndex(({ when }) => isAlways(when));
  const none = variants.none === null ? null : { variant: variants.none };
  const configuration: ImportedConfiguration = {
    on: enabled,
    offVariant: variants.none,
    prerequisites: prerequisitesOf(feature, content, remark),
    targets: [],
    rules: (end < 0 ? parts : parts.slice(0, end)).map((part, index) => ({ id: `r${index + 1}`, ...part })),
    fallthrough: end < 0 ? none : (parts[end]?.serve ?? none),
  };
  return {
    ...{ key, name: null, description, kind: Object.hasOwn(KINDS, theirType) ? (KINDS[theirType] ?? null) : null, tags },
    ...{ owner: null, clientSide: false, type: variants.type, variants: variants.values as { [name: string]: FlagValue } },
    environments: { [environment]: configuration },
    remarks,
  };
}

const NO_STRATEGY = { name: 'default', parameters: {}, constraints: [], segments: [], variants: [], isDisabled: false };

function withVariants({ variants, strategies }: UnleashFeature): boolean {
  return variants.length > 0 || strategies.some((strategy) => strategy.variants.length > 0);
}

function prerequisitesOf(feature: UnleashFeature, content: UnleashFile, remark: AddRemark) {
  return feature.dependencies.map((dependency, index) => {
    const place = `${feature.place}/dependencies${step(index)}`;
    const { feature: parentName, enabled = true, variants = [] } = isMembers(dependency) ? dependency : {};
    const parent = content.features.find(({ name, environment }) => name === parentName && environment === feature.environment);
    if (parent === undefined || !Array.isArray(variants))
      return refuse(place, `It depends on ${JSON.stringify(parentName)}, which is not in the file: Unleash never turns it on.`);
    if (parent.dependencies.length > 0)
      return refuse(place, `It depends on '${parent.name}', which depends on others: Unleash never turns it on.`);
    const flag = parent.name;
    if (!withVariants(parent)) {
      if (variants.length > 0) return refuse(place, `It asks for variants of '${flag}', which has none.`);
      return { flag, variants: [enabled === false ? 'off' : 'on'] };
    }
    if (enabled === false)
      return refuse(place, `It wants '${flag}' disabled, which has variants and so is no boolean flag here.`);
    if (variants.length === 0 && parent.variants.length === 0)
      return refuse(place, `It wants '${flag}' enabled, whichever variant that gives; name the variants.`);
    const { values, nameOf, none } = readVariants(parent, remark);
    const names = variants.length > 0 ? variants.map((name) => nameOf(String(name))) : Object.keys(values);
    return { flag, variants: names.filter((name) => name !== none) };
  });
}

function segmentKeys(segments: readonly UnleashSegment[]): ReadonlyMap<unknown, string> {
  const names = variantNames(
    segments.map(({ name, id }) => ({ name: /[A-Za-z0-9]/.test(name) ? name : `segment-${id}`, value: '' })),
  );
  return new Map(segments.map(({ id }, index) => [id, names[index] ?? `segment-${id}`]));
}

function toSegment(
  { id, name, constraints, place }: UnleashSegment,
  keys: ReadonlyMap<unknown, string>,
  environments: readonly string[],
): ImportedSegment {
  const key = keys.get(id) ?? String(id);
  const { remarks, add } = findings('segment', key);
  const made = make();
  return { key, name, environments: Object.fromEntries(environments.map((environment) => [environment, made])), remarks };

  function make(): ImportedSegment['environments'][string] {
    const obstacle = (at: string, sentence: string) => ({ obstacles: [{ kind: 'segment' as const, key, place: at, sentence }] });
    if (constraints === undefined)
      return obstacle(place, 'The file does not say who is in it; read /api/client/features instead.');
    try {
      const remark: AddRemark = (code, at, sentence) => add({ code, place: at, sentence });
      return { include: [], exclude: [], when: constraintsCondition(constraints, `${place}/constraints`, remark) };
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      return obstacle(error.place, error.message);
    }
  }
}

function refuse(place: string, sentence: string): never {
  throw new Untranslatable(place, sentence);
}
