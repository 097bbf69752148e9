import type { CommandOf, CommittedFlag } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { withoutEqual, writeConfigurations } from '../changes/write-configurations.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { findFlag, findFlagEnvironment } from './flag-store.ts';
import { presentConfiguration, presentFlagEnvironment } from './present-flag.ts';

/**
 * Edits targets, rules, fallthrough and the like in one environment; `on` is not among them. An edit that
 * changes nothing is no change. Throws `not_found`, `stale_version`, `invalid_reference`, `validation_failed`.
 */
export async function configureFlag(context: CommandContext, command: CommandOf<'flag.configure'>): Promise<CommittedFlag> {
  const { tx } = context;
  const { target, baseVersions } = command;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const heads = await lockHeads(tx, [environment.id]);
  const flag = await findFlag(tx, project, target.flag);
  const row = await findFlagEnvironment(tx, flag.id, environment.id);
  const current = presentFlagEnvironment(environment.key, row);
  requireVersion(baseVersions.configuration, current, `Flag '${flag.key}' in ${environment.key}`);

  const { reason: _reason, ...edit } = command.input;
  const after = { ...presentConfiguration(row), ...withoutAbsent(edit) };
  const place = { project, environment, heads };
  const { revision, flags, exposes } = await writeConfigurations(
    context,
    place,
    withoutEqual({ flags: [{ flag, row, after }], segments: [] }),
  );
  return {
    flag: presentFlagEnvironment(environment.key, flags.get(flag.key) ?? row),
    revision,
    ...(exposes.length > 0 && { exposes: [...exposes] }),
  };
}

/** Members left out keep their value; spread would overwrite them with undefined. */
function withoutAbsent<T extends object>(edit: T): Partial<T> {
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as Partial<T>;
}
