/** Reads grants of a place: of the instance, of a project (its environments' included), of one environment. */
import type { Grant } from '@yardarm/contract';
import { and, asc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens, grants, teams, users } from '../db/identity-tables.ts';
import { environments, projects } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { toPlace } from './grant-places.ts';

interface Scope {
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
}

/** Throws `not_found` for a place that does not exist. */
export async function listGrants(db: Database | Tx, scope: Scope): Promise<Grant[]> {
  await toPlace(db, { project: scope.project ?? null, environment: scope.environment ?? null });
  return selectGrants(db, isIn(scope));
}

/** Throws `not_found`, also for a grant that lies elsewhere. */
export async function findGrant(db: Database | Tx, scope: Scope, id: string): Promise<Grant> {
  const [found] = await selectGrants(db, and(isIn(scope), eq(grants.id, id)));
  if (found === undefined) throw new AppError('not_found', `There is no grant ${id} here.`);
  return found;
}

function isIn({ project, environment }: Scope): SQL | undefined {
  if (project === undefined) return isNull(grants.projectId);
  return and(eq(projects.key, project), environment === undefined ? undefined : eq(environments.key, environment));
}

async function selectGrants(db: Database | Tx, where: SQL | undefined): Promise<Grant[]> {
  const rows = await db
    .select({
      grant: grants,
      holder: sql<string>`coalesce(${users.name}, ${teams.key}, ${apiTokens.name})`,
      project: projects.key,
      environment: environments.key,
    })
    .from(grants)
    .leftJoin(users, eq(users.id, grants.userId))
    .leftJoin(teams, eq(teams.id, grants.teamId))
    .leftJoin(apiTokens, eq(apiTokens.id, grants.apiTokenId))
    .leftJoin(projects, eq(projects.id, grants.projectId))
    .leftJoin(environments, eq(environments.id, grants.environmentId))
    .where(where)
    .orderBy(asc(grants.createdAt), asc(grants.id));
  return rows.map(({ grant, holder, project, environment }) => ({
    id: grant.id,
    holder: { ...holderOf(grant), name: holder },
    role: grant.role,
    actions: grant.actions,
    project,
    environment,
    issuer: grant.issuer,
    createdAt: grant.createdAt.toISOString(),
  }));
}

function holderOf({ userId, teamId, apiTokenId }: typeof grants.$inferSelect): Omit<Grant['holder'], 'name'> {
  if (userId !== null) return { kind: 'user', id: userId };
  if (teamId !== null) return { kind: 'team', id: teamId };
  if (apiTokenId !== null) return { kind: 'token', id: apiTokenId };
  throw new Error('A grant without a holder.');
}
