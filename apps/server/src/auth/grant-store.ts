/** Reads and writes the rights of people and tokens. */
import type { Right } from '@yardarm/contract';
import { asc, eq, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { grants, teamMembers } from '../db/identity-tables.ts';
import { environments, projects } from '../db/schema.ts';
import { intersectGrants } from './compare-grants.ts';
import type { Grant } from './policies.ts';
import type { SessionOwner } from './sessions.ts';

const RIGHT = { role: grants.role, actions: grants.actions, project: projects.key, environment: environments.key };

/** The rights of a person, their teams' included, or of a token; of a personal token, what its own and its owner's have in common. */
export async function loadGrants(db: Database | Tx, owner: SessionOwner): Promise<Grant[]> {
  return owner.kind === 'person' ? rightsOfPerson(db, owner.id) : rightsOfToken(db, owner.id);
}

/** One right of a token `t` in `JOINED_RIGHTS`, or of the person whose token it is. */
export interface TokenRight extends Record<string, unknown> {
  /** Null: this row is no right, there are none. */
  readonly actions: string[] | null;
  readonly role: Grant['role'];
  readonly project: string | null;
  readonly environment: string | null;
  readonly is_own: boolean;
  readonly user_id: string | null;
}

/** Columns of a `TokenRight` of `JOINED_RIGHTS`. */
export const TOKEN_RIGHT = sql`t.user_id, g.role, g.actions, p.key as project, e.key as environment, g.api_token_id is not null as is_own`;

/** The rights of each token `t`, and of a person, their teams' included. */
export function joinRights(personId: SQL): SQL {
  return sql`
  left join grants g on g.api_token_id = t.id or g.user_id = ${personId}
    or g.team_id in (select m.team_id from team_members m where m.user_id = ${personId})
  left join projects p on p.id = g.project_id
  left join environments e on e.id = g.environment_id`;
}

/** The rights of each token `t`, its owner's included. */
export const JOINED_RIGHTS = joinRights(sql`t.user_id`);

/** Of one token, whose rows these are; of a personal one, what its own and its owner's have in common. */
export function rightsIn(rows: readonly TokenRight[]): Grant[] {
  const isPersonal = rows.some(({ user_id }) => user_id !== null);
  return isPersonal ? intersectGrants(rightsOf('person', rows), rightsOf('token', rows)) : rightsOf('token', rows);
}

export function rightsOf(holder: 'person' | 'token', rows: readonly TokenRight[]): Grant[] {
  return rows.flatMap(({ is_own, actions, role, project, environment }) =>
    actions === null || is_own !== (holder === 'token') ? [] : { role, actions, project, environment },
  );
}

async function rightsOfToken(db: Database | Tx, id: string): Promise<Grant[]> {
  return rightsIn(await db.execute<TokenRight>(sql`select ${TOKEN_RIGHT} from api_tokens t ${JOINED_RIGHTS} where t.id = ${id}`));
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
