/** Reads and writes the rights of people and tokens. */
import { eq, or, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { grants, teamMembers } from '../db/identity-tables.ts';
import { environments, projects } from '../db/schema.ts';
import type { Grant } from './policies.ts';
import type { SessionOwner } from './sessions.ts';

/** The rights of a person, their teams' included, or of a token. */
export async function loadGrants(db: Database | Tx, owner: SessionOwner): Promise<Grant[]> {
  const isTheirs =
    owner.kind === 'person'
      ? or(
          eq(grants.userId, owner.id),
          sql`${grants.teamId} in (select ${teamMembers.teamId} from ${teamMembers} where ${teamMembers.userId} = ${owner.id})`,
        )
      : eq(grants.apiTokenId, owner.id);
  return db
    .select({ role: grants.role, actions: grants.actions, project: projects.key, environment: environments.key })
    .from(grants)
    .leftJoin(projects, eq(projects.id, grants.projectId))
    .leftJoin(environments, eq(environments.id, grants.environmentId))
    .where(isTheirs);
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
