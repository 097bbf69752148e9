/**
 * Archive and unarchive. An archived flag is in no rule set: SDKs answer the code default, as for a flag that never
 * was. Its row, configurations and key stay; it comes back off.
 */
import type { CommandOf, Flag } from '@yardarm/contract';
import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import type { Tx } from '../db/client.ts';
import { environments, flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { type FlagRow, findFlag, loadFlagEnvironments, toFlagBody } from './flag-store.ts';
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
  if (archived) await refuseDependants(tx, flag);

  const written = { ...flag, archivedAt: archived ? new Date(nowMs) : null, version: flag.version + 1 };
  await tx.update(flags).set({ archivedAt: written.archivedAt, version: written.version }).where(eq(flags.id, flag.id));
  const rows = (await loadFlagEnvironments(tx, [flag.id])).get(flag.id) ?? [];
  // Off from now on, so that a kill of an archived flag is done already and nothing comes back switched on.
  await tx.update(flagEnvironments).set({ on: false }).where(eq(flagEnvironments.flagId, flag.id));
  const changes: EntityChange[] = [
    { kind: 'flag', key: flag.key, environmentId: null, before: { archived: !archived }, after: { archived } },
    ...rows.map(({ row }): EntityChange => {
      const [before, after] = [
        { archived: !archived, on: row.on },
        { archived, on: false },
      ];
      return { kind: 'flag', key: flag.key, environmentId: row.environmentId, before, after };
    }),
  ];
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
  await record(heads, { projectId: project.id, changes, bodies });
  return loadFlag(tx, written, nowMs);
}

/** Archived dependants do not count: unarchiving one of them is refused as long as this one is away. */
async function refuseDependants(tx: Tx, flag: FlagRow): Promise<void> {
  const dependants = await tx
    .select({ flag: flags.key, environment: environments.key })
    .from(flagEnvironments)
    .innerJoin(flags, eq(flags.id, flagEnvironments.flagId))
    .innerJoin(environments, eq(environments.id, flagEnvironments.environmentId))
    .where(
      and(
        eq(flags.projectId, flag.projectId),
        ne(flags.id, flag.id),
        isNull(flags.archivedAt),
        sql`${flagEnvironments.prerequisites} @> ${JSON.stringify([{ flag: flag.key }])}::jsonb`,
      ),
    )
    .orderBy(asc(flags.key), asc(environments.position));
  if (dependants.length === 0) return;
  const names = [...new Set(dependants.map((one) => `'${one.flag}'`))].join(', ');
  throw new AppError('in_use', `Flag '${flag.key}' is a prerequisite of ${names}; take it out there, then archive it.`, {
    details: dependants.map((one) => ({
      path: '',
      code: 'prerequisite_of',
      message: `Flag '${one.flag}' has it as a prerequisite in ${one.environment}.`,
    })),
  });
}
