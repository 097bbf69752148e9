import type { CommandOf, Environment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { environmentHeads, environments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { presentEnvironment } from '../projects/present-project.ts';
import { findEnvironment, findProject, listEnvironments } from '../projects/project-store.ts';
import { mintEpoch } from '../ruleset/epoch.ts';
import { fillEnvironment } from './fill-environment.ts';

/**
 * An environment in which every flag of the project is off and every segment empty; or, with `copyFrom`, one like
 * another. Throws `already_exists`, and `not_found` for the other one.
 */
export async function createEnvironment(
  { tx, nowMs, record }: CommandContext,
  { target, input }: CommandOf<'environment.create'>,
): Promise<Environment> {
  const { key, name, copyFrom } = input;
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const original = copyFrom && (await findEnvironment(tx, project.key, copyFrom.environment)).environment;
  const position = (await listEnvironments(tx, project.id)).reduce((next, one) => Math.max(next, one.position + 1), 0);
  const [environment] = await tx
    .insert(environments)
    .values({ projectId: project.id, key, name, position, color: input.color, protected: input.protected })
    .onConflictDoNothing()
    .returning();
  if (environment === undefined)
    throw new AppError('already_exists', `Environment '${key}' exists already in project '${project.key}'.`);
  const epoch = mintEpoch(nowMs);
  await tx.insert(environmentHeads).values({ environmentId: environment.id, epoch, revision: 0 });
  // The original's as well: what is copied must not change between the read of one flag and of the next.
  const heads = await lockHeads(tx, original === undefined ? [environment.id] : [environment.id, original.id]);

  const { color } = environment;
  const after = { key, name, color, position, protected: environment.protected, ...(copyFrom && { copyFrom }) };
  const changes: EntityChange[] = [{ kind: 'environment', key, environmentId: environment.id, before: null, after }];
  const source = original === undefined ? null : { environmentId: original.id, on: copyFrom?.on ?? false };
  const bodies = await fillEnvironment(tx, project.id, environment.id, source);
  const { revisions } = await record(heads, { projectId: project.id, changes, bodies });
  return presentEnvironment(environment, { epoch, revision: revisions.get(environment.id) ?? 0 });
}
