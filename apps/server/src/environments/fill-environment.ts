/** What a new environment starts with: everything off and nobody in a segment, or what another environment holds. */
import { eq } from 'drizzle-orm';
import type { BodyWrite } from '../changes/record-change.ts';
import { insertRows } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags, segmentEnvironments, segments } from '../db/schema.ts';
import { defaultConfiguration } from '../flags/default-configuration.ts';
import { toFlagBody } from '../flags/flag-store.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { EMPTY_SEGMENT, presentSegmentConfiguration, toSegmentBody } from '../segments/segment-store.ts';

/** The environment to copy, whose head is locked. */
export interface CopySource {
  readonly environmentId: string;
  /** False: every flag starts off. */
  readonly on: boolean;
}

/** Writes the rows of a new environment; answers its bodies. Archived flags get a row and no body. */
export async function fillEnvironment(
  tx: Tx,
  projectId: string,
  environmentId: string,
  source: CopySource | null,
): Promise<BodyWrite[]> {
  return [
    ...(await fillFlags(tx, projectId, environmentId, source)),
    ...(await fillSegments(tx, projectId, environmentId, source)),
  ];
}

async function fillFlags(tx: Tx, projectId: string, environmentId: string, source: CopySource | null): Promise<BodyWrite[]> {
  const all = await tx.select().from(flags).where(eq(flags.projectId, projectId));
  const copied =
    source === null
      ? []
      : await tx.select().from(flagEnvironments).where(eq(flagEnvironments.environmentId, source.environmentId));
  const originals = new Map(copied.map((row) => [row.flagId, row]));
  const halves = all.map((flag) => {
    const original = originals.get(flag.id);
    const environment =
      original === undefined
        ? { on: false, ...defaultConfiguration(flag) }
        : { on: original.on && source?.on === true, ...presentConfiguration(original) };
    return { flag, environment };
  });
  const rows = halves.map(({ flag, environment }) => ({ flagId: flag.id, environmentId, ...environment }));
  await insertRows(tx, flagEnvironments, rows);
  return halves
    .filter(({ flag }) => flag.archivedAt === null)
    .map(({ flag, environment }) => ({ environmentId, kind: 'flag', key: flag.key, body: toFlagBody(flag, environment) }));
}

async function fillSegments(tx: Tx, projectId: string, environmentId: string, source: CopySource | null): Promise<BodyWrite[]> {
  const all = await tx.select().from(segments).where(eq(segments.projectId, projectId));
  const copied =
    source === null
      ? []
      : await tx.select().from(segmentEnvironments).where(eq(segmentEnvironments.environmentId, source.environmentId));
  const originals = new Map(copied.map((row) => [row.segmentId, row]));
  const halves = all.map((segment) => ({
    segment,
    configuration: presentSegmentConfiguration(originals.get(segment.id) ?? EMPTY_SEGMENT),
  }));
  const rows = halves.map(({ segment, configuration }) => ({ segmentId: segment.id, environmentId, ...configuration }));
  await insertRows(tx, segmentEnvironments, rows);
  return halves.map(({ segment, configuration }) => ({
    environmentId,
    kind: 'segment',
    key: segment.key,
    body: toSegmentBody(configuration),
  }));
}
