/**
 * Keeps the storage of references bounded. Kept of each repository: the heads of its branches, of the default branch always and of the
 * others those pushed lately; the commits of builds that run; and what was uploaded lately, since it may yet be deployed. Where code
 * names what is kept of heads only. While it is not known what runs, for ten minutes after a server started for one, nothing is dropped that
 * may be of it: without its references a build is unknown, and no flag safe, until somebody scans that commit again.
 */
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { commitsOf, isOneOf, loadProjectBuilds } from './load-builds.ts';

/** Of a branch that is not the default one: nobody pushes to it any more. */
const KEPT_BRANCH_DAYS = 30;
const MAX_BRANCHES = 100;
/** A commit is built on the day it is pushed, and rarely deployed after two months. */
const KEPT_SET_DAYS = 60;
export const MAX_SETS = 500;
/** While it is not known what runs: with a public key anybody can name more builds than are told apart, and that for ever. */
export const MAX_UNKNOWN_SETS = 5_000;

export interface DropOptions {
  readonly projectId: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export async function dropOldReferences(tx: Tx | Database, { projectId, nowMs }: DropOptions): Promise<void> {
  const now = sql`${new Date(nowMs).toISOString()}::timestamptz`;
  const running = await loadProjectBuilds(tx, projectId);
  const maxSets = running.isComplete ? MAX_SETS : MAX_UNKNOWN_SETS;
  const isOld = running.isComplete ? sql`uploaded_at < ${now} - make_interval(days => ${KEPT_SET_DAYS}::integer)` : sql`false`;
  await tx.execute(sql`
    delete from branch_heads where (repository_id, branch) in (
      select repository_id, branch from (
        select h.repository_id, h.branch, h.pushed_at, row_number() over (partition by h.repository_id order by h.pushed_at desc) as place
        from branch_heads h join repositories r on r.id = h.repository_id
        where r.project_id = ${projectId} and h.branch is distinct from r.default_branch) ranked
      where place > ${MAX_BRANCHES}::integer or pushed_at < ${now} - make_interval(days => ${KEPT_BRANCH_DAYS}::integer))`);
  await tx.execute(sql`
    delete from reference_sets where id in (
      select id from (
        select s.id, s.uploaded_at, row_number() over (partition by s.repository_id order by s.uploaded_at desc) as place
        from reference_sets s join repositories r on r.id = s.repository_id
        where r.project_id = ${projectId} and not exists (select from branch_heads h where h.set_id = s.id)
          and not ${isOneOf(sql`s.commit`, commitsOf(running))}) ranked
      where place > ${maxSets}::integer or ${isOld})`);
  await tx.execute(sql`
    delete from code_references where set_id in (
      select s.id from reference_sets s join repositories r on r.id = s.repository_id where r.project_id = ${projectId}
        and not exists (select from branch_heads h where h.set_id = s.id))`);
}
