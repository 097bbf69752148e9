import type { CommandOf, Segment } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import { segments } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject } from '../projects/project-store.ts';
import { findSegment, presentSegment } from './segment-store.ts';

/** Gives a segment another name; rules go on naming it by its key. Throws `not_found`, `stale_version`. */
export async function updateSegment(
  { tx, record }: CommandContext,
  { target, input, baseVersions }: CommandOf<'segment.update'>,
): Promise<Segment> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const segment = await findSegment(tx, project, target.segment);
  const current = await presentSegment(tx, segment);
  requireVersion(baseVersions.segment, current, `Segment '${segment.key}'`);
  const { name = segment.name } = input;
  if (name === segment.name) return current;
  const written = { ...segment, name, version: segment.version + 1 };
  await tx.update(segments).set({ name, version: written.version }).where(eq(segments.id, segment.id));
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'segment', key: segment.key, environmentId: null, before: { name: segment.name }, after: { name } }],
    bodies: [],
  });
  return presentSegment(tx, written);
}
