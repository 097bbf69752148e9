/** The rows in which servers tell each other their instances, and in which they count together how fast changes arrive. */
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { type ConvergenceRow, KEPT_MS } from './convergence.ts';
import { FLEET_FORMAT, type ReplicaFleet } from './fleet.ts';
import type { KeyKind } from './receipt-books.ts';

export const FLEET_EVERY_MS = 10_000;
/** After so many turns a server counts no more. */
const DEAD_TURNS = 3;

export interface WrittenFleet {
  readonly environmentId: string;
  readonly fleet: ReplicaFleet;
}

/** In place of the rows that this server wrote before; those of servers that are no more go with them. */
export async function writeFleets(db: Database, replica: string, rows: readonly WrittenFleet[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      delete from replica_fleets where (environment_id, replica) in (
        select environment_id, replica from replica_fleets
        where replica = ${replica} or heard_at < clock_timestamp() - interval '5 minutes' for update skip locked)`);
    await tx.execute(sql`
      insert into replica_fleets (environment_id, replica, fleet, heard_at)
      select (row ->> 'environmentId')::uuid, ${replica}, row -> 'fleet', clock_timestamp()
      from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) as row
      on conflict (environment_id, replica) do update set fleet = excluded.fleet, heard_at = excluded.heard_at`);
  });
}

export async function forgetFleets(db: Database, replica: string): Promise<void> {
  await db.execute(sql`delete from replica_fleets where replica = ${replica}`);
}

/** What the other living servers have; null: of a server of another version, which this build cannot read. */
export async function readOtherFleets(db: Database, replica: string, environmentId: string): Promise<(ReplicaFleet | null)[]> {
  const rows = await db.execute<{ fleet: ReplicaFleet }>(sql`
    select fleet from replica_fleets
    where environment_id = ${environmentId} and replica <> ${replica}
      and heard_at > clock_timestamp() - make_interval(secs => ${(DEAD_TURNS * FLEET_EVERY_MS) / 1_000})`);
  return rows.map(({ fleet }) => (fleet.format === FLEET_FORMAT ? fleet : null));
}

/** Adds to what was counted before, by whichever server, and drops what is too old to be asked for. */
export async function addConvergence(db: Database, rows: readonly ConvergenceRow[]): Promise<void> {
  if (rows.length === 0) return;
  // In one order everywhere: two servers that add to the same rows would wait for each other.
  const ordered = rows.toSorted((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1));
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      insert into convergence (environment_id, key_kind, app, slot_at, counts)
      select (row ->> 'environmentId')::uuid, row ->> 'keyKind', row ->> 'app', to_timestamp((row ->> 'slotMs')::float8 / 1000),
        array(select n::int from jsonb_array_elements_text(row -> 'counts') as n)
      from jsonb_array_elements(${JSON.stringify(ordered)}::text::jsonb) as row
      on conflict (environment_id, key_kind, app, slot_at) do update set counts = array(
        select coalesce(before, 0) + coalesce(more, 0)
        from unnest(convergence.counts, excluded.counts) with ordinality as step (before, more, place) order by place)`);
    await tx.execute(sql`delete from convergence where slot_at < clock_timestamp() - make_interval(secs => ${KEPT_MS / 1_000})`);
  });
}

export async function readConvergence(db: Database, environmentId: string, sinceMs: number): Promise<ConvergenceRow[]> {
  const rows = await db.execute<{ key_kind: KeyKind; app: string; slot_ms: number; counts: number[] }>(sql`
    select key_kind, app, (extract(epoch from slot_at) * 1000)::float8 as slot_ms, counts from convergence
    where environment_id = ${environmentId} and slot_at >= to_timestamp(${sinceMs / 1_000}) order by slot_at`);
  return rows.map(({ key_kind, app, slot_ms, counts }) => ({ environmentId, keyKind: key_kind, app, slotMs: slot_ms, counts }));
}

function identityOf({ environmentId, keyKind, app, slotMs }: ConvergenceRow): string {
  return JSON.stringify([environmentId, keyKind, app, slotMs]);
}
