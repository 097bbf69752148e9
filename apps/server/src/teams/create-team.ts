import type { CommandOf, Team } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { teams } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import { presentTeam, writeMembers } from './team-store.ts';

/** Throws `already_exists`, and `invalid_reference` for a member who does not exist. */
export async function createTeam({ tx, record }: CommandContext, { input }: CommandOf<'team.create'>): Promise<Team> {
  const { key, name } = input;
  const [row] = await tx.insert(teams).values({ key, name }).onConflictDoNothing().returning();
  if (row === undefined) throw new AppError('already_exists', `Team '${key}' exists already.`);
  await writeMembers(tx, row.id, input.members);
  const team = await presentTeam(tx, row);
  const after = { key, name, members: team.members };
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'team', key, environmentId: null, before: null, after }],
    bodies: [],
  });
  return team;
}
