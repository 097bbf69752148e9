/**
 * What the environments that a change touches ask of it, checked where bodies are written (changes/record-change.ts)
 * and therefore on every write path, under the head locks: the right to the action in each of them; and, where an
 * environment is protected, a reason and the right to release. A kill is never held up: its own right was checked at
 * the gate, and a missing reason opens a review instead.
 */
import type { Command } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import { authorize, type Principal } from '../auth/policies.ts';
import { actionOf } from '../auth/roles.ts';
import type { Tx } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { isKill } from './kills.ts';

/** They make what is off everywhere, which no protection is about. */
const ONLY_ADDS_WHAT_IS_OFF: ReadonlySet<Command['type']> = new Set(['flag.create', 'segment.create', 'environment.create']);

/** Throws `forbidden`, or `reason_required` where a protected environment changes without one. */
export async function governBodies(
  tx: Tx,
  principal: Principal,
  command: { readonly type: Command['type']; readonly input: { readonly reason?: string | undefined } },
  environmentIds: ReadonlySet<string>,
): Promise<void> {
  if (environmentIds.size === 0 || isKill(command.type) || ONLY_ADDS_WHAT_IS_OFF.has(command.type)) return;
  // Written out, since whoever turns a flag on again waits for it.
  const touched = await tx.execute<{ project: string; environment: string; protected: boolean }>(sql`
    select p.key as project, e.key as environment, e.protected from environments e join projects p on p.id = e.project_id
    where e.id = any(${`{${[...environmentIds].join(',')}}`}::uuid[])`);
  for (const { project, environment, protected: isProtected } of touched) {
    authorize(principal, actionOf(command.type), { project, environment });
    if (!isProtected) continue;
    authorize(principal, 'environment.release', { project, environment });
    if (principal.actor.kind === 'system' || (command.input.reason ?? '') !== '') continue;
    throw new AppError('reason_required', `Environment '${environment}' is protected: give a reason for this change.`, {
      details: [{ path: 'reason', message: `A change of the protected environment '${environment}' needs a reason.` }],
    });
  }
}
