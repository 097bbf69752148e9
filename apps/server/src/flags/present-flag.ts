import {
  type Flag,
  type FlagConfigurationInput,
  type FlagEnvironment,
  type HygieneWindows,
  lifecycleOf,
  type Snooze,
  type Standing,
} from '@yardarm/contract';
import type { FlagEnvironmentRow, FlagRow, NamedFlagEnvironment } from './flag-store.ts';

export interface FlagSurroundings {
  readonly environments: readonly NamedFlagEnvironment[];
  /** The team that the flag's owner names; null when it names none. */
  readonly ownerTeam: Flag['ownerTeam'];
  /** What the last assessment made of it. */
  readonly standing: Standing | null;
  /** UTC. */
  readonly today: string;
  readonly windows: Pick<HygieneWindows, 'expiringDays'>;
}

export function presentFlag(flag: FlagRow, { environments, ownerTeam, standing, today, windows }: FlagSurroundings): Flag {
  const { key, kind, type, description, clientSide, salt, owner, expiresOn, tags, links, version } = flag;
  const archivedAt = flag.archivedAt?.toISOString() ?? null;
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
    lifecycle: lifecycleOf({ archivedAt, expiresOn, standing }, today, windows),
    snooze: presentSnooze(flag, today),
    version,
    createdAt: flag.createdAt.toISOString(),
    archivedAt,
    environments: environments.map(({ environmentKey, row }) => presentFlagEnvironment(environmentKey, row)),
  };
}

/** Null once it is over. */
export function presentSnooze(
  { snoozedUntil, snoozeReason }: Pick<FlagRow, 'snoozedUntil' | 'snoozeReason'>,
  today: string,
): Snooze | null {
  return snoozedUntil === null || snoozedUntil < today ? null : { until: snoozedUntil, reason: snoozeReason ?? '' };
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
