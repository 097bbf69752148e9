import type { CommandOf, Segment } from '@yardarm/contract';
import { and, eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { segmentEnvironments } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import {
  findSegment,
  findSegmentEnvironment,
  presentSegmentConfiguration,
  presentSegmentEnvironment,
  toSegmentBody,
} from './segment-store.ts';

/**
 * Edits who belongs to a segment in one environment. An edit that changes nothing is no change.
 * Throws `not_found`, `stale_version`, `invalid_reference`, `validation_failed`.
 */
export async function configureSegment(
  { tx, record }: CommandContext,
  command: CommandOf<'segment.configure'>,
): Promise<Segment['environments'][number]> {
  const { target, baseVersions, input } = command;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const heads = await lockHeads(tx, [environment.id]);
  const segment = await findSegment(tx, project, target.segment);
  const row = await findSegmentEnvironment(tx, segment.id, environment.id);
  const current = presentSegmentEnvironment({ environmentKey: environment.key, row });
  requireVersion(baseVersions.configuration, current, `Segment '${segment.key}' in ${environment.key}`);

  const before = presentSegmentConfiguration(row);
  const after = {
    include: input.include ?? before.include,
    exclude: input.exclude ?? before.exclude,
    when: input.when === undefined ? before.when : input.when,
  };
  if (canonicalJson(before) === canonicalJson(after)) return current;
  const written = { ...row, ...after, version: row.version + 1 };
  await tx
    .update(segmentEnvironments)
    .set({ ...after, version: written.version })
    .where(and(eq(segmentEnvironments.segmentId, segment.id), eq(segmentEnvironments.environmentId, environment.id)));
  const write = { environmentId: environment.id, kind: 'segment', key: segment.key, body: toSegmentBody(written) } as const;
  const bodies = await changedBodies(tx, [write]);
  await refuseIntroducedIssues(tx, project, [environment], bodies);
  await record(heads, {
    projectId: project.id,
    changes: [{ kind: 'segment', key: segment.key, environmentId: environment.id, before, after }],
    bodies,
  });
  return presentSegmentEnvironment({ environmentKey: environment.key, row: written });
}
