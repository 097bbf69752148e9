import type { CommandOf, KilledFlags } from '@yardarm/contract';
import { and, asc, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockEnvironment } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import type { Tx } from '../db/client.ts';
import { flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { type FlagEnvironmentRow, type FlagRow, toFlagBody } from './flag-store.ts';

type Input = CommandOf<'flag.kill_many'>['input'];

/**
 * Kills several flags of an environment at once, in one revision. Like the kill of one: no version, no validation, no
 * reason, and what is off already stays so. Throws `not_found` when a flag named does not exist, or nothing has the
 * tag or owner; nothing is killed then.
 */
export async function killFlags(
  { tx, nowMs, record }: CommandContext,
  { target, input }: CommandOf<'flag.kill_many'>,
): Promise<KilledFlags> {
  const { project, environment, revision, heads } = await lockEnvironment(tx, target.project, target.environment);
  const found = await findFlags(tx, project.id, environment.id, input);
  refuseUnknown(found, input, project.key);
  const on = found.filter(({ row }) => row.on);
  const answer = {
    environment: environment.key,
    killed: on.map(({ flag }) => flag.key),
    alreadyOff: found.filter(({ row }) => !row.on).map(({ flag }) => flag.key),
  };
  if (on.length === 0) return { ...answer, revision };

  const updatedAt = new Date(nowMs);
  const isKilled = inArray(
    flagEnvironments.flagId,
    on.map(({ flag }) => flag.id),
  );
  await tx
    .update(flagEnvironments)
    .set({ on: false, updatedAt })
    .where(and(eq(flagEnvironments.environmentId, environment.id), isKilled));
  const { revisions } = await record(heads, {
    projectId: project.id,
    changes: on.map(({ flag }): EntityChange => {
      return { kind: 'flag', key: flag.key, environmentId: environment.id, before: { on: true }, after: { on: false } };
    }),
    bodies: on.map(({ flag, row }) => {
      return { environmentId: environment.id, kind: 'flag', key: flag.key, body: toFlagBody(flag, { ...row, on: false }) };
    }),
  });
  return { ...answer, revision: revisions.get(environment.id) ?? revision };
}

interface Found {
  readonly flag: FlagRow;
  readonly row: FlagEnvironmentRow;
}

/** In order of key. Archived flags are found by name only: they are off, and nobody means them by a tag. */
function findFlags(tx: Tx, projectId: string, environmentId: string, input: Input): Promise<Found[]> {
  return tx
    .select({ flag: flags, row: flagEnvironments })
    .from(flags)
    .innerJoin(flagEnvironments, eq(flagEnvironments.flagId, flags.id))
    .where(and(eq(flags.projectId, projectId), eq(flagEnvironments.environmentId, environmentId), isMeant(input)))
    .orderBy(asc(flags.key));
}

function isMeant({ flags: keys, tag, owner }: Input): SQL | undefined {
  if (keys !== undefined) return inArray(flags.key, keys);
  if (tag !== undefined) return and(isNull(flags.archivedAt), sql`${flags.tags} @> ${JSON.stringify([tag])}::jsonb`);
  if (owner !== undefined) return and(isNull(flags.archivedAt), eq(flags.owner, owner));
  throw new Error('A kill of several flags came without saying which.');
}

function refuseUnknown(found: readonly Found[], { flags: keys, tag, owner }: Input, project: string): void {
  const known = new Set(found.map(({ flag }) => flag.key));
  const unknown = (keys ?? []).flatMap((key, index) => (known.has(key) ? [] : [{ key, path: `flags[${index}]` }]));
  if (unknown.length > 0) {
    const names = unknown.map(({ key }) => `'${key}'`).join(', ');
    const what = unknown.length === 1 ? `Flag ${names} does` : `Flags ${names} do`;
    throw new AppError('not_found', `${what} not exist in project '${project}'; nothing was killed.`, {
      details: unknown.map(({ key, path }) => ({ path, message: `Flag '${key}' does not exist.` })),
    });
  }
  if (found.length > 0) return;
  const what = tag === undefined ? `owner '${owner}'` : `tag '${tag}'`;
  throw new AppError('not_found', `No flag of project '${project}' has the ${what}; nothing was killed.`);
}
