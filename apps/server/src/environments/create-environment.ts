import { randomBytes } from 'node:crypto';
import type { CommandOf, Environment } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { inBatches } from '../db/batches.ts';
import type { Tx } from '../db/client.ts';
import { environmentHeads, environments, flagEnvironments, flags, segmentEnvironments, segments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { defaultConfiguration } from '../flags/default-configuration.ts';
import { toFlagBody } from '../flags/flag-store.ts';
import { presentEnvironment } from '../projects/present-project.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { EMPTY_SEGMENT, toSegmentBody } from '../segments/segment-store.ts';

/** An environment in which every flag of the project is off and every segment empty. Throws `already_exists`. */
export async function createEnvironment(
  { tx, nowMs, record }: CommandContext,
  command: CommandOf<'environment.create'>,
): Promise<Environment> {
  const { key, name } = command.input;
  const project = await findProject(tx, command.target.project);
  await lockProject(tx, project.id);
  const position = (await listEnvironments(tx, project.id)).length;
  const [environment] = await tx
    .insert(environments)
    .values({ projectId: project.id, key, name, position, protected: command.input.protected })
    .onConflictDoNothing()
    .returning();
  if (environment === undefined)
    throw new AppError('already_exists', `Environment '${key}' exists already in project '${project.key}'.`);
  const epoch = `${nowMs}-${randomBytes(8).toString('hex')}`;
  await tx.insert(environmentHeads).values({ environmentId: environment.id, epoch, revision: 0 });
  const heads = await lockHeads(tx, [environment.id]);

  const after = { key, name, position, protected: environment.protected };
  const changes: EntityChange[] = [{ kind: 'environment', key, environmentId: environment.id, before: null, after }];
  const bodies = [...(await addFlags(tx, project.id, environment.id)), ...(await addSegments(tx, project.id, environment.id))];
  const { revisions } = await record(heads, { projectId: project.id, changes, bodies });
  return presentEnvironment(environment, { epoch, revision: revisions.get(environment.id) ?? 0 });
}

async function addFlags(tx: Tx, projectId: string, environmentId: string): Promise<BodyWrite[]> {
  const halves = (await tx.select().from(flags).where(eq(flags.projectId, projectId))).map((flag) => ({
    flag,
    environment: { on: false, ...defaultConfiguration(flag) },
  }));
  for (const rows of inBatches(halves))
    await tx
      .insert(flagEnvironments)
      .values(rows.map(({ flag, environment }) => ({ flagId: flag.id, environmentId, ...environment })));
  return halves.map(({ flag, environment }) => ({
    environmentId,
    kind: 'flag',
    key: flag.key,
    body: toFlagBody(flag, environment),
  }));
}

async function addSegments(tx: Tx, projectId: string, environmentId: string): Promise<BodyWrite[]> {
  const all = await tx.select().from(segments).where(eq(segments.projectId, projectId));
  for (const rows of inBatches(all))
    await tx.insert(segmentEnvironments).values(rows.map(({ id }) => ({ segmentId: id, environmentId, ...EMPTY_SEGMENT })));
  return all.map(({ key }) => ({ environmentId, kind: 'segment', key, body: toSegmentBody(EMPTY_SEGMENT) }));
}
