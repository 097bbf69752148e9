import type { CommandOf } from '@yardarm/contract';
import { and, eq, isNull } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { grants, teamMembers, teams } from '../db/identity-tables.ts';
import { flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { lockPeople } from '../users/user-store.ts';
import { lockTeam, presentTeam } from './team-store.ts';

/** Throws `not_found`, `stale_version`, and `in_use` while the team owns flags or holds rights. */
export async function deleteTeam(
  { tx, record }: CommandContext,
  { target, baseVersions }: CommandOf<'team.delete'>,
): Promise<null> {
  // Before the row, as everybody does who gives a team rights or members: none come between the count and the deletion.
  await lockPeople(tx);
  const row = await lockTeam(tx, target.team);
  const team = await presentTeam(tx, row);
  requireVersion(baseVersions.team, team, `Team '${row.key}'`);
  const owned = await tx.$count(flags, and(eq(flags.owner, row.key), isNull(flags.archivedAt)));
  if (owned > 0)
    throw new AppError('in_use', `Team '${row.key}' owns ${count(owned, 'flag')}; give them another owner, then delete it.`);
  const held = await tx.$count(grants, eq(grants.teamId, row.id));
  if (held > 0) throw new AppError('in_use', `Team '${row.key}' holds ${count(held, 'right')}; take them away, then delete it.`);
  await tx.delete(teamMembers).where(eq(teamMembers.teamId, row.id));
  await tx.delete(teams).where(eq(teams.id, row.id));
  const before = { key: row.key, name: row.name, members: team.members };
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'team', key: row.key, environmentId: null, before, after: null }],
    bodies: [],
  });
  return null;
}

function count(number: number, thing: string): string {
  return number === 1 ? `1 ${thing}` : `${number} ${thing}s`;
}
