/** Flags as the API answers them: rows with their environments, the team that owns each, and what was made of the evidence. */
import type { Flag, Standing } from '@yardarm/contract';
import { eq, inArray, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { teams } from '../db/identity-tables.ts';
import { projects } from '../db/schema.ts';
import { windowsOf } from '../projects/present-project.ts';
import type { TeamRow } from '../teams/team-store.ts';
import { toDay } from './flag-lifecycle.ts';
import { type FlagRow, loadFlagEnvironments } from './flag-store.ts';
import { presentFlag } from './present-flag.ts';

/** Of one project, in the order of `rows`. `nowMs`: epoch milliseconds, for the lifecycle. */
export async function loadFlags(db: Database | Tx, rows: readonly FlagRow[], nowMs: number): Promise<Flag[]> {
  if (rows.length === 0) return [];
  const owners = new Set(rows.flatMap(({ owner }) => (owner === null ? [] : [owner])));
  const ids = rows.map(({ id }) => id);
  const projectId = rows[0]?.projectId as string;
  const [environments, owning, standings, [project]] = await Promise.all([
    loadFlagEnvironments(db, ids),
    findTeams(db, [...owners]),
    findStandings(db, ids),
    db.select().from(projects).where(eq(projects.id, projectId)),
  ]);
  if (project === undefined) throw new Error(`Project ${projectId} is gone.`);
  const byKey = new Map(owning.map((team) => [team.key, team]));
  return rows.map((row) =>
    presentFlag(row, {
      environments: environments.get(row.id) ?? [],
      ownerTeam: (row.owner !== null && byKey.get(row.owner)) || null,
      standing: standings.get(row.id) ?? null,
      today: toDay(nowMs),
      windows: windowsOf(project),
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

async function findStandings(db: Database | Tx, flagIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  const rows = await db.execute<{ flag_id: string; standing: Standing }>(sql`
    select flag_id, standing from flag_hygiene where flag_id = any(${`{${flagIds.join(',')}}`}::uuid[]) and standing is not null`);
  return new Map(rows.map(({ flag_id, standing }) => [flag_id, standing]));
}
