/** Flags as the API answers them: rows with their environments and the team that owns each. */
import type { Flag } from '@yardarm/contract';
import { inArray } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { teams } from '../db/identity-tables.ts';
import type { TeamRow } from '../teams/team-store.ts';
import { lifecycleDays } from './flag-lifecycle.ts';
import { type FlagRow, loadFlagEnvironments } from './flag-store.ts';
import { presentFlag } from './present-flag.ts';

/** In the order of `rows`. `nowMs`: epoch milliseconds, for the lifecycle. */
export async function loadFlags(db: Database | Tx, rows: readonly FlagRow[], nowMs: number): Promise<Flag[]> {
  if (rows.length === 0) return [];
  const owners = new Set(rows.flatMap(({ owner }) => (owner === null ? [] : [owner])));
  const [environments, owning] = await Promise.all([
    loadFlagEnvironments(
      db,
      rows.map(({ id }) => id),
    ),
    findTeams(db, [...owners]),
  ]);
  const days = lifecycleDays(nowMs);
  const byKey = new Map(owning.map((team) => [team.key, team]));
  return rows.map((row) =>
    presentFlag(row, {
      environments: environments.get(row.id) ?? [],
      ownerTeam: (row.owner !== null && byKey.get(row.owner)) || null,
      days,
    }),
  );
}

export async function loadFlag(db: Database | Tx, row: FlagRow, nowMs: number): Promise<Flag> {
  const [flag] = await loadFlags(db, [row], nowMs);
  if (flag === undefined) throw new Error(`Flag ${row.key} was read but not presented.`);
  return flag;
}

async function findTeams(db: Database | Tx, keys: readonly string[]): Promise<Pick<TeamRow, 'key' | 'name'>[]> {
  if (keys.length === 0) return [];
  return db
    .select({ key: teams.key, name: teams.name })
    .from(teams)
    .where(inArray(teams.key, [...keys]));
}
