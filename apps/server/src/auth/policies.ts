/**
 * Who may do what. Pure and default deny: an action that no grant brings is refused, and a route without an
 * action does not start (see route-policy.ts). What each role brings is in roles.ts.
 */
import type { Role } from '@yardarm/contract';
import { AppError } from '../errors.ts';
import type { Actor } from './actor.ts';
import { type Action, ASKED_AGAIN_WITHIN, OWN_ACTIONS, PROJECT_WIDE_READS, roleBrings, SYSTEM_ACTIONS } from './roles.ts';

/** A right: a role, or single actions, in a part of the instance. Keys, not ids: both never change. */
export interface Grant {
  /** Null: only `actions`. */
  readonly role: Role | null;
  readonly actions: readonly string[];
  /** Null: the instance itself and every project. */
  readonly project: string | null;
  /** Null: every environment of the project. */
  readonly environment: string | null;
}

/** Somebody with everything that they may do. Rights add up; no grant takes one away. */
export interface Principal {
  readonly actor: Actor;
  readonly grants: readonly Grant[];
}

/** What the action is about, as far as the request names it; without a project, the instance. */
export interface ActionTarget {
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
}

/** True when `principal` may do `action` on `target`. */
export function can({ actor, grants }: Principal, action: Action, target: ActionTarget): boolean {
  if (actor.kind === 'system') return SYSTEM_ACTIONS.has(action);
  return OWN_ACTIONS.has(action) || grants.some((grant) => covers(grant, action, target) && brings(grant, action));
}

/** Throws `forbidden`; or `not_found`, in the words of a project that does not exist, to whom may not know that it does. */
export function authorize(principal: Principal, action: Action, target: ActionTarget): void {
  if (can(principal, action, target)) return;
  const { project, environment } = target;
  if (project !== undefined && principal.actor.kind !== 'system' && !can(principal, 'project.read', { project }))
    throw new AppError('not_found', `Project '${project}' does not exist.`);
  const where = [project && `project '${project}'`, environment && `environment '${environment}'`].filter(Boolean).join(', ');
  throw new AppError(
    'forbidden',
    `${principal.actor.name} may not do ${action}${where ? ` in ${where}` : ''}; ask an administrator.`,
  );
}

function covers(grant: Grant, action: Action, { project, environment }: ActionTarget): boolean {
  if (grant.project === null) return true;
  if (grant.project !== project) return false;
  if (grant.environment === null || grant.environment === environment) return true;
  return PROJECT_WIDE_READS.has(action) || ASKED_AGAIN_WITHIN.has(action);
}

function brings({ role, actions }: Grant, action: Action): boolean {
  if (role !== null && roleBrings(role, action)) return true;
  // Whoever may do one thing somewhere may see where.
  return actions.includes(action) || (actions.length > 0 && PROJECT_WIDE_READS.has(action));
}
