import type { CommandOf, Team } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import { rightsOfTeam } from '../auth/grant-store.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { teams } from '../db/identity-tables.ts';
import { requireHeld } from '../grants/grant-places.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { keepAdministrator, lockPeople } from '../users/user-store.ts';
import { lockTeam, presentTeam, writeMembers } from './team-store.ts';

/**
 * Edits name and members; members have the team's rights from their next request on. An edit that changes nothing is no
 * change. Throws `not_found`, `stale_version`, `invalid_reference` for a member who does not exist, `last_administrator`, and
 * `forbidden` where somebody new would have rights that the caller does not hold.
 */
export async function updateTeam(
  { tx, principal, record }: CommandContext,
  { target, input, baseVersions }: CommandOf<'team.update'>,
): Promise<Team> {
  // Before the row, as everybody does who gives a team rights or members.
  await lockPeople(tx);
  const row = await lockTeam(tx, target.team);
  const current = await presentTeam(tx, row);
  requireVersion(baseVersions.team, current, `Team '${row.key}'`);
  const { members } = input;
  if (members?.some((name) => !current.members.includes(name)))
    requireHeld(principal, await rightsOfTeam(tx, row.id), `take anybody into team '${row.key}'`);
  if (members !== undefined) await keepAdministrator(tx, () => writeMembers(tx, row.id, members));
  const written = { ...row, name: input.name ?? row.name, version: row.version + 1 };
  const team = await presentTeam(tx, written);
  const before = { name: current.name, members: current.members };
  const after = { name: team.name, members: team.members };
  if (JSON.stringify(before) === JSON.stringify(after)) return current;
  await tx.update(teams).set({ name: written.name, version: written.version }).where(eq(teams.id, row.id));
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'team', key: row.key, environmentId: null, before, after }],
    bodies: [],
  });
  return team;
}
