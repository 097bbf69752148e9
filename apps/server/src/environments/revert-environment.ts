/**
 * Takes an environment back to a revision: every configuration and every segment as it was then, in one change set, as a new
 * change. `on` stays as it is, so that no killed flag comes back by it. What was made later is left as it is.
 */
import type { CommandOf, RevertedEnvironment } from '@yardarm/contract';
import type { FlagConfiguration, SegmentConfiguration } from '@yardarm/evaluator';
import { and, eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { loadTextsAt, requireRevision, type TextAt } from '../changes/load-texts-at.ts';
import {
  type ConfigurationEdits,
  type DifferingEdits,
  describeEdits,
  withoutEqual,
  writePlanned,
} from '../changes/write-configurations.ts';
import type { Database, Tx } from '../db/client.ts';
import { flagEnvironments, flags, segmentEnvironments, segments } from '../db/schema.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import type { FlagRow } from '../flags/flag-store.ts';
import { type EnvironmentRow, findEnvironmentHead } from '../projects/project-store.ts';
import { toFlagConfigurationInput, toSegmentConfigurationInput } from '../ruleset/read-body.ts';

/** Throws `not_found` for a revision that never was, `forbidden`, and `invalid_reference` for variants that are gone. */
export async function revertEnvironment(
  context: CommandContext,
  { target, input }: CommandOf<'environment.revert'>,
): Promise<RevertedEnvironment> {
  const { tx, authorize } = context;
  const { project, environment, revision: plannedAt } = await findEnvironmentHead(tx, target.project, target.environment);
  requireRevision(input.toRevision, plannedAt, environment);
  const { edits: plan, skipped } = await planRevert(tx, environment, input.toRevision);
  if (plan.flags.length > 0) authorize('flag.configure', target);
  if (plan.segments.length > 0) authorize('segment.configure', target);
  const { revision, edits } = await writePlanned(context, { project, environment }, plan, plannedAt);
  return { revision, items: describeEdits(edits), skipped };
}

export interface RevertPlan {
  readonly edits: DifferingEdits;
  readonly skipped: RevertedEnvironment['skipped'];
}

/** What going back to `revision` writes, and what it leaves. Throws `invalid_reference` for variants that are gone. */
export async function planRevert(
  db: Database | Tx,
  environment: Pick<EnvironmentRow, 'id' | 'key' | 'projectId'>,
  revision: number,
): Promise<RevertPlan> {
  const texts = new Map((await loadTextsAt(db, environment.id, revision)).map((text) => [`${text.kind}:${text.key}`, text]));
  const skipped: RevertedEnvironment['skipped'] = [];
  const take = (kind: TextAt['kind'], key: string, archived: boolean): TextAt | undefined => {
    const text = texts.get(`${kind}:${key}`);
    texts.delete(`${kind}:${key}`);
    if (archived && text !== undefined) skipped.push({ kind, key, why: 'archived' });
    if (!archived && text === undefined) skipped.push({ kind, key, why: 'made_later' });
    return archived ? undefined : text;
  };
  const flagRows = await db
    .select({ flag: flags, row: flagEnvironments })
    .from(flags)
    .innerJoin(flagEnvironments, and(eq(flagEnvironments.flagId, flags.id), eq(flagEnvironments.environmentId, environment.id)))
    .where(eq(flags.projectId, environment.projectId))
    .orderBy(flags.key);
  const segmentRows = await db
    .select({ segment: segments, row: segmentEnvironments })
    .from(segments)
    .innerJoin(
      segmentEnvironments,
      and(eq(segmentEnvironments.segmentId, segments.id), eq(segmentEnvironments.environmentId, environment.id)),
    )
    .where(eq(segments.projectId, environment.projectId))
    .orderBy(segments.key);
  const edits = withoutEqual({
    flags: flagRows.flatMap(({ flag, row }) => {
      const text = take('flag', flag.key, flag.archivedAt !== null);
      if (text === undefined) return [];
      return [{ flag, row, after: toFlagConfigurationInput(JSON.parse(text.body) as FlagConfiguration, flag.salt) }];
    }),
    segments: segmentRows.flatMap(({ segment, row }) => {
      const text = take('segment', segment.key, false);
      if (text === undefined) return [];
      return [{ segment, row, after: toSegmentConfigurationInput(JSON.parse(text.body) as SegmentConfiguration) }];
    }),
  });
  for (const { kind, key } of texts.values()) skipped.push({ kind, key, why: 'deleted' });
  refuseGoneVariants(edits, environment, revision);
  return { edits, skipped };
}

function refuseGoneVariants({ flags: edits }: ConfigurationEdits, environment: { key: string }, revision: number): void {
  const details: ErrorDetail[] = [];
  for (const { flag, after } of edits)
    for (const variant of goneVariants(flag, after))
      details.push({
        path: flag.key,
        message: `Flag '${flag.key}' served its variant '${variant}' at revision ${revision} of '${environment.key}', and has it no longer.`,
        code: 'unknown_variant',
      });
  const [first] = details;
  if (first === undefined) return;
  const others = details.length === 1 ? '' : ` And ${details.length - 1} more; see details.`;
  throw new AppError('invalid_reference', `${first.message}${others} Add the variant again, or revert single changes.`, {
    details,
  });
}

function goneVariants(flag: FlagRow, { offVariant, targets, rules, fallthrough }: ConfigurationEdits['flags'][number]['after']) {
  const serves = [...rules.map(({ serve }) => serve), ...(fallthrough === null ? [] : [fallthrough])];
  const named = [
    ...(offVariant === null ? [] : [offVariant]),
    ...targets.map(({ variant }) => variant),
    ...serves.flatMap((serve) => ('variant' in serve ? [serve.variant] : serve.split.weights.map(([variant]) => variant))),
  ];
  return new Set(named.filter((variant) => !Object.hasOwn(flag.variants, variant)));
}
