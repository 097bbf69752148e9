/** Arithmetic of rights, pure: what two sets have in common, and whether one holds all of another. */
import { ROLES, type Role } from '@yardarm/contract';
import type { Grant } from './policies.ts';
import { actionsOf, roleBrings } from './roles.ts';

/** What both sets bring: nothing that either does not. Of two rights in different environments of a project, nothing. */
export function intersectGrants(some: readonly Grant[], others: readonly Grant[]): Grant[] {
  return some.flatMap((one) => others.flatMap((other) => intersect(one, other)));
}

function intersect(one: Grant, other: Grant): Grant[] {
  const project = common(one.project, other.project);
  const environment = common(one.environment, other.environment);
  if (project === undefined || environment === undefined) return [];
  const role = lesser(one.role, other.role);
  const actions = [
    ...one.actions.filter((action) => brings(other, action)),
    ...other.actions.filter((action) => brings(one, action)),
  ];
  return role === null && actions.length === 0 ? [] : [{ role, actions: [...new Set(actions)], project, environment }];
}

/** Everything that one right brings, by its role or by itself. */
export function actionsIn({ role, actions }: Grant): string[] {
  return [...new Set([...(role === null ? [] : actionsOf(role)), ...actions])];
}

/** Whether `grants` bring everything that `wanted` does, everywhere that it does. */
export function holdsAll(grants: readonly Grant[], wanted: Grant): boolean {
  return actionsIn(wanted).every((action) =>
    grants.some(
      (grant) => within(wanted.project, grant.project) && within(wanted.environment, grant.environment) && brings(grant, action),
    ),
  );
}

/** Null is everywhere; undefined, nowhere. */
function common(one: string | null, other: string | null): string | null | undefined {
  if (one === null || one === other) return other;
  return other === null ? one : undefined;
}

function within(inner: string | null, outer: string | null): boolean {
  return outer === null || outer === inner;
}

function lesser(one: Role | null, other: Role | null): Role | null {
  if (one === null || other === null) return null;
  return ROLES.indexOf(one) <= ROLES.indexOf(other) ? one : other;
}

function brings({ role, actions }: Grant, action: string): boolean {
  return actions.includes(action) || (role !== null && roleBrings(role, action));
}
