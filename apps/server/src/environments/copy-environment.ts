import type { CommandOf, CopiedEnvironment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { describeEdits, onLockedRows, withoutEqual, writeConfigurations } from '../changes/write-configurations.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { findSource, planCopy } from './plan-copy.ts';

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
  const source = await findSource(context, project, environment, input.from);
  const everything = input.flags === undefined && input.segments === undefined;
  const keys = everything
    ? { flags: undefined, segments: undefined }
    : { flags: input.flags ?? [], segments: input.segments ?? [] };
  const plan = withoutEqual(await planCopy(tx, { project, source, environment }, keys));
  if (plan.flags.length > 0) authorize('flag.configure', { project: project.key, environment: environment.key });
  if (plan.segments.length > 0) authorize('segment.configure', { project: project.key, environment: environment.key });
  const place = { project, environment, heads: await lockHeads(tx, [environment.id]) };
  const edits = await onLockedRows(tx, place, plan);
  const { revision } = await writeConfigurations(context, place, edits);
  return { revision, items: describeEdits(edits) };
}
