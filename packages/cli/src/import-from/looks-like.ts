import { isMembers } from './read-document.ts';
import type { SourceName } from './sources.ts';

/** The only system that writes such a file; null: none, or it cannot be told. */
export function looksLike({
  flags,
  flagValues,
  data,
  items,
  features,
  featureStrategies,
}: {
  readonly [member: string]: unknown;
}): SourceName | null {
  const table = isMembers(data) ? data.flags : flags;
  const someHas = (list: unknown, member: string) =>
    Object.values(Array.isArray(list) || isMembers(list) ? list : []).some((one) => isMembers(one) && Object.hasOwn(one, member));
  if (someHas(table, 'variations') || isMembers(flagValues) || someHas(items, 'variations')) return 'launchdarkly';
  if (someHas(flags, 'variants')) return 'flagd';
  if (Array.isArray(featureStrategies) || (Array.isArray(features) && someHas(features, 'strategies'))) return 'unleash';
  return someHas(features, 'defaultValue') ? 'growthbook' : null;
}
