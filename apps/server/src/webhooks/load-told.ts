import { eq, sql } from 'drizzle-orm';
import { changeSets } from '../db/audit-tables.ts';
import type { Database } from '../db/client.ts';
import { projects } from '../db/schema.ts';
import { MAX_TOLD_CHANGES, type Told, type ToldChange } from './message.ts';

/** A change set as webhooks are told of it. It exists: deliveries refer to it. */
export async function loadTold(db: Database, changeSetId: bigint): Promise<Told> {
  const [set] = await db
    .select({ set: changeSets, project: projects.key })
    .from(changeSets)
    .innerJoin(projects, eq(projects.id, changeSets.projectId))
    .where(eq(changeSets.id, changeSetId));
  if (set === undefined) throw new Error(`Change set ${changeSetId} is gone.`);
  const rows = await db.execute<ToldChange & Record<string, unknown> & { count: number }>(sql`
    select c.kind, c.key, e.key as environment, c.revision::float8 as revision, c.before, c.after, count(*) over ()::int as count
    from changes c left join environments e on e.id = c.environment_id
    where c.change_set_id = ${changeSetId} order by c.seq limit ${MAX_TOLD_CHANGES}`);
  return {
    project: set.project,
    changeSet: String(changeSetId),
    command: set.set.command,
    actor: { kind: set.set.actorKind, name: set.set.actor },
    reason: set.set.reason,
    requestId: set.set.requestId,
    at: set.set.createdAt.toISOString(),
    changes: rows.map(({ count: _count, ...change }) => change),
    changeCount: rows[0]?.count ?? 0,
  };
}
