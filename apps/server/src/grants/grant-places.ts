/** From the keys of rights to rows and back, and the rule that nobody gives away, or gets at, more than they hold. */
import type { Right } from '@yardarm/contract';
import { holdsAll } from '../auth/compare-grants.ts';
import { authorize, type Principal } from '../auth/policies.ts';
import { GRANTABLE_ACTIONS } from '../auth/roles.ts';
import type { Database, Tx } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';

export interface Place {
  readonly projectId: string | null;
  readonly environmentId: string | null;
}

/** Throws `not_found` for a project or environment that does not exist. */
export async function toPlace(
  db: Database | Tx,
  { project, environment }: Pick<Right, 'project' | 'environment'>,
): Promise<Place> {
  if (project === null) return { projectId: null, environmentId: null };
  if (environment === null) return { projectId: (await findProject(db, project)).id, environmentId: null };
  const found = await findEnvironment(db, project, environment);
  return { projectId: found.project.id, environmentId: found.environment.id };
}

/** Throws `validation_failed` for an action that does not exist. */
export function requireKnownActions(right: Pick<Right, 'actions'>): void {
  const unknown = right.actions.filter((action) => !GRANTABLE_ACTIONS.includes(action));
  if (unknown.length > 0)
    throw new AppError('validation_failed', `There is no action ${unknown.map((action) => `'${action}'`).join(', ')}.`, {
      details: unknown.map((action) => ({
        path: `actions[${right.actions.indexOf(action)}]`,
        message: `There is no action '${action}'. Did you mean '${nearestName(action, GRANTABLE_ACTIONS) ?? 'flag.kill'}'?`,
      })),
    });
}

/**
 * Throws `forbidden` unless `principal` holds all of `rights`, which they are about to get at in another way than by being
 * given them; `what` says how. The server itself holds none and may.
 */
export function requireHeld({ actor, grants }: Principal, rights: readonly Right[], what: string): void {
  if (actor.kind === 'system') return;
  // An action of another version brings nothing, and nobody could hold it.
  const known = rights.map((right) => ({ ...right, actions: right.actions.filter((one) => GRANTABLE_ACTIONS.includes(one)) }));
  if (known.every((right) => holdsAll(grants, right))) return;
  throw new AppError('forbidden', `${actor.name} may not ${what}: it brings rights that they do not hold themselves.`);
}

/** Throws `forbidden` (or `not_found`, as for a read) when `principal` may not give this right; `validation_failed` for an unknown action. */
export function requireGrantable(principal: Principal, right: Right): void {
  requireKnownActions(right);
  authorize(principal, 'grant.create', { project: right.project ?? undefined, environment: right.environment ?? undefined });
  if (holdsAll(principal.grants, right)) return;
  throw new AppError('forbidden', `${principal.actor.name} may not give a right that they do not hold themselves.`);
}
