/**
 * Who may do what. Pure and default deny: an action that no rule names is refused, and a route without an
 * action does not start (see route-policy.ts). Every person and every API token has full rights for now;
 * roles per project and grants per environment will be further conditions in `can`.
 */
import type { Command } from '@yardarm/contract';
import { AppError } from '../errors.ts';
import type { Actor } from './actor.ts';

export type ReadAction =
  | 'session.read'
  | 'project.read'
  | 'environment.read'
  | 'flag.read'
  | 'segment.read'
  | 'key.read'
  | 'receipts.read'
  | 'history.read';
export type Action = ReadAction | 'session.end' | Command['type'];

/** What the action is about, as far as the request names it. */
export interface ActionTarget {
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
}

const FULL_RIGHTS: ReadonlySet<string> = new Set<Action>([
  'session.read',
  'session.end',
  'project.read',
  'project.create',
  'environment.read',
  'environment.create',
  'flag.read',
  'flag.create',
  'flag.update',
  'flag.configure',
  'flag.kill',
  'flag.unkill',
  'segment.read',
  'segment.create',
  'segment.configure',
  'key.read',
  'key.create',
  'key.revoke',
  'receipts.read',
  'history.read',
]);
/** The server itself only ever sets things up. */
const SYSTEM_RIGHTS: ReadonlySet<string> = new Set<Action>([
  'project.create',
  'environment.create',
  'flag.create',
  'flag.configure',
  'flag.unkill',
  'segment.create',
  'segment.configure',
  'key.create',
]);

/** True when `actor` may do `action` on `target`. */
export function can(actor: Actor, action: Action, _target: ActionTarget): boolean {
  return actor.kind === 'system' ? SYSTEM_RIGHTS.has(action) : FULL_RIGHTS.has(action);
}

/** Throws `forbidden`. */
export function authorize(actor: Actor, action: Action, target: ActionTarget): void {
  if (can(actor, action, target)) return;
  const place = [target.project && `project '${target.project}'`, target.environment && `environment '${target.environment}'`];
  const where = place.filter(Boolean).join(', ');
  throw new AppError('forbidden', `${actor.name} may not do ${action}${where ? ` in ${where}` : ''}; ask an administrator.`);
}
