/** What somebody may do, as far as their rights say. The server decides; this only leaves out, or explains, what it would refuse. */
import { type Right, ROLES, type Role } from '@yardarm/contract';

export interface Place {
  /** Null: the instance. */
  readonly project: string | null;
  /** Null: the project as a whole. */
  readonly environment?: string | null;
}

export interface Need {
  /** The least role that brings it. */
  readonly role: Role;
  /** Its name among single actions: `key.create`. */
  readonly action: string;
}

export function mayDo(grants: readonly Right[], { role, action }: Need, { project, environment = null }: Place): boolean {
  return grants.some((right) => {
    const isHere =
      right.project === null || (right.project === project && (right.environment === null || right.environment === environment));
    const brings = right.role !== null && ROLES.indexOf(right.role) >= ROLES.indexOf(role);
    return isHere && (brings || right.actions.includes(action));
  });
}
