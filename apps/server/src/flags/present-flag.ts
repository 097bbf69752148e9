import type { Flag, FlagConfigurationInput, FlagEnvironment } from '@yardarm/contract';
import { type LifecycleDays, lifecycleOf } from './flag-lifecycle.ts';
import type { FlagEnvironmentRow, FlagRow, NamedFlagEnvironment } from './flag-store.ts';

export interface FlagSurroundings {
  readonly environments: readonly NamedFlagEnvironment[];
  /** The team that the flag's owner names; null when it names none. */
  readonly ownerTeam: Flag['ownerTeam'];
  readonly days: LifecycleDays;
}

export function presentFlag(flag: FlagRow, { environments, ownerTeam, days }: FlagSurroundings): Flag {
  const { key, kind, type, description, clientSide, salt, owner, expiresOn, tags, links, version } = flag;
  return {
    key,
    kind,
    type,
    description,
    variants: flag.variants as Flag['variants'],
    clientSide,
    salt,
    owner,
    ownerTeam,
    expiresOn,
    tags,
    links,
    lifecycle: lifecycleOf(flag, days),
    version,
    createdAt: flag.createdAt.toISOString(),
    archivedAt: flag.archivedAt?.toISOString() ?? null,
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
