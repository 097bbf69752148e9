/**
 * What the environments that a change touches ask of it, checked where bodies are written (changes/record-change.ts)
 * and therefore on every write path, under the head locks: the right to the action in each of them; and, where an
 * environment is protected, a reason and the right to release. A kill is never held up: its own right was checked at
 * the gate, and a missing reason opens a review instead.
 */
import type { Command } from '@yardarm/contract';
import { eq, inArray } from 'drizzle-orm';
import { authorize, type Principal } from '../auth/policies.ts';
import { actionOf } from '../auth/roles.ts';
import type { Tx } from '../db/client.ts';
import { environments, projects } from '../db/schema.ts';
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
  const touched = await tx
    .select({ project: projects.key, environment: environments.key, isProtected: environments.protected })
    .from(environments)
    .innerJoin(projects, eq(projects.id, environments.projectId))
    .where(inArray(environments.id, [...environmentIds]));
  for (const { project, environment, isProtected } of touched) {
    authorize(principal, actionOf(command.type), { project, environment });
    if (!isProtected) continue;
    authorize(principal, 'environment.release', { project, environment });
    if (principal.actor.kind === 'system' || (command.input.reason ?? '') !== '') continue;
    throw new AppError('reason_required', `Environment '${environment}' is protected: give a reason for this change.`, {
      details: [{ path: 'reason', message: `A change of the protected environment '${environment}' needs a reason.` }],
    });
  }
}
