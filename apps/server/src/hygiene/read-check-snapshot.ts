import { CHECK_SNAPSHOT_VERSION, type CheckSnapshot, lifecycleOf } from '@yardarm/contract';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { flagHygiene } from '../db/hygiene-tables.ts';
import { flags } from '../db/schema.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import { windowsOf } from '../projects/present-project.ts';
import { listEnvironments, type ProjectRow } from '../projects/project-store.ts';

/** One document that `yardarm check` can work from without a network. */
export async function readCheckSnapshot(db: Database, project: ProjectRow, nowMs: number): Promise<CheckSnapshot> {
  const windows = windowsOf(project);
  const [environments, rows] = await Promise.all([
    listEnvironments(db, project.id),
    db
      .select({ flag: flags, standing: flagHygiene.standing })
      .from(flags)
      .leftJoin(flagHygiene, eq(flagHygiene.flagId, flags.id))
      .where(eq(flags.projectId, project.id))
      // By code units, as those sort who compare two documents.
      .orderBy(sql`${flags.key} collate "C"`),
  ]);
  return {
    version: CHECK_SNAPSHOT_VERSION,
    project: project.key,
    at: new Date(nowMs).toISOString(),
    windows,
    environments: environments.map(({ key }) => key),
    flags: rows
      .map(({ flag: { key, kind, owner, expiresOn, archivedAt, snoozedUntil }, standing }) => {
        const state = { archivedAt: archivedAt?.toISOString() ?? null, expiresOn, standing };
        return { key, kind, owner, ...state, lifecycle: lifecycleOf(state, toDay(nowMs), windows), snoozedUntil };
      })
      .map(({ standing: _standing, ...flag }) => flag),
  };
}
