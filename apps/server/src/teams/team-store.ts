/** Reads teams with their members. Teams belong to the instance: people answer for flags of several projects. */
import type { Team } from '@yardarm/contract';
import { asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { teamMembers, teams, users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';

export type TeamRow = typeof teams.$inferSelect;

/** Throws `not_found`. */
export async function findTeam(db: Database | Tx, key: string): Promise<TeamRow> {
  const [team] = await db.select().from(teams).where(eq(teams.key, key));
  if (team === undefined) throw new AppError('not_found', `Team '${key}' does not exist.`);
  return team;
}

/** As `findTeam`; the row holds still until the end of the transaction. */
export async function lockTeam(tx: Tx, key: string): Promise<TeamRow> {
  await tx.select({ id: teams.id }).from(teams).where(eq(teams.key, key)).for('update');
  return findTeam(tx, key);
}

/** Up to `limit` teams in order of key, after `cursor`. */
export async function listTeams(
  db: Database | Tx,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Team[]> {
  const rows = await db
    .select()
    .from(teams)
    .where(cursor === undefined ? undefined : gt(teams.key, cursor))
    .orderBy(asc(teams.key))
    .limit(limit);
  return presentTeams(db, rows);
}

export async function presentTeam(db: Database | Tx, row: TeamRow): Promise<Team> {
  const [team] = await presentTeams(db, [row]);
  if (team === undefined) throw new Error(`Team ${row.key} was read but not presented.`);
  return team;
}

async function presentTeams(db: Database | Tx, rows: readonly TeamRow[]): Promise<Team[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const members = await db
    .select({ teamId: teamMembers.teamId, name: users.name })
    .from(teamMembers)
    .innerJoin(users, eq(users.id, teamMembers.userId))
    .where(inArray(teamMembers.teamId, ids))
    .orderBy(asc(users.name));
  return rows.map(({ id, key, name, version, createdAt }) => ({
    key,
    name,
    members: members.filter(({ teamId }) => teamId === id).map((member) => member.name),
    version,
    createdAt: createdAt.toISOString(),
  }));
}

/** Makes exactly these users the members. Throws `invalid_reference` with everybody who does not exist. */
export async function writeMembers(tx: Tx, teamId: string, names: readonly string[]): Promise<void> {
  const known = await tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(sql`${users.name} = any(${sql.param([...names])}::text[])`);
  const unknown = names.flatMap((name, index) =>
    known.some((user) => user.name === name) ? [] : [{ path: `members[${index}]`, message: `User '${name}' does not exist.` }],
  );
  if (unknown.length > 0)
    throw new AppError('invalid_reference', unknown.map(({ message }) => message).join(' '), { details: unknown });
  await tx.delete(teamMembers).where(eq(teamMembers.teamId, teamId));
  if (known.length > 0) await tx.insert(teamMembers).values(known.map(({ id }) => ({ teamId, userId: id })));
}
