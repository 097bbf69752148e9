/** What happened in a project, read from the change history: works across replicas and survives restarts. */
import type { Notification } from '@yardarm/contract';
import { and, asc, eq, gt, max } from 'drizzle-orm';
import { changeSets, changes } from '../db/audit-tables.ts';
import type { Database } from '../db/client.ts';
import { environments } from '../db/schema.ts';

export interface LoggedNotification {
  /** Follows the commit order of its project. Several notifications share one. */
  readonly changeSetId: bigint;
  readonly notification: Notification;
}

/** Change sets read at a time; whoever is further behind reads again. */
const PAGE_CHANGE_SETS = 200;

/** Id of the newest change set of a project; 0 when there is none. */
export async function newestChangeSet(db: Database, projectId: string): Promise<bigint> {
  const [row] = await db
    .select({ id: max(changeSets.id) })
    .from(changeSets)
    .where(eq(changeSets.projectId, projectId));
  return BigInt(row?.id ?? 0);
}

/** Notifications after change set `after`, oldest first, each change set whole; empty when there are none. */
export async function readNotifications(db: Database, projectId: string, after: bigint): Promise<readonly LoggedNotification[]> {
  const page = db
    .select({ id: changeSets.id, actor: changeSets.actor })
    .from(changeSets)
    .where(and(eq(changeSets.projectId, projectId), gt(changeSets.id, after)))
    .orderBy(asc(changeSets.id))
    .limit(PAGE_CHANGE_SETS)
    .as('page');
  const rows = await db
    .select({
      changeSetId: page.id,
      actor: page.actor,
      kind: changes.kind,
      key: changes.key,
      revision: changes.revision,
      environment: environments.key,
    })
    .from(page)
    .innerJoin(changes, eq(changes.changeSetId, page.id))
    .leftJoin(environments, eq(environments.id, changes.environmentId))
    .orderBy(asc(page.id), asc(changes.seq));
  return rows.map(({ changeSetId, ...notification }) => ({ changeSetId, notification }));
}
