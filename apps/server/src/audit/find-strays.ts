/** Rows of the record that no link speaks of: what was put there without a command, or outlived its change set. */
import type { AuditFinding } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { INSTANCE_CHAIN } from './link-hash.ts';

/** At most one finding per kind of row: the oldest. */
export async function findStrays(tx: Tx): Promise<AuditFinding[]> {
  const findings: AuditFinding[] = [];
  for (const { query, describe } of STRAYS) {
    const [row] = await tx.execute<StrayRow>(query);
    if (row === undefined) continue;
    const changeSet = row.change_set;
    findings.push({ chain: row.chain, seq: null, changeSet, cause: 'unlinked', message: describe(row) });
  }
  return findings;
}

type StrayRow = {
  readonly chain: string | null;
  readonly change_set: string | null;
  readonly environment: string | null;
  readonly revision: string | null;
};

const STRAYS: readonly { readonly query: SQL; readonly describe: (row: StrayRow) => string }[] = [
  {
    query: sql`
      select coalesce(s.project_id::text, ${INSTANCE_CHAIN}) as chain, s.id::text as change_set from change_sets s
      where not exists (select 1 from audit_links l where l.change_set_id = s.id) order by s.id limit 1`,
    describe: ({ change_set }) =>
      `Change set ${change_set} has no link: no command of this server recorded it, or its link was removed.`,
  },
  {
    query: sql`
      select null as chain, c.change_set_id::text as change_set from changes c
      where not exists (select 1 from change_sets s where s.id = c.change_set_id) order by c.change_set_id limit 1`,
    describe: ({ change_set }) => `A change names change set ${change_set}, which does not exist.`,
  },
  {
    query: sql`
      select e.project_id::text as chain, r.change_set_id::text as change_set, r.environment_id as environment, r.revision::text
      from environment_revisions r left join environments e on e.id = r.environment_id
      where not exists (select 1 from change_sets s where s.id = r.change_set_id) order by r.change_set_id limit 1`,
    describe: ({ revision, environment, change_set }) =>
      `Revision ${revision} of environment ${environment} names change set ${change_set}, which does not exist.`,
  },
  {
    query: sql`
      select e.project_id::text as chain, null as change_set, o.environment_id as environment, o.revision::text
      from rule_objects o left join environments e on e.id = o.environment_id
      where not exists (
        select 1 from environment_revisions r where r.environment_id = o.environment_id and r.revision = o.revision)
      order by o.environment_id, o.revision limit 1`,
    describe: ({ revision, environment }) =>
      `Bodies of revision ${revision} of environment ${environment} belong to no change set.`,
  },
];
