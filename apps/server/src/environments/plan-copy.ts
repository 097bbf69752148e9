/** What a copy from one environment to another would write: configurations, never `on`. */
import type { FlagConfigurationInput } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { CommandContext } from '../changes/command-context.ts';
import type { ConfigurationEdits } from '../changes/write-configurations.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags, segmentEnvironments, segments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { type EnvironmentRow, findEnvironment, type ProjectRow } from '../projects/project-store.ts';
import { presentSegmentConfiguration } from '../segments/segment-store.ts';

export interface CopyPlaces {
  readonly project: { readonly id: string; readonly key: string };
  readonly source: { readonly id: string };
  readonly environment: { readonly id: string };
}

/** What to copy, by key; undefined: all of them. */
export interface CopyKeys {
  readonly flags: readonly string[] | undefined;
  readonly segments: readonly string[] | undefined;
}

/** The environment to copy from. Throws `forbidden` to whom may not read it. */
export async function findSource(
  { tx, authorize }: CommandContext,
  project: ProjectRow,
  environment: EnvironmentRow,
  from: string,
): Promise<EnvironmentRow> {
  const source = (await findEnvironment(tx, project.key, from)).environment;
  if (source.id === environment.id)
    throw new AppError('validation_failed', `A copy of '${from}' to itself changes nothing; name another environment.`, {
      details: [{ path: 'from', message: 'This is the environment that is copied to.' }],
    });
  authorize('flag.read', { project: project.key, environment: from });
  return source;
}

/** Throws `not_found` for a key that is listed and does not exist. */
export async function planCopy(
  tx: Tx,
  { project, source, environment }: CopyPlaces,
  keys: CopyKeys,
): Promise<ConfigurationEdits> {
  const [flagSource, segmentSource] = [alias(flagEnvironments, 'source'), alias(segmentEnvironments, 'source')];
  const flagRows = await tx
    .select({ flag: flags, row: flagEnvironments, from: flagSource })
    .from(flags)
    .innerJoin(flagEnvironments, and(eq(flagEnvironments.flagId, flags.id), eq(flagEnvironments.environmentId, environment.id)))
    .innerJoin(flagSource, and(eq(flagSource.flagId, flags.id), eq(flagSource.environmentId, source.id)))
    .where(and(eq(flags.projectId, project.id), isNull(flags.archivedAt), listed(flags.key, keys.flags)))
    .orderBy(flags.key);
  const segmentRows = await tx
    .select({ segment: segments, row: segmentEnvironments, from: segmentSource })
    .from(segments)
    .innerJoin(
      segmentEnvironments,
      and(eq(segmentEnvironments.segmentId, segments.id), eq(segmentEnvironments.environmentId, environment.id)),
    )
    .innerJoin(segmentSource, and(eq(segmentSource.segmentId, segments.id), eq(segmentSource.environmentId, source.id)))
    .where(and(eq(segments.projectId, project.id), listed(segments.key, keys.segments)))
    .orderBy(segments.key);
  requireFound('Flag', keys.flags, new Set(flagRows.map(({ flag }) => flag.key)), project.key);
  requireFound('Segment', keys.segments, new Set(segmentRows.map(({ segment }) => segment.key)), project.key);
  return {
    flags: flagRows.map(({ flag, row, from }) => ({ flag, row, after: presentConfiguration(from) })),
    segments: segmentRows.map(({ segment, row, from }) => ({ segment, row, after: presentSegmentConfiguration(from) })),
  };
}

/** Keys of the segments that the rules name. */
export function usedSegments(rules: FlagConfigurationInput['rules']): string[] {
  return [...new Set(rules.flatMap(({ when }) => segmentsIn(when)))];
}

function segmentsIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(segmentsIn);
  if ('any' in condition) return condition.any.flatMap(segmentsIn);
  if ('not' in condition) return segmentsIn(condition.not);
  return 'segment' in condition ? [condition.segment] : [];
}

function listed(column: typeof flags.key | typeof segments.key, keys: readonly string[] | undefined) {
  return keys === undefined ? undefined : inArray(column, [...keys]);
}

function requireFound(what: string, keys: readonly string[] | undefined, found: ReadonlySet<string>, project: string): void {
  const missing = (keys ?? []).filter((key) => !found.has(key));
  const [first] = missing;
  if (first === undefined) return;
  throw new AppError('not_found', `${what} '${first}' does not exist in project '${project}', or is archived; leave it out.`, {
    details: missing.map((key) => ({
      path: `${what.toLowerCase()}s`,
      message: `${what} '${key}' does not exist or is archived.`,
    })),
  });
}
