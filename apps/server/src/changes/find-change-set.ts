/** Reads one change set whole: who and why, every change, the revisions that it made, its place in the chain. */
import type { ChangeSet } from '@yardarm/contract';
import { and, asc, eq, isNull } from 'drizzle-orm';
import { auditLinks, changeSets, changes, environmentRevisions } from '../db/audit-tables.ts';
import type { Database } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { presentChange } from './list-changes.ts';

/** @param projectId null: of the instance's own. Throws `not_found`, also for a change set of another project. */
export async function findChangeSet(db: Database, projectId: string | null, id: string): Promise<ChangeSet> {
  const changeSetId = BigInt(id);
  const [found] = await db
    .select({ set: changeSets, link: auditLinks })
    .from(changeSets)
    .leftJoin(auditLinks, eq(auditLinks.changeSetId, changeSets.id))
    .where(
      and(
        eq(changeSets.id, changeSetId),
        projectId === null ? isNull(changeSets.projectId) : eq(changeSets.projectId, projectId),
      ),
    );
  if (found === undefined) throw new AppError('not_found', `There is no change set ${id} here.`);
  const rows = await db
    .select({ change: changes, environmentKey: environments.key })
    .from(changes)
    .leftJoin(environments, eq(environments.id, changes.environmentId))
    .where(eq(changes.changeSetId, changeSetId))
    .orderBy(asc(changes.seq));
  const revisions = await db
    .select({ environment: environments.key, revision: environmentRevisions.revision })
    .from(environmentRevisions)
    .innerJoin(environments, eq(environments.id, environmentRevisions.environmentId))
    .where(eq(environmentRevisions.changeSetId, changeSetId))
    .orderBy(asc(environments.position));
  const { set, link } = found;
  return {
    id: String(set.id),
    command: set.command,
    actor: { kind: set.actorKind, name: set.actor },
    reason: set.reason,
    requestId: set.requestId,
    at: set.createdAt.toISOString(),
    revisions,
    link: link === null ? null : { seq: link.seq, hash: link.hash, origin: link.origin },
    changes: rows.map(({ change, environmentKey }) => presentChange(set, change, environmentKey)),
  };
}
