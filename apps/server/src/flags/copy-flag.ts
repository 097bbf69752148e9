import type { CommandOf, CopiedFlag } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { describeEdits, withoutEqual, writeConfigurations } from '../changes/write-configurations.ts';
import { findSource, planCopy, usedSegments } from '../environments/plan-copy.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { findFlag, findFlagEnvironment, refuseArchived } from './flag-store.ts';
import { presentFlagEnvironment } from './present-flag.ts';

/**
 * Gives a flag the configuration that it has in another environment, and on request the segments that its rules use. `on`
 * and salts stay: nobody is switched or reassigned by it. Equal already: no change. Throws `not_found`, `forbidden`,
 * `stale_version`, `invalid_reference`, `validation_failed`.
 */
export async function copyFlag(context: CommandContext, command: CommandOf<'flag.copy'>): Promise<CopiedFlag> {
  const { tx } = context;
  const { target, input, baseVersions } = command;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const source = await findSource(context, project, environment, input.from);
  context.authorize('flag.configure', { project: project.key, environment: environment.key });
  if (input.segments) context.authorize('segment.configure', { project: project.key, environment: environment.key });
  const heads = await lockHeads(tx, [environment.id]);
  const flag = await findFlag(tx, project, target.flag);
  refuseArchived(flag);
  const row = await findFlagEnvironment(tx, flag.id, environment.id);
  const current = presentFlagEnvironment(environment.key, row);
  requireVersion(baseVersions.configuration, current, `Flag '${flag.key}' in ${environment.key}`);

  const segments = input.segments ? usedSegments((await findFlagEnvironment(tx, flag.id, source.id)).rules) : [];
  const edits = withoutEqual(await planCopy(tx, { project, source, environment }, { flags: [flag.key], segments }));
  const { revision, flags } = await writeConfigurations(context, { project, environment, heads }, edits);
  return { flag: presentFlagEnvironment(environment.key, flags.get(flag.key) ?? row), revision, items: describeEdits(edits) };
}
