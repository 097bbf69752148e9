import type { CommandOf, Review } from '@yardarm/contract';
import { and, eq, isNull } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { reviews } from '../db/audit-tables.ts';
import { AppError } from '../errors.ts';
import { findProject } from '../projects/project-store.ts';
import { isBreakGlass } from './open-reviews.ts';
import { findReview } from './review-store.ts';

/**
 * Somebody has looked. Closing a closed review changes nothing. Break glass is looked at by somebody else: throws `forbidden` for
 * whoever made the change and for any break-glass token. Throws `not_found`.
 */
export async function closeReview(context: CommandContext, { target, input }: CommandOf<'review.close'>): Promise<Review> {
  const { tx, nowMs, principal, record } = context;
  const { actor } = principal;
  const project = target.project === undefined ? null : await findProject(tx, target.project);
  const projectId = project?.id ?? null;
  const heads = await lockHeads(tx, []);
  const review = await findReview(tx, projectId, target.id);
  if (review === undefined)
    throw new AppError(
      'not_found',
      `${project === null ? 'The instance' : `Project '${project.key}'`} has no review ${target.id}.`,
    );
  const isOwn = review.changeSet.actor.kind === actor.kind && review.changeSet.actor.name === actor.name;
  if (review.cause === 'break_glass' && (isOwn || isBreakGlass(actor)))
    throw new AppError('forbidden', 'A change made with a break-glass token is reviewed by somebody else; ask another releaser.');
  const closed = { closedAt: new Date(nowMs), closedBy: actor.name, note: input.note };
  const updated = await tx
    .update(reviews)
    .set(closed)
    .where(and(eq(reviews.id, review.id), isNull(reviews.closedAt)))
    .returning({ id: reviews.id });
  const now = { ...review, ...closed, closedAt: closed.closedAt.toISOString() };
  if (updated.length === 0) return (await findReview(tx, projectId, target.id)) ?? now;
  const { cause, changeSet } = review;
  await record(heads, {
    projectId,
    changes: [
      {
        kind: 'review',
        key: review.id,
        environmentId: null,
        before: { cause, changeSet: changeSet.id, closedBy: null, note: null },
        after: { cause, changeSet: changeSet.id, closedBy: closed.closedBy, note: closed.note },
      },
    ],
    bodies: [],
  });
  return now;
}
