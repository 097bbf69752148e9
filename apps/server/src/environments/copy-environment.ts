import type { CommandOf, CopiedEnvironment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { describeEdits, withoutEqual, writePlanned } from '../changes/write-configurations.ts';
import { findEnvironmentHead } from '../projects/project-store.ts';
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
  const { project, environment, revision: plannedAt } = await findEnvironmentHead(tx, target.project, target.environment);
  const source = await findSource(context, project, environment, input.from);
  const everything = input.flags === undefined && input.segments === undefined;
  const keys = everything
    ? { flags: undefined, segments: undefined }
    : { flags: input.flags ?? [], segments: input.segments ?? [] };
  const plan = withoutEqual(await planCopy(tx, { project, source, environment }, keys));
  if (plan.flags.length > 0) authorize('flag.configure', { project: project.key, environment: environment.key });
  if (plan.segments.length > 0) authorize('segment.configure', { project: project.key, environment: environment.key });
  const { revision, edits } = await writePlanned(context, { project, environment }, plan, plannedAt);
  return { revision, items: describeEdits(edits) };
}
