/** Rights as a page shows them: one row for each person, team or token, with all that each may do. Pure. */
import type { Grant } from '@yardarm/contract';
import { groupBy } from '../../lib/group-by.ts';

export interface Member {
  readonly id: string;
  readonly kind: Grant['holder']['kind'];
  readonly name: string;
  /** On the whole project first, then by environment in their order. */
  readonly grants: readonly Grant[];
}

const KINDS: readonly Grant['holder']['kind'][] = ['user', 'team', 'token'];

/** People first, then teams, then tokens, each by name. `environments` are the keys in order. */
export function membersOf(grants: readonly Grant[], environments: readonly string[]): readonly Member[] {
  const place = ({ environment }: Grant) => (environment === null ? -1 : environments.indexOf(environment));
  return [...groupBy(grants, ({ holder }) => holder.id).values()]
    .map((own): Member => {
      const { id, kind, name } = (own[0] as Grant).holder;
      return { id, kind, name, grants: own.toSorted((a, b) => place(a) - place(b)) };
    })
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.name.localeCompare(b.name, 'en'));
}

/** `Editor`; `flag.kill, flag.unkill`. */
export function describeGrant({ role, actions }: Pick<Grant, 'role' | 'actions'>): string {
  return [role && `${role[0]?.toUpperCase()}${role.slice(1)}`, ...actions].filter(Boolean).join(', ');
}
