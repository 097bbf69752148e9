/** Changes that nobody held up and that somebody should look at afterwards. */
import { type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../auth/actor.ts';
import type { reviews } from '../db/audit-tables.ts';
import type { Tx } from '../db/client.ts';
import { isKill } from './kills.ts';

export interface ReviewedChange {
  readonly projectId: string | null;
  readonly command: string;
  readonly actor: Actor;
  readonly reason: string | null;
}

/** Opens what this change asks for, in its own transaction: a kill without a reason, anything done with a break-glass token. */
export async function openReviews(tx: Tx, changeSetId: SQL, change: ReviewedChange): Promise<void> {
  const causes = causesOf(change);
  if (causes.length === 0) return;
  const { projectId } = change;
  await tx.execute(sql`
    insert into reviews (project_id, change_set_id, cause, opened_at)
    select ${projectId}::uuid, ${changeSetId}, value, now() from jsonb_array_elements_text(${JSON.stringify(causes)}::jsonb)`);
}

function causesOf({ command, actor, reason }: ReviewedChange): (typeof reviews.$inferInsert)['cause'][] {
  return [
    ...(isKill(command) && (reason ?? '') === '' ? (['no_reason'] as const) : []),
    ...(isBreakGlass(actor) ? (['break_glass'] as const) : []),
  ];
}

export function isBreakGlass(actor: Actor): boolean {
  return (actor.kind === 'token' || actor.kind === 'agent') && actor.breakGlass;
}
