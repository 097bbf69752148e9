/**
 * Writes configurations of flags and segments in one environment, together: the end of every command that edits, copies
 * or takes them back. `on` is never among them. What is equal already is left alone, and no more.
 */
import type { EntityDiff, FlagConfigurationInput, SegmentConfigurationInput } from '@yardarm/contract';
import { diff } from '@yardarm/contract';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { updateRows } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags, segmentEnvironments } from '../db/schema.ts';
import { type FlagEnvironmentRow, type FlagRow, refuseArchived, toFlagBody } from '../flags/flag-store.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import type { Exposure } from '../ruleset/client-exposure.ts';
import { withoutOwnSalt } from '../ruleset/read-body.ts';
import {
  presentSegmentConfiguration,
  type SegmentEnvironmentRow,
  type SegmentRow,
  toSegmentBody,
} from '../segments/segment-store.ts';
import type { CommandContext } from './command-context.ts';
import { type LockedHeads, lockHeads } from './lock-heads.ts';
import type { BodyWrite, EntityChange } from './record-change.ts';
import { changedBodies, refuseIntroducedIssues } from './refuse-issues.ts';

export interface Place {
  readonly project: { readonly id: string; readonly key: string };
  readonly environment: { readonly id: string; readonly key: string };
}

/** The environment that is written, with its head locked before the rows were read. */
export interface LockedPlace extends Place {
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
  /** What it shows browsers. */
  readonly exposes: readonly Exposure[];
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

/** The same edits on rows as they stand now. What was archived or deleted since they were planned is left out. */
async function onLockedRows(tx: Tx, { environment: { id } }: Place, edits: ConfigurationEdits): Promise<DifferingEdits> {
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
  const segmentsById = new Map(segmentRows.map((row) => [row.segmentId, row]));
  return withoutEqual({
    flags: edits.flags.flatMap((edit) => {
      const now = flagsById.get(edit.flag.id);
      return now === undefined ? [] : [{ ...edit, ...now }];
    }),
    segments: edits.segments.flatMap((edit) => {
      const row = segmentsById.get(edit.segment.id);
      return row === undefined ? [] : [{ ...edit, row }];
    }),
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
  context: CommandContext,
  { heads, ...place }: LockedPlace,
  edits: DifferingEdits,
): Promise<WrittenConfigurations> {
  return write(context, { heads, ...place }, await prepare(context, place, edits));
}

/**
 * The same for thousands of edits that were planned, before any lock, on an environment at `plannedAt`. All that can be done
 * before the lock is, since a kill waits for it; it is done again where the environment moved on meanwhile: every change of a
 * body moves it. Answers the edits too, without those whose flag or segment is gone.
 */
export async function writePlanned(
  context: CommandContext,
  place: Place,
  plan: DifferingEdits,
  plannedAt: number,
): Promise<WrittenConfigurations & { readonly edits: DifferingEdits }> {
  const { tx } = context;
  const early = await prepare(context, place, plan);
  const heads = await lockHeads(tx, [place.environment.id]);
  const isCurrent = heads.get(place.environment.id) === plannedAt;
  const edits = isCurrent ? plan : await onLockedRows(tx, place, plan);
  const prepared = isCurrent ? early : await prepare(context, place, edits);
  return { ...(await write(context, { ...place, heads }, prepared)), edits };
}

interface Prepared {
  readonly flags: ReadonlyMap<string, FlagEnvironmentRow>;
  readonly segments: ReadonlyMap<string, SegmentEnvironmentRow>;
  readonly changes: readonly EntityChange[];
  readonly bodies: readonly BodyWrite[];
  readonly exposes: readonly Exposure[];
}

/** Everything but the writing: new rows, and their bodies, which are sound. */
async function prepare(
  { tx, nowMs }: CommandContext,
  { project, environment }: Place,
  { flags, segments }: DifferingEdits,
): Promise<Prepared> {
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
  const exposes = await refuseIntroducedIssues(tx, project, [environment], bodies);
  return { flags: flagRows, segments: segmentRows, changes, bodies, exposes };
}

async function write(
  { tx, record }: CommandContext,
  { project, environment, heads }: LockedPlace,
  { flags, segments, changes, bodies, exposes }: Prepared,
): Promise<WrittenConfigurations> {
  const revision = heads.get(environment.id) as number;
  if (changes.length === 0) return { flags, segments, revision, exposes };
  await updateRows(tx, flagEnvironments, [...flags.values()], FLAG_COLUMNS);
  await updateRows(tx, segmentEnvironments, [...segments.values()], SEGMENT_COLUMNS);
  const { revisions } = await record(heads, { projectId: project.id, changes, bodies });
  return { flags, segments, revision: revisions.get(environment.id) ?? revision, exposes };
}

const FLAG_COLUMNS = {
  by: ['flagId', 'environmentId'],
  set: ['offVariant', 'prerequisites', 'targets', 'rules', 'fallthrough', 'version', 'updatedAt'],
} as const;
const SEGMENT_COLUMNS = { by: ['segmentId', 'environmentId'], set: ['include', 'exclude', 'when', 'version'] } as const;
