import type { CommandOf, ConfiguredSegment } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { withoutEqual, writeConfigurations } from '../changes/write-configurations.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { findSegment, findSegmentEnvironment, presentSegmentConfiguration, presentSegmentEnvironment } from './segment-store.ts';

/**
 * Edits who belongs to a segment in one environment. An edit that changes nothing is no change.
 * Throws `not_found`, `stale_version`, `invalid_reference`, `validation_failed`.
 */
export async function configureSegment(
  context: CommandContext,
  command: CommandOf<'segment.configure'>,
): Promise<ConfiguredSegment> {
  const { tx } = context;
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
  const place = { project, environment, heads };
  const written = await writeConfigurations(context, place, withoutEqual({ flags: [], segments: [{ segment, row, after }] }));
  const answer = presentSegmentEnvironment({ environmentKey: environment.key, row: written.segments.get(segment.key) ?? row });
  return { ...answer, revision: written.revision, ...(written.exposes.length > 0 && { exposes: [...written.exposes] }) };
}
