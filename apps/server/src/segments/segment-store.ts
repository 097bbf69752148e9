/** Reads segments with their environments, and makes bodies of them. */
import type { Segment, SegmentConfigurationInput } from '@yardarm/contract';
import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { environments, segmentEnvironments, segments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { toSegmentConfiguration, toStoredText } from '../ruleset/build.ts';

export type SegmentRow = typeof segments.$inferSelect;
export type SegmentEnvironmentRow = typeof segmentEnvironments.$inferSelect;
export interface NamedSegmentEnvironment {
  readonly environmentKey: string;
  readonly row: SegmentEnvironmentRow;
}

/** Nobody. */
export const EMPTY_SEGMENT: SegmentConfigurationInput = { include: [], exclude: [], when: null };

/** Throws `not_found`. */
export async function findSegment(db: Database | Tx, project: { id: string; key: string }, key: string): Promise<SegmentRow> {
  const [segment] = await db
    .select()
    .from(segments)
    .where(and(eq(segments.projectId, project.id), eq(segments.key, key)));
  if (segment === undefined) throw new AppError('not_found', `Segment '${key}' does not exist in project '${project.key}'.`);
  return segment;
}

/** A segment has a row in every environment of its project. */
export async function findSegmentEnvironment(
  db: Database | Tx,
  segmentId: string,
  environmentId: string,
): Promise<SegmentEnvironmentRow> {
  const [row] = await db
    .select()
    .from(segmentEnvironments)
    .where(and(eq(segmentEnvironments.segmentId, segmentId), eq(segmentEnvironments.environmentId, environmentId)));
  if (row === undefined) throw new Error(`Segment ${segmentId} has no row in environment ${environmentId}.`);
  return row;
}

/** Up to `limit` segments in order of key, after `cursor`, each with its environments. */
export async function listSegments(
  db: Database | Tx,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Segment[]> {
  const rows = await db
    .select()
    .from(segments)
    .where(and(eq(segments.projectId, projectId), cursor === undefined ? undefined : gt(segments.key, cursor)))
    .orderBy(asc(segments.key))
    .limit(limit);
  return presentSegments(db, rows);
}

export async function presentSegment(db: Database | Tx, row: SegmentRow): Promise<Segment> {
  const [segment] = await presentSegments(db, [row]);
  if (segment === undefined) throw new Error(`Segment ${row.key} was read but not presented.`);
  return segment;
}

export async function presentSegments(db: Database | Tx, rows: readonly SegmentRow[]): Promise<Segment[]> {
  const bySegment = new Map<string, Segment['environments']>(rows.map(({ id }) => [id, []]));
  if (rows.length === 0) return [];
  const named = await db
    .select({ environmentKey: environments.key, row: segmentEnvironments })
    .from(segmentEnvironments)
    .innerJoin(environments, eq(environments.id, segmentEnvironments.environmentId))
    .where(inArray(segmentEnvironments.segmentId, [...bySegment.keys()]))
    .orderBy(asc(environments.position));
  for (const environment of named) bySegment.get(environment.row.segmentId)?.push(presentSegmentEnvironment(environment));
  return rows.map(({ id, key, name, version }) => ({ key, name, version, environments: bySegment.get(id) ?? [] }));
}

export function presentSegmentEnvironment({ environmentKey, row }: NamedSegmentEnvironment): Segment['environments'][number] {
  return { environment: environmentKey, ...presentSegmentConfiguration(row), version: row.version };
}

/** The part of a segment that an edit may touch. */
export function presentSegmentConfiguration({
  include,
  exclude,
  when,
}: SegmentConfigurationInput | SegmentEnvironmentRow): SegmentConfigurationInput {
  return { include, exclude, when };
}

/** What `rule_objects` stores of a segment in an environment. */
export function toSegmentBody(configuration: SegmentConfigurationInput | SegmentEnvironmentRow): string {
  return toStoredText(toSegmentConfiguration(configuration));
}
