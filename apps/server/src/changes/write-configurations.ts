/**
 * Writes configurations of flags and segments in one environment, together: the end of every command that edits, copies
 * or takes them back. `on` is never among them. What is equal already is left alone, and no more.
 */
import type { EntityDiff, FlagConfigurationInput, SegmentConfigurationInput } from '@yardarm/contract';
import { diff } from '@yardarm/contract';
import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import { inBatches } from '../db/batches.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags, segmentEnvironments } from '../db/schema.ts';
import { type FlagEnvironmentRow, type FlagRow, refuseArchived, toFlagBody } from '../flags/flag-store.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { withoutOwnSalt } from '../ruleset/read-body.ts';
import {
  presentSegmentConfiguration,
  type SegmentEnvironmentRow,
  type SegmentRow,
  toSegmentBody,
} from '../segments/segment-store.ts';
import type { CommandContext } from './command-context.ts';
import type { LockedHeads } from './lock-heads.ts';
import type { BodyWrite, EntityChange } from './record-change.ts';
import { changedBodies, refuseIntroducedIssues } from './refuse-issues.ts';

/** The environment that is written, with its head locked before the rows were read. */
export interface Place {
  readonly project: { readonly id: string; readonly key: string };
  readonly environment: { readonly id: string; readonly key: string };
  readonly heads: LockedHeads;
}

export interface FlagEdit {
  readonly flag: FlagRow;
  readonly row: FlagEnvironmentRow;
  readonly after: FlagConfigurationInput;
}

export interface SegmentEdit {
  readonly segment: SegmentRow;
  readonly row: SegmentEnvironmentRow;
  readonly after: SegmentConfigurationInput;
}

export interface ConfigurationEdits {
  readonly flags: readonly FlagEdit[];
  readonly segments: readonly SegmentEdit[];
}

declare const differing: unique symbol;
/** Edits each of which changes something, in the form in which they are stored. */
export type DifferingEdits = ConfigurationEdits & { readonly [differing]: true };

export interface WrittenConfigurations {
  /** At which the environment stands so, changed or not. */
  readonly revision: number;
  /** New rows of what was written, by key. */
  readonly flags: ReadonlyMap<string, FlagEnvironmentRow>;
  readonly segments: ReadonlyMap<string, SegmentEnvironmentRow>;
}

/** Those of the edits that change something. */
export function withoutEqual({ flags, segments }: ConfigurationEdits): DifferingEdits {
  return {
    flags: flags
      .map((edit) => ({ ...edit, after: withoutOwnSalt(edit.after, edit.flag.salt) }))
      .filter(({ row, after }) => canonicalJson(presentConfiguration(row)) !== canonicalJson(presentConfiguration(after))),
    segments: segments.filter(
      ({ row, after }) => canonicalJson(presentSegmentConfiguration(row)) !== canonicalJson(presentSegmentConfiguration(after)),
    ),
  } as ConfigurationEdits as DifferingEdits;
}

/**
 * The same edits on rows as they stand now, for plans that were made before the head was locked: comparing thousands of
 * flags under the lock would hold up a kill. What was archived meanwhile is left out.
 */
export async function onLockedRows(tx: Tx, { environment: { id } }: Place, edits: ConfigurationEdits): Promise<DifferingEdits> {
  const flagRows = await tx
    .select({ flag: flags, row: flagEnvironments })
    .from(flags)
    .innerJoin(flagEnvironments, and(eq(flagEnvironments.flagId, flags.id), eq(flagEnvironments.environmentId, id)))
    .where(
      and(
        inArray(
          flags.id,
          edits.flags.map(({ flag }) => flag.id),
        ),
        isNull(flags.archivedAt),
      ),
    );
  const segmentRows = await tx
    .select()
    .from(segmentEnvironments)
    .where(
      and(
        inArray(
          segmentEnvironments.segmentId,
          edits.segments.map(({ segment }) => segment.id),
        ),
        eq(segmentEnvironments.environmentId, id),
      ),
    );
  const flagsById = new Map(flagRows.map((now) => [now.flag.id, now]));
  const segmentsById = new Map(segmentRows.map((row) => [row.segmentId, { row }]));
  return withoutEqual({
    flags: edits.flags.flatMap((edit) => {
      const now = flagsById.get(edit.flag.id);
      return now === undefined ? [] : [{ ...edit, ...now }];
    }),
    segments: edits.segments.map((edit) => ({ ...edit, ...segmentsById.get(edit.segment.id) })),
  });
}

/** What edits change, as the API answers it. */
export function describeEdits({ flags, segments }: DifferingEdits): EntityDiff[] {
  return [
    ...flags.map(({ flag, row, after }) => toEntityDiff('flag', flag.key, presentConfiguration(row), after)),
    ...segments.map(({ segment, row, after }) => toEntityDiff('segment', segment.key, presentSegmentConfiguration(row), after)),
  ];
}

function toEntityDiff(kind: EntityDiff['kind'], key: string, before: unknown, after: unknown): EntityDiff {
  return { kind, key, change: 'changed', diff: diff(before, after) };
}

/** One change set at most. Throws `archived`, `invalid_reference`, `validation_failed`, and what recording throws. */
export async function writeConfigurations(
  { tx, nowMs, record }: CommandContext,
  { project, environment, heads }: Place,
  { flags, segments }: DifferingEdits,
): Promise<WrittenConfigurations> {
  // A body would bring an archived flag back into the rule set.
  for (const { flag } of flags) refuseArchived(flag);
  const flagRows = new Map(
    flags.map(({ flag, row, after }) => [
      flag.key,
      { ...row, ...presentConfiguration(after), version: row.version + 1, updatedAt: new Date(nowMs) },
    ]),
  );
  const segmentRows = new Map(
    segments.map(({ segment, row, after }) => [
      segment.key,
      { ...row, ...presentSegmentConfiguration(after), version: row.version + 1 },
    ]),
  );
  const written = { flags: flagRows, segments: segmentRows };
  const revision = heads.get(environment.id) as number;
  if (flags.length + segments.length === 0) return { ...written, revision };
  // One statement for all, since the head is locked meanwhile; the rows are there, so that nothing is inserted.
  for (const rows of inBatches([...flagRows.values()]))
    await tx
      .insert(flagEnvironments)
      .values(rows)
      .onConflictDoUpdate({ target: [flagEnvironments.flagId, flagEnvironments.environmentId], set: FLAG_COLUMNS });
  for (const rows of inBatches([...segmentRows.values()]))
    await tx
      .insert(segmentEnvironments)
      .values(rows)
      .onConflictDoUpdate({ target: [segmentEnvironments.segmentId, segmentEnvironments.environmentId], set: SEGMENT_COLUMNS });

  const environmentId = environment.id;
  const changes: EntityChange[] = [
    ...flags.map(({ flag, row, after }) => ({
      kind: 'flag' as const,
      key: flag.key,
      environmentId,
      before: presentConfiguration(row),
      after: presentConfiguration(after),
    })),
    ...segments.map(({ segment, row, after }) => ({
      kind: 'segment' as const,
      key: segment.key,
      environmentId,
      before: presentSegmentConfiguration(row),
      after: presentSegmentConfiguration(after),
    })),
  ];
  const writes: BodyWrite[] = [
    ...flags.map(({ flag }) => ({
      environmentId,
      kind: 'flag' as const,
      key: flag.key,
      body: toFlagBody(flag, flagRows.get(flag.key) as FlagEnvironmentRow),
    })),
    ...[...segmentRows].map(([key, row]) => ({ environmentId, kind: 'segment' as const, key, body: toSegmentBody(row) })),
  ];
  const bodies = await changedBodies(tx, writes);
  await refuseIntroducedIssues(tx, project, [environment], bodies);
  const { revisions } = await record(heads, { projectId: project.id, changes, bodies });
  return { ...written, revision: revisions.get(environmentId) ?? revision };
}

const FLAG_COLUMNS = {
  offVariant: sql`excluded.off_variant`,
  prerequisites: sql`excluded.prerequisites`,
  targets: sql`excluded.targets`,
  rules: sql`excluded.rules`,
  fallthrough: sql`excluded.fallthrough`,
  version: sql`excluded.version`,
  updatedAt: sql`excluded.updated_at`,
};
const SEGMENT_COLUMNS = {
  include: sql`excluded.include`,
  exclude: sql`excluded.exclude`,
  when: sql`excluded."when"`,
  version: sql`excluded.version`,
};
