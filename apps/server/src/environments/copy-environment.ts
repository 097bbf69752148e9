import type { CommandOf, CopiedEnvironment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { describeEdits, writeConfigurations } from '../changes/write-configurations.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { authorizeCopy, planCopy } from './plan-copy.ts';

/**
 * Gives many flags and segments, or all, the configuration that they have in another environment, in one change set. `on` and
 * salts stay. Throws `not_found`, `forbidden`, `invalid_reference`, `validation_failed`.
 */
export async function copyEnvironment(
  context: CommandContext,
  { target, input }: CommandOf<'environment.copy'>,
): Promise<CopiedEnvironment> {
  const { tx, authorize } = context;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const source = await authorizeCopy(context, project, environment, input.from);
  const heads = await lockHeads(tx, [environment.id]);
  const everything = input.flags === undefined && input.segments === undefined;
  const keys = everything
    ? { flags: undefined, segments: undefined }
    : { flags: input.flags ?? [], segments: input.segments ?? [] };
  const edits = await planCopy(tx, { project, source, environment }, keys);
  const items = describeEdits(edits);
  if (items.some(({ kind }) => kind === 'segment'))
    authorize('segment.configure', { project: project.key, environment: environment.key });
  const { revision } = await writeConfigurations(context, { project, environment, heads }, edits);
  return { revision, items };
}
