import type { Grant, Right } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { grants } from '../db/identity-tables.ts';
import { requireGrantable, toPlace } from './grant-places.ts';

type Holder = Grant['holder'];
export const HOLDER_COLUMN = { user: 'userId', team: 'teamId', token: 'apiTokenId' } as const;

/** Writes rights of one holder, as far as the caller may give them, and answers what is to be recorded. */
export async function addGrants(
  { tx, principal }: CommandContext,
  holder: Holder,
  rights: readonly Right[],
): Promise<EntityChange[]> {
  for (const right of rights) requireGrantable(principal, right);
  return writeGrants(tx, holder, rights);
}

/** Without asking: for rights that were judged otherwise. */
export async function writeGrants(tx: CommandContext['tx'], holder: Holder, rights: readonly Right[]): Promise<EntityChange[]> {
  const changes: EntityChange[] = [];
  for (const right of rights) {
    const place = await toPlace(tx, right);
    const values = { [HOLDER_COLUMN[holder.kind]]: holder.id, ...place, role: right.role, actions: right.actions };
    const [row] = await tx.insert(grants).values(values).returning({ id: grants.id });
    if (row === undefined) throw new Error('The grant was not inserted.');
    changes.push(toChange(row.id, holder, { before: null, after: right }));
  }
  return changes;
}

/** What the history says of a grant; `environmentId` stays null, since rights are no part of what an environment serves. */
export function toChange(
  id: string,
  holder: Holder,
  { before, after }: { readonly before: Right | null; readonly after: Right | null },
): EntityChange {
  const say = (right: Right | null) => right && { holder: { kind: holder.kind, name: holder.name }, ...right };
  return { kind: 'grant', key: id, environmentId: null, before: say(before), after: say(after) };
}
