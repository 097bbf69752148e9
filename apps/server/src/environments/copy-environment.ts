import type { CommandOf, CopiedEnvironment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { describeEdits, withoutEqual, writePlanned } from '../changes/write-configurations.ts';
import { AppError } from '../errors.ts';
import { findEnvironmentHead } from '../projects/project-store.ts';
import { findSource, planCopy } from './plan-copy.ts';

/**
 * Gives many flags and segments, or all, the configuration that they have in another environment, in one change set. `on` and
 * salts stay. Throws `not_found`, `forbidden`, `invalid_reference`, `validation_failed`, and `stale_version` where another state was seen.
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
  // Read after the plan: if the source is where it was seen now, it was there then.
  if (input.seen) requireSeen(input.from, input.seen.from, (await findEnvironmentHead(tx, project.key, input.from)).revision);
  if (plan.flags.length > 0) authorize('flag.configure', { project: project.key, environment: environment.key });
  if (plan.segments.length > 0) authorize('segment.configure', { project: project.key, environment: environment.key });
  const { revision, edits } = await writePlanned(context, { project, environment }, plan, plannedAt);
  // Only under its lock is it known where the environment stood; what was written until here is undone.
  if (input.seen)
    requireSeen(environment.key, input.seen.to, edits.flags.length + edits.segments.length > 0 ? revision - 1 : revision);
  return { revision, items: describeEdits(edits) };
}

function requireSeen(environment: string, seen: number, revision: number): void {
  if (revision === seen) return;
  throw new AppError(
    'stale_version',
    `Environment '${environment}' is at revision ${revision} now, and was compared at ${seen}. Compare again; nothing was copied.`,
  );
}
