/** Reads reviews with what each is about. */
import type { Review } from '@yardarm/contract';
import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import { changeSets, reviews } from '../db/audit-tables.ts';
import type { Database, Tx } from '../db/client.ts';

export interface ReviewQuery {
  /** Null: of the instance. */
  readonly projectId: string | null;
  readonly state: 'open' | 'closed';
  readonly limit: number;
  /** Id of a review. */
  readonly cursor?: string | undefined;
}

/** Newest change first. */
export async function listReviews(db: Database | Tx, { projectId, state, limit, cursor }: ReviewQuery) {
  const older = sql`(${reviews.changeSetId}, ${reviews.id}) < (select change_set_id, id from reviews where id = ${cursor})`;
  const found = await readReviews(
    db,
    and(
      inProject(projectId),
      state === 'open' ? isNull(reviews.closedAt) : isNotNull(reviews.closedAt),
      cursor === undefined ? undefined : older,
    ),
    limit + 1,
  );
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Undefined where this project (null: the instance) has no such review. */
export async function findReview(db: Database | Tx, projectId: string | null, id: string): Promise<Review | undefined> {
  const [found] = await readReviews(db, and(inProject(projectId), eq(reviews.id, id)), 1);
  return found;
}

function inProject(projectId: string | null): SQL {
  return projectId === null ? isNull(reviews.projectId) : eq(reviews.projectId, projectId);
}

async function readReviews(db: Database | Tx, where: SQL | undefined, limit: number): Promise<Review[]> {
  const rows = await db
    .select({
      review: reviews,
      set: changeSets,
      about: sql<Review['changeSet']['about']>`(
        select coalesce(json_agg(json_build_object('kind', c.kind, 'key', c.key, 'environment', e.key) order by c.seq), '[]')
        from (select * from changes where change_set_id = ${changeSets.id} order by seq limit ${MAX_NAMED}) c
        left join environments e on e.id = c.environment_id)`,
    })
    .from(reviews)
    .innerJoin(changeSets, eq(changeSets.id, reviews.changeSetId))
    .where(where)
    .orderBy(desc(reviews.changeSetId), desc(reviews.id))
    .limit(limit);
  return rows.map(({ review, set, about }) => ({
    id: review.id,
    cause: review.cause,
    changeSet: {
      id: String(set.id),
      command: set.command,
      actor: { kind: set.actorKind, name: set.actor },
      at: set.createdAt.toISOString(),
      about,
    },
    openedAt: review.openedAt.toISOString(),
    closedAt: review.closedAt?.toISOString() ?? null,
    closedBy: review.closedBy,
    note: review.note,
  }));
}

/** A bulk kill may be about hundreds; a list names the first. */
const MAX_NAMED = 20;
