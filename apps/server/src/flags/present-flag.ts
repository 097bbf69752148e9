import type { Flag, FlagConfigurationInput, FlagEnvironment } from '@yardarm/contract';
import type { FlagEnvironmentRow, FlagRow, NamedFlagEnvironment } from './flag-store.ts';

export function presentFlag(flag: FlagRow, environments: readonly NamedFlagEnvironment[]): Flag {
  const { key, kind, type, description, clientSide, owner, expiresOn, tags, version } = flag;
  return {
    key,
    kind,
    type,
    description,
    variants: flag.variants as Flag['variants'],
    clientSide,
    owner,
    expiresOn,
    tags,
    version,
    createdAt: flag.createdAt.toISOString(),
    environments: environments.map(({ environmentKey, row }) => presentFlagEnvironment(environmentKey, row)),
  };
}

export function presentFlagEnvironment(environmentKey: string, row: FlagEnvironmentRow): FlagEnvironment {
  return {
    environment: environmentKey,
    on: row.on,
    ...presentConfiguration(row),
    version: row.version,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The part of a flag that an edit of its environment may touch. */
export function presentConfiguration(row: FlagConfigurationInput | FlagEnvironmentRow): FlagConfigurationInput {
  const { offVariant, prerequisites, targets, rules, fallthrough } = row;
  return { offVariant, prerequisites, targets, rules, fallthrough };
}
