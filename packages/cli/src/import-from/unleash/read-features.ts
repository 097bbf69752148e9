/** The two forms of Unleash's files in one: what its SDKs fetch (`/api/client/features`), and what its export writes. */
import { ANY_ENVIRONMENT, type Obstacle, SourceError } from '../imported.ts';
import { isMembers, readDocument, step } from '../read-document.ts';

type Json = { readonly [member: string]: unknown };

export interface UnleashStrategy {
  readonly name: string;
  readonly parameters: Json;
  readonly constraints: readonly unknown[];
  readonly segments: readonly unknown[];
  readonly variants: readonly unknown[];
  readonly isDisabled: boolean;
  /** JSON Pointer into the file. */
  readonly place: string;
}

export interface UnleashFeature {
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly environment: string;
  readonly strategies: readonly UnleashStrategy[];
  readonly variants: readonly unknown[];
  readonly dependencies: readonly unknown[];
  readonly tags: readonly string[];
  readonly place: string;
}

export interface UnleashSegment {
  readonly id: unknown;
  readonly name: string;
  /** Undefined: the file does not say. */
  readonly constraints: readonly unknown[] | undefined;
  readonly place: string;
}

export interface UnleashFile {
  readonly features: readonly UnleashFeature[];
  readonly segments: readonly UnleashSegment[];
  /** Features that are archived, or in no environment of the file. */
  readonly left: readonly Obstacle[];
}

export function readFeatures(text: string, file: string): UnleashFile {
  const document = readDocument(text, file);
  const { features } = document;
  if (!Array.isArray(features))
    throw new SourceError(
      `${file} has no list 'features' (/features): it is neither an export of Unleash nor what its SDKs fetch.`,
    );
  const segments = listOf(document.segments).map(([segment, at]) => ({
    ...{ id: segment.id, name: textOf(segment.name, `segment-${String(segment.id)}`), place: `/segments${at}` },
    constraints: Array.isArray(segment.constraints) ? (segment.constraints as readonly unknown[]) : undefined,
  }));
  refuseOthers(document.featureStrategies, '/featureStrategies', file);
  for (const [{ strategies }, at] of listOf(features)) refuseOthers(strategies, `/features${at}/strategies`, file);
  const isExport = Array.isArray(document.featureStrategies) || Array.isArray(document.featureEnvironments);
  const read = isExport ? exportedFeature(document) : fetchedFeature;
  const left: Obstacle[] = [];
  const found = listOf(features).flatMap(([feature, at]) => {
    const place = `/features${at}`;
    if (feature.archived === true) {
      const sentence = 'It is archived in Unleash, which serves it to nobody.';
      left.push({ kind: 'flag', key: textOf(feature.name, ''), place: `${place}/archived`, sentence });
      return [];
    }
    const inEnvironments = read(feature, place);
    const sentence = "The file does not say what it is in any environment ('featureEnvironments'); export it anew.";
    if (inEnvironments.length === 0) left.push({ kind: 'flag', key: textOf(feature.name, ''), place, sentence });
    return inEnvironments;
  });
  return { features: found, segments, left };
}

function fetchedFeature(feature: Json, place: string): readonly UnleashFeature[] {
  return [
    {
      ...named(feature, place),
      enabled: feature.enabled === true,
      environment: ANY_ENVIRONMENT,
      strategies: listOf(feature.strategies).map(([strategy, at]) => toStrategy(strategy, `${place}/strategies${at}`)),
      variants: list(feature.variants),
      dependencies: list(feature.dependencies),
      tags: [],
    },
  ];
}

/** One for each environment of the export, which has one. */
function exportedFeature(document: Json): (feature: Json, place: string) => readonly UnleashFeature[] {
  const environments = listOf(document.featureEnvironments);
  const strategies = listOf(document.featureStrategies);
  return (feature, place) =>
    environments
      .filter(([one]) => (one.featureName ?? one.name) === feature.name)
      .map(([one]) => ({
        ...named(feature, place),
        enabled: one.enabled === true,
        environment: textOf(one.environment, ANY_ENVIRONMENT),
        strategies: strategies
          .filter(([strategy]) => strategy.featureName === feature.name)
          .filter(([strategy]) => strategy.environment === undefined || strategy.environment === one.environment)
          .sort(([a], [b]) => Number(a.sortOrder ?? 0) - Number(b.sortOrder ?? 0))
          .map(([strategy, at]) => toStrategy(strategy, `/featureStrategies${at}`)),
        variants: list(one.variants).length > 0 ? list(one.variants) : list(feature.variants),
        dependencies: listOf(document.dependencies)
          .filter(([entry]) => entry.feature === feature.name)
          .flatMap(([entry]) => list(entry.dependencies)),
        tags: listOf(document.featureTags)
          .filter(([tag]) => tag.featureName === feature.name)
          .map(([tag]) => (tag.tagType === 'simple' ? `${tag.tagValue}` : `${tag.tagType}:${tag.tagValue}`)),
      }));
}

function named(feature: Json, place: string) {
  const { name, description, type } = feature;
  return { name: textOf(name, ''), description: textOf(description, ''), type: textOf(type, ''), place };
}

function toStrategy(strategy: Json, place: string): UnleashStrategy {
  const { name, strategyName, parameters, disabled } = strategy;
  return {
    name: textOf(strategyName ?? name, ''),
    parameters: isMembers(parameters) ? parameters : {},
    // One that stands alone must not be passed over, which would let everybody in.
    constraints: isMembers(strategy.constraints) ? [strategy.constraints] : list(strategy.constraints),
    segments: list(strategy.segments),
    variants: list(strategy.variants),
    isDisabled: disabled === true,
    place,
  };
}

/** Without its strategies a feature would be on for everybody. Throws a SourceError. */
function refuseOthers(strategies: unknown, place: string, file: string): void {
  if (strategies === undefined) return;
  if (!Array.isArray(strategies) || !strategies.every(isMembers))
    throw new SourceError(`${file} has something else than a list of strategies at ${place}: export it anew.`);
}

function list(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

/** The objects of a list, each with its step in a JSON Pointer. */
function listOf(json: unknown): readonly (readonly [Json, string])[] {
  return list(json).flatMap((entry, index) => (isMembers(entry) ? [[entry, step(index)] as const] : []));
}

function textOf(json: unknown, otherwise: string): string {
  return typeof json === 'string' ? json : otherwise;
}
