/** The rows in which servers tell each other their coverage, and who has reported. */
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { COVERAGE_FORMAT, identityOf, type Reader, type ReplicaCoverage } from './coverage.ts';

export const COVERAGE_EVERY_MS = 15_000;
/** After so many turns a server counts no more. */
const DEAD_TURNS = 3;

/** Those of `readers` that have reported, by `identityOf`. */
export async function findReporting(db: Database, readers: readonly Reader[]): Promise<readonly string[]> {
  if (readers.length === 0) return [];
  const wanted = readers.map(({ keyId, instance }) => ({ keyId, instance }));
  const rows = await db.execute<{ key_id: string; instance: string }>(sql`
    select key_id, known.instance from json_to_recordset(${JSON.stringify(wanted)}::text::json) as wanted ("keyId" uuid, instance text)
    join telemetry_instances known on key_id = "keyId" and known.instance = wanted.instance`);
  return rows.map(({ key_id, instance }) => identityOf({ keyId: key_id, instance }));
}

/** In place of the rows that this server wrote before; those of servers that are no more go with them. */
export async function writeCoverage(
  db: Database,
  replica: string,
  rows: readonly { readonly environmentId: string; readonly coverage: ReplicaCoverage }[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      delete from telemetry_coverage where (environment_id, replica) in (
        select environment_id, replica from telemetry_coverage
        where replica = ${replica} or heard_at < clock_timestamp() - interval '5 minutes' for update skip locked)`);
    await tx.execute(sql`
      insert into telemetry_coverage (environment_id, replica, coverage, heard_at)
      select (row ->> 'environmentId')::uuid, ${replica}, row -> 'coverage', clock_timestamp()
      from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) as row`);
  });
}

export async function forgetCoverage(db: Database, replica: string): Promise<void> {
  await db.execute(sql`delete from telemetry_coverage where replica = ${replica}`);
}

/** What living servers measured in these environments; of another version's row nothing is known. */
export async function readCoverage(
  db: Database | Tx,
  environmentIds: readonly string[],
): Promise<readonly { readonly environmentId: string; readonly coverage: ReplicaCoverage | null }[]> {
  if (environmentIds.length === 0) return [];
  const rows = await db.execute<{ environment_id: string; coverage: ReplicaCoverage }>(sql`
    select environment_id, coverage from telemetry_coverage where environment_id = any(${`{${environmentIds.join(',')}}`}::uuid[])
      and heard_at > clock_timestamp() - make_interval(secs => ${(DEAD_TURNS * COVERAGE_EVERY_MS) / 1_000})`);
  return rows.map(({ environment_id, coverage }) => ({
    environmentId: environment_id,
    coverage: coverage.format === COVERAGE_FORMAT ? coverage : null,
  }));
}
