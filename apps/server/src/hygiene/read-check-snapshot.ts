import { CHECK_SNAPSHOT_VERSION, type CheckSnapshot, type Flag, lifecycleOf, type Standing } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import { windowsOf } from '../projects/present-project.ts';
import { listEnvironments, type ProjectRow } from '../projects/project-store.ts';

type SnapshotFields = {
  readonly key: string;
  readonly kind: Flag['kind'];
  readonly owner: string | null;
  readonly expiresOn: string | null;
  /** Epoch milliseconds. */
  readonly archivedAtMs: number | null;
  readonly snoozedUntil: string | null;
  readonly standing: Standing | null;
};

/** One document that `yardarm check` can work from without a network. */
export async function readCheckSnapshot(db: Database, project: ProjectRow, nowMs: number): Promise<CheckSnapshot> {
  const windows = windowsOf(project);
  const today = toDay(nowMs);
  const [environments, rows] = await Promise.all([
    listEnvironments(db, project.id),
    // Not the whole rows: of 5 000 flags they are megabytes.
    db.execute<SnapshotFields>(sql`
      select f.key, f.kind, f.owner, f.expires_on::text as "expiresOn", (extract(epoch from f.archived_at) * 1000)::float8 as "archivedAtMs",
        f.snoozed_until::text as "snoozedUntil", h.standing
      from flags f left join flag_hygiene h on h.flag_id = f.id where f.project_id = ${project.id}
      -- By code units, as those sort who compare two documents.
      order by f.key collate "C"`),
  ]);
  return {
    version: CHECK_SNAPSHOT_VERSION,
    project: project.key,
    at: new Date(nowMs).toISOString(),
    windows,
    environments: environments.map(({ key }) => key),
    flags: rows.map(({ key, kind, owner, expiresOn, archivedAtMs, snoozedUntil, standing }) => {
      const archivedAt = archivedAtMs === null ? null : new Date(archivedAtMs).toISOString();
      const lifecycle = lifecycleOf({ archivedAt, expiresOn, standing }, today, windows);
      return { key, kind, owner, expiresOn, archivedAt, lifecycle, snoozedUntil };
    }),
  };
}
