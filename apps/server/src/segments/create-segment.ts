import type { CommandOf, Segment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { segmentEnvironments, segments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { EMPTY_SEGMENT, presentSegment, toSegmentBody } from './segment-store.ts';

/**
 * A segment with the same members in every environment; nobody unless told otherwise.
 * Throws `already_exists`, `validation_failed`.
 */
export async function createSegment({ tx, record }: CommandContext, command: CommandOf<'segment.create'>): Promise<Segment> {
  const { key, name, include, exclude, when } = command.input;
  const project = await findProject(tx, command.target.project);
  await lockProject(tx, project.id);
  const environments = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const [segment] = await tx.insert(segments).values({ projectId: project.id, key, name }).onConflictDoNothing().returning();
  if (segment === undefined) throw new AppError('already_exists', `Segment '${key}' exists already in project '${project.key}'.`);

  const configuration = {
    include: include ?? EMPTY_SEGMENT.include,
    exclude: exclude ?? EMPTY_SEGMENT.exclude,
    when: when ?? EMPTY_SEGMENT.when,
  };
  const changes: EntityChange[] = [{ kind: 'segment', key, environmentId: null, before: null, after: { key, name } }];
  const bodies: BodyWrite[] = [];
  for (const { id: environmentId } of environments) {
    await tx.insert(segmentEnvironments).values({ segmentId: segment.id, environmentId, ...configuration });
    changes.push({ kind: 'segment', key, environmentId, before: null, after: configuration });
    bodies.push({ environmentId, kind: 'segment', key, body: toSegmentBody(configuration) });
  }
  await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return presentSegment(tx, segment);
}
