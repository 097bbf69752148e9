/**
 * Links change sets that are older than the chains: once, at the first start after the upgrade that brought them. What was
 * done to those before is not proved by it, so their links say `adopted` for ever. A chain that exists is left alone: a change set
 * without a link is then a finding of the verification, and not something to take in silently.
 */
import { asc, eq, isNull, sql } from 'drizzle-orm';
import { auditLinks, changeSets } from '../db/audit-tables.ts';
import type { Database, Tx } from '../db/client.ts';
import { projects } from '../db/schema.ts';
import { setTimeLimits } from '../db/time-limits.ts';
import { chainOf, linkOf, lockChain } from './link-change-set.ts';

/** Another server may be at the same work, and a history of years is long. */
const PATIENCE_MS = 10 * 60_000;

/** How many change sets were linked: 0 at every later start. */
export async function adoptRecords(db: Database): Promise<number> {
  const rows = await db.select({ id: projects.id }).from(projects).orderBy(asc(projects.id));
  let adopted = 0;
  for (const projectId of [null, ...rows.map(({ id }) => id)]) adopted += await db.transaction((tx) => adoptInto(tx, projectId));
  return adopted;
}

async function adoptInto(tx: Tx, projectId: string | null): Promise<number> {
  const chain = chainOf(projectId);
  await setTimeLimits(tx, { lockMs: PATIENCE_MS, statementMs: PATIENCE_MS });
  await lockChain(tx, chain);
  const [first] = await tx.select({ seq: auditLinks.seq }).from(auditLinks).where(eq(auditLinks.chain, chain)).limit(1);
  if (first !== undefined) return 0;
  const sets = await tx
    .select({ id: changeSets.id })
    .from(changeSets)
    .where(projectId === null ? isNull(changeSets.projectId) : eq(changeSets.projectId, projectId))
    .orderBy(asc(changeSets.id));
  const newest = sets.at(-1);
  if (newest === undefined) return 0;
  if (projectId !== null) await attributeRevisions(tx, projectId, newest.id);
  for (const { id } of sets) await tx.execute(sql`select ${linkOf(chain, id, 'adopted')}`);
  return sets.length;
}

/** Older records name the revision only in changes of an environment; what else was made is put on the newest of them. */
async function attributeRevisions(tx: Tx, projectId: string, newest: bigint): Promise<void> {
  await tx.execute(sql`
    insert into environment_revisions (environment_id, revision, change_set_id)
    select made.environment_id, made.revision, coalesce(min(c.change_set_id), ${newest})
    from (select distinct o.environment_id, o.revision from rule_objects o
      join environments e on e.id = o.environment_id where e.project_id = ${projectId}) made
    left join changes c on c.environment_id = made.environment_id and c.revision = made.revision
    group by made.environment_id, made.revision`);
}
