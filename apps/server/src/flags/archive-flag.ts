/**
 * Archive and unarchive. An archived flag is in no rule set: SDKs answer the code default, as for a flag that never
 * was. Its row, configurations and key stay; it comes back off.
 */
import type { CommandOf, Flag } from '@yardarm/contract';
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { updateRows } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { environments, flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { type FlagRow, findFlag, loadFlagEnvironments, type NamedFlagEnvironment, toFlagBody } from './flag-store.ts';
import { loadFlag } from './load-flags.ts';

/** Archiving what is archived changes nothing. Throws `not_found`, and `in_use` while a flag has it as a prerequisite. */
export async function archiveFlag(context: CommandContext, { target }: CommandOf<'flag.archive'>): Promise<Flag> {
  return moveFlag(context, target, { archived: true });
}

/** Back in every rule set, off. Throws `not_found`, and `invalid_reference` where what it refers to is gone. */
export async function unarchiveFlag(context: CommandContext, { target }: CommandOf<'flag.unarchive'>): Promise<Flag> {
  return moveFlag(context, target, { archived: false });
}

async function moveFlag(
  { tx, nowMs, record }: CommandContext,
  target: CommandOf<'flag.archive'>['target'],
  { archived }: { archived: boolean },
): Promise<Flag> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const all = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    all.map(({ id }) => id),
  );
  const flag = await findFlag(tx, project, target.flag);
  if ((flag.archivedAt !== null) === archived) return loadFlag(tx, flag, nowMs);
  if (archived) {
    const dependants = await findDependants(tx, project.id, [flag.key]);
    if (dependants.length > 0) throw toInUse(flag.key, dependants);
  }

  const rows = (await loadFlagEnvironments(tx, [flag.id])).get(flag.id) ?? [];
  const [written] = await writeMoved(tx, [flag], { archived, at: new Date(nowMs) });
  if (written === undefined) throw new Error(`Flag ${flag.key} was read but not written.`);
  const bodies = await changedBodies(
    tx,
    rows.map(({ row }) => ({
      environmentId: row.environmentId,
      kind: 'flag',
      key: flag.key,
      body: archived ? null : toFlagBody(written, { ...row, on: false }),
    })),
  );
  if (!archived) await refuseIntroducedIssues(tx, project, all, bodies);
  await record(heads, { projectId: project.id, changes: toMoves(flag, rows, archived), bodies });
  return loadFlag(tx, written, nowMs);
}

/** Writes the flags archived, or back. Either way they are off: a kill of an archived flag is done already, and nothing comes back switched on. */
export async function writeMoved(
  tx: Tx,
  moved: readonly FlagRow[],
  { archived, at }: { readonly archived: boolean; readonly at: Date },
): Promise<FlagRow[]> {
  const archivedAt = archived ? at : null;
  const written = moved.map((flag) => ({ ...flag, archivedAt, version: flag.version + 1 }));
  await updateRows(tx, flags, written, { by: ['id'], set: ['archivedAt', 'version'] });
  const ids = written.map(({ id }) => id);
  await tx.update(flagEnvironments).set({ on: false, updatedAt: at }).where(inArray(flagEnvironments.flagId, ids));
  return written;
}

/** `rows`: as they were before. */
export function toMoves(
  { key }: Pick<FlagRow, 'key'>,
  rows: readonly NamedFlagEnvironment[],
  archived: boolean,
): readonly EntityChange[] {
  return [
    { kind: 'flag', key, environmentId: null, before: { archived: !archived }, after: { archived } },
    ...rows.map(({ row: { environmentId, on } }): EntityChange => {
      const [before, after] = [
        { archived: !archived, on },
        { archived, on: false },
      ];
      return { kind: 'flag', key, environmentId, before, after };
    }),
  ];
}

/** A flag that has another as a prerequisite in an environment. */
export interface Dependant {
  readonly prerequisite: string;
  readonly flag: string;
  readonly environment: string;
}

/**
 * Of each of `keys`, in order of key. A flag is no dependant of itself, and archived ones do not count: unarchiving one of them is
 * refused as long as its prerequisite is away.
 */
export async function findDependants(tx: Tx, projectId: string, keys: readonly string[]): Promise<Dependant[]> {
  if (keys.length === 0) return [];
  const prerequisite = sql<string>`asked.value->>'flag'`;
  return tx
    .select({ prerequisite, flag: flags.key, environment: environments.key })
    .from(flagEnvironments)
    .innerJoin(flags, eq(flags.id, flagEnvironments.flagId))
    .innerJoin(environments, eq(environments.id, flagEnvironments.environmentId))
    .innerJoin(sql`jsonb_array_elements(${flagEnvironments.prerequisites}) asked`, sql`true`)
    .where(
      and(
        eq(flags.projectId, projectId),
        isNull(flags.archivedAt),
        inArray(prerequisite, [...keys]),
        sql`${flags.key} <> ${prerequisite}`,
      ),
    )
    .orderBy(asc(flags.key), asc(environments.position));
}

export function toInUse(key: string, dependants: readonly Dependant[]): AppError {
  const names = [...new Set(dependants.map((one) => `'${one.flag}'`))].join(', ');
  return new AppError('in_use', `Flag '${key}' is a prerequisite of ${names}; take it out there, then archive it.`, {
    details: dependants.map((one) => ({
      path: '',
      code: 'prerequisite_of',
      message: `Flag '${one.flag}' has it as a prerequisite in ${one.environment}.`,
    })),
  });
}
