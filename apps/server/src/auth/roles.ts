/**
 * What each action asks for. Roles add up: who may do something as an editor may do it as a releaser. An action
 * that stands in no list belongs to nobody.
 */
import { type Command, ROLES, type Role } from '@yardarm/contract';

export type ReadAction =
  | 'project.read'
  | 'environment.read'
  | 'flag.read'
  | 'segment.read'
  | 'key.read'
  | 'receipts.read'
  | 'history.read'
  | 'audit.read'
  | 'ruleset.read'
  | 'user.read'
  | 'grant.read'
  | 'view.list'
  /** One's own; changes nothing that anybody is served. */
  | 'view.save'
  /** Everybody's. */
  | 'view.share'
  | 'webhook.read'
  /** Sends a message, and changes nothing here. */
  | 'webhook.test';
/** Saying what code names and what runs: evidence, and no change of anything that is served. */
export type EvidenceAction = 'references.write' | 'deployments.write';
/** Of oneself; every person and token that is known at all may. */
export type OwnAction =
  | 'session.read'
  | 'session.end'
  | 'project.list'
  | 'team.list'
  | 'user.set_password'
  | 'token.read'
  | 'token.create'
  | 'token.revoke';
/** What several flags ask for at once, any of them asks for alone. */
const ACTION_OF_MANY = {
  'flag.kill_many': 'flag.kill',
  'flag.update_many': 'flag.update',
  'flag.archive_many': 'flag.archive',
} as const;
export type Action =
  | ReadAction
  | EvidenceAction
  | OwnAction
  | Exclude<Command['type'], keyof typeof ACTION_OF_MANY>
  | 'environment.release';

/**
 * Anybody who is somebody. Of passwords, their own. Of tokens, their own and those whose every right they could give:
 * the handlers ask `grant.create` where the token's rights lie.
 */
export const OWN_ACTIONS: ReadonlySet<string> = new Set<Action>([
  'session.read',
  'session.end',
  'project.list',
  'team.list',
  'user.set_password',
  'token.read',
  'token.create',
  'token.revoke',
]);

/** Given by a right to any part of the project: a right to change staging is of no use without seeing the project. */
export const PROJECT_WIDE_READS: ReadonlySet<string> = new Set<Action>([
  'project.read',
  'environment.read',
  'flag.read',
  'segment.read',
  'receipts.read',
  'history.read',
]);

/**
 * Brought by a right to any environment of the project, since what a change was about shows only when it is read; each then asks
 * for the right to what it writes, where it writes it.
 */
export const ASKED_AGAIN_WITHIN: ReadonlySet<string> = new Set<Action>(['change.revert']);

/** The least role that brings the action. In the instance's own matters (creating a project) it must be held everywhere. */
const ROLE_OF = {
  'project.read': 'viewer',
  'environment.read': 'viewer',
  'flag.read': 'viewer',
  'segment.read': 'viewer',
  'receipts.read': 'viewer',
  'history.read': 'viewer',
  'view.list': 'viewer',
  'view.save': 'viewer',
  'view.share': 'editor',
  'flag.create': 'editor',
  'flag.update': 'editor',
  'flag.configure': 'editor',
  'flag.kill': 'editor',
  'flag.unkill': 'editor',
  'flag.archive': 'editor',
  'flag.unarchive': 'editor',
  'flag.snooze': 'editor',
  'flag.unsnooze': 'editor',
  /** No route: of the server itself. */
  'hygiene.digest': 'admin',
  'references.write': 'editor',
  'deployments.write': 'editor',
  'segment.create': 'editor',
  'segment.update': 'editor',
  'segment.configure': 'editor',
  /** Each of these asks besides for the right to what it writes: `flag.configure`, `segment.configure` and so on. */
  'flag.copy': 'editor',
  'environment.copy': 'editor',
  'environment.revert': 'editor',
  'change.revert': 'editor',
  'review.close': 'releaser',
  /** What a server key may read. */
  'ruleset.read': 'releaser',
  'segment.delete': 'editor',
  /** Anything but a kill that changes what a protected environment serves; asked for besides the action itself. */
  'environment.release': 'releaser',
  'environment.create': 'admin',
  'environment.update': 'admin',
  /** No route: of the server itself, and of `admin new-epoch`. */
  'environment.new_epoch': 'admin',
  'key.read': 'admin',
  'key.create': 'admin',
  'key.update': 'admin',
  'key.rotate': 'admin',
  'key.revoke': 'admin',
  'webhook.read': 'admin',
  'webhook.test': 'admin',
  'webhook.create': 'admin',
  'webhook.update': 'admin',
  'webhook.delete': 'admin',
  'project.create': 'admin',
  'project.update': 'admin',
  'attribute.set': 'admin',
  'attribute.delete': 'admin',
  'team.create': 'admin',
  'team.update': 'admin',
  'team.delete': 'admin',
  'grant.read': 'admin',
  'grant.create': 'admin',
  'grant.delete': 'admin',
  'user.read': 'admin',
  'user.invite': 'admin',
  'user.update': 'admin',
  'user.disable': 'admin',
  'user.enable': 'admin',
  'user.reset': 'admin',
  /** In the instance's own matters, as all that names no project. */
  'instance.export': 'admin',
  'instance.import': 'admin',
  /** The instance's own history, checkpoints and the verification of every chain. */
  'audit.read': 'admin',
} as const satisfies { readonly [A in Exclude<Action, OwnAction>]: Role };

/** The server itself only ever sets things up. */
export const SYSTEM_ACTIONS: ReadonlySet<string> = new Set<Action>([
  'project.create',
  'environment.create',
  'environment.release',
  /** Where the database is behind what SDKs hold. */
  'environment.new_epoch',
  'flag.create',
  'flag.configure',
  'flag.unkill',
  'segment.create',
  'segment.configure',
  'key.create',
  /** `admin reset` on the server's own machine. */
  'user.reset',
  'instance.export',
  'hygiene.digest',
]);

/** What a command asks for the right to: a kill is one right, however many flags it names. */
export function actionOf(type: Command['type']): Action {
  return isOfMany(type) ? ACTION_OF_MANY[type] : type;
}

function isOfMany(type: Command['type']): type is keyof typeof ACTION_OF_MANY {
  return Object.hasOwn(ACTION_OF_MANY, type);
}

/** Everything that a grant may name. */
export const GRANTABLE_ACTIONS: readonly string[] = Object.keys(ROLE_OF);

/** What `role` brings, in no order that means anything. */
export function actionsOf(role: Role): string[] {
  return GRANTABLE_ACTIONS.filter((action) => roleBrings(role, action));
}

export function roleBrings(role: Role, action: string): boolean {
  const least = Object.hasOwn(ROLE_OF, action) ? ROLE_OF[action as keyof typeof ROLE_OF] : undefined;
  return least !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
