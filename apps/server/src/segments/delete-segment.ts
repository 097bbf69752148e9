import type { CommandOf } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { changedBodies } from '../changes/refuse-issues.ts';
import { segmentEnvironments, segments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { findSegment, presentSegment, presentSegmentConfiguration } from './segment-store.ts';
import { findSegmentUses } from './segment-uses.ts';

/** Takes a segment out of every environment. Throws `not_found`, `stale_version`, and `in_use` while a flag uses it. */
export async function deleteSegment(
  { tx, record }: CommandContext,
  { target, baseVersions }: CommandOf<'segment.delete'>,
): Promise<null> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const environments = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const segment = await findSegment(tx, project, target.segment);
  requireVersion(baseVersions.segment, await presentSegment(tx, segment), `Segment '${segment.key}'`);
  const uses = await findSegmentUses(tx, project.id, segment.key);
  if (uses.length > 0) {
    const names = [...new Set(uses.map(({ flag }) => `'${flag}'`))].join(', ');
    throw new AppError('in_use', `Segment '${segment.key}' is used by ${names}; take it out there, then delete it.`, {
      details: uses.map(({ flag, environment }) => ({
        path: '',
        code: 'used_by',
        message: `Flag '${flag}' uses it in ${environment}.`,
      })),
    });
  }

  const rows = await tx.delete(segmentEnvironments).where(eq(segmentEnvironments.segmentId, segment.id)).returning();
  await tx.delete(segments).where(eq(segments.id, segment.id));
  const { key, name } = segment;
  const changes: EntityChange[] = [
    { kind: 'segment', key, environmentId: null, before: { key, name }, after: null },
    ...rows.map((row): EntityChange => {
      return { kind: 'segment', key, environmentId: row.environmentId, before: presentSegmentConfiguration(row), after: null };
    }),
  ];
  const bodies = await changedBodies(
    tx,
    rows.map(({ environmentId }): BodyWrite => ({ environmentId, kind: 'segment', key, body: null })),
  );
  await record(heads, { projectId: project.id, changes, bodies });
  return null;
}
