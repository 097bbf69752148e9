/** Which changes somebody should look at afterwards, since nobody held them up. */
import type { Actor } from '../auth/actor.ts';
import type { reviews } from '../db/audit-tables.ts';
import { isKill } from './kills.ts';

export interface ReviewedChange {
  readonly command: string;
  readonly actor: Actor;
  readonly reason: string | null;
}

/** Of the reviews that this change opens: a kill without a reason, anything done with a break-glass token. */
export function reviewCauses({ command, actor, reason }: ReviewedChange): (typeof reviews.$inferInsert)['cause'][] {
  return [
    ...(isKill(command) && (reason ?? '') === '' ? (['no_reason'] as const) : []),
    ...(isBreakGlass(actor) ? (['break_glass'] as const) : []),
  ];
}

export function isBreakGlass(actor: Actor): boolean {
  return (actor.kind === 'token' || actor.kind === 'agent') && actor.breakGlass;
}
