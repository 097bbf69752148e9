/** Reads and writes the rights of people and tokens. */
import type { Right } from '@yardarm/contract';
import { asc, eq, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens, grants, teamMembers } from '../db/identity-tables.ts';
import { environments, projects } from '../db/schema.ts';
import { intersectGrants } from './compare-grants.ts';
import type { Grant } from './policies.ts';
import type { SessionOwner } from './sessions.ts';

const RIGHT = { role: grants.role, actions: grants.actions, project: projects.key, environment: environments.key };

/** The rights of a person, their teams' included, or of a token; of a personal token, what its own and its owner's have in common. */
export async function loadGrants(db: Database | Tx, owner: SessionOwner): Promise<Grant[]> {
  return owner.kind === 'person' ? rightsOfPerson(db, owner.id) : rightsOfToken(db, eq(apiTokens.id, owner.id));
}

/** Of the token that `isToken` tells; in one round trip, since a kill waits for it. */
export async function rightsOfToken(db: Database | Tx, isToken: SQL): Promise<Grant[]> {
  const rows = await db
    .select({ right: RIGHT, isOwn: sql<boolean | null>`${grants.apiTokenId} = ${apiTokens.id}`, userId: apiTokens.userId })
    .from(apiTokens)
    .innerJoin(
      grants,
      or(eq(grants.apiTokenId, apiTokens.id), eq(grants.userId, apiTokens.userId), isOfTeamOf(sql`${apiTokens.userId}`)),
    )
    .leftJoin(projects, eq(projects.id, grants.projectId))
    .leftJoin(environments, eq(environments.id, grants.environmentId))
    .where(isToken);
  const rights = (isOwn: boolean) => rows.filter((row) => (row.isOwn === true) === isOwn).map(({ right }) => right);
  const isPersonal = rows.some(({ userId }) => userId !== null);
  return isPersonal ? intersectGrants(rights(false), rights(true)) : rights(true);
}

/** Their teams' included. */
export function rightsOfPerson(db: Database | Tx, userId: string): Promise<Right[]> {
  return selectGrants(db, or(eq(grants.userId, userId), isOfTeamOf(sql`${userId}`)));
}

function isOfTeamOf(userId: SQL): SQL {
  return sql`${grants.teamId} in (select ${teamMembers.teamId} from ${teamMembers} where ${teamMembers.userId} = ${userId})`;
}

export function rightsOfTeam(db: Database | Tx, teamId: string): Promise<Right[]> {
  return selectGrants(db, eq(grants.teamId, teamId));
}

/** The rights of every user or of every token, by its id, in the order in which they were given. */
export async function rightsByHolder(
  db: Database | Tx,
  holder: typeof grants.userId | typeof grants.apiTokenId,
): Promise<Map<string, Right[]>> {
  const rows = await db
    .select({ holder, ...RIGHT })
    .from(grants)
    .leftJoin(projects, eq(projects.id, grants.projectId))
    .leftJoin(environments, eq(environments.id, grants.environmentId))
    .where(isNotNull(holder))
    .orderBy(asc(grants.createdAt), asc(grants.id));
  const byHolder = new Map<string, Right[]>();
  for (const { holder: id, ...right } of rows) {
    const earlier = byHolder.get(id as string);
    if (earlier === undefined) byHolder.set(id as string, [right]);
    else earlier.push(right);
  }
  return byHolder;
}

function selectGrants(db: Database | Tx, where: SQL | undefined): Promise<Right[]> {
  return db
    .select(RIGHT)
    .from(grants)
    .leftJoin(projects, eq(projects.id, grants.projectId))
    .leftJoin(environments, eq(environments.id, grants.environmentId))
    .where(where);
}

/** Gives a right to everything to whom has no right yet. */
export async function ensureFullGrant(
  tx: Tx,
  holder: { readonly userId: string } | { readonly apiTokenId: string },
): Promise<void> {
  const isHolder = 'userId' in holder ? eq(grants.userId, holder.userId) : eq(grants.apiTokenId, holder.apiTokenId);
  const [known] = await tx.select({ id: grants.id }).from(grants).where(isHolder).limit(1);
  if (known === undefined) await tx.insert(grants).values({ ...holder, role: 'admin' });
}
