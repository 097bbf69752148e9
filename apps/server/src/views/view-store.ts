/** Reads and writes saved views. A view is no change of the project: nothing is served otherwise for it, and no history has it. */
import type { SavedView, SaveViewInput } from '@yardarm/contract';
import { and, asc, count, eq, isNull, or, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { savedViews } from '../db/view-tables.ts';
import { AppError } from '../errors.ts';
import type { ProjectRow } from '../projects/project-store.ts';

/** Of one owner in one project, and as many that are shared. */
const MAX_VIEWS = 100;

/** Every server listens, and tells whoever has the project open. The text is the key of the project. */
export const VIEWS_CHANNEL = 'yardarm_views';

export type ViewRow = typeof savedViews.$inferSelect;

/** Those that are shared and `ownerId`'s own, in order of name. */
export function listViews(db: Database, projectId: string, ownerId: string): Promise<ViewRow[]> {
  return db
    .select()
    .from(savedViews)
    .where(and(eq(savedViews.projectId, projectId), or(isNull(savedViews.ownerId), eq(savedViews.ownerId, ownerId))))
    .orderBy(asc(savedViews.name), asc(savedViews.id));
}

/** Takes the place of one with that name and owner. `ownerId` null: everybody's. Throws `validation_failed` where there are too many. */
export async function saveView(
  db: Database,
  { project, ownerId }: { readonly project: ProjectRow; readonly ownerId: string | null },
  { name, filter }: Required<Pick<SaveViewInput, 'name' | 'filter'>>,
  nowMs: number,
): Promise<ViewRow> {
  const projectId = project.id;
  const isOwner = ownerId === null ? isNull(savedViews.ownerId) : eq(savedViews.ownerId, ownerId);
  const savedAt = new Date(nowMs);
  return db.transaction(async (tx) => {
    const [row] = await tx
      .insert(savedViews)
      .values({ projectId, ownerId, name, filter, savedAt })
      .onConflictDoUpdate({ target: [savedViews.projectId, savedViews.ownerId, savedViews.name], set: { filter, savedAt } })
      .returning();
    const [kept] = await tx
      .select({ views: count() })
      .from(savedViews)
      .where(and(eq(savedViews.projectId, projectId), isOwner));
    if ((kept?.views ?? 0) > MAX_VIEWS)
      throw new AppError(
        'validation_failed',
        `There are ${MAX_VIEWS} views already, as many as there may be; delete one first.`,
        {
          details: [{ path: 'name', message: 'No further view can be saved.' }],
        },
      );
    if (row === undefined) throw new Error(`View '${name}' was not written.`);
    if (ownerId === null) await announceViews(tx, project);
    return row;
  });
}

/** Of others' own views nobody learns that they exist. Throws `not_found`. */
export async function findView(db: Database, projectId: string, id: string, ownerId: string): Promise<ViewRow> {
  const [row] = await db
    .select()
    .from(savedViews)
    .where(and(eq(savedViews.projectId, projectId), eq(savedViews.id, id)));
  if (row === undefined || (row.ownerId !== null && row.ownerId !== ownerId))
    throw new AppError('not_found', `View '${id}' does not exist.`);
  return row;
}

export async function deleteView(db: Database, project: ProjectRow, { id, ownerId }: ViewRow): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(savedViews).where(eq(savedViews.id, id));
    if (ownerId === null) await announceViews(tx, project);
  });
}

/** Heard once the transaction is committed. Somebody's own are nobody else's business. */
async function announceViews(tx: Tx, { key }: ProjectRow): Promise<void> {
  await tx.execute(sql`select pg_notify(${VIEWS_CHANNEL}, ${key})`);
}

export function presentView({ id, ownerId, name, filter, savedAt }: ViewRow): SavedView {
  return { id, name, shared: ownerId === null, filter, savedAt: savedAt.toISOString() };
}
