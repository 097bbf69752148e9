import type { CommandOf, Grant } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { grants } from '../db/identity-tables.ts';
import { keepAdministrator } from '../users/user-store.ts';
import { toChange } from './add-grants.ts';
import { toPlace } from './grant-places.ts';
import { findGrant } from './grant-reads.ts';

/** Takes a right of this place away, and answers it as it was. Throws `not_found`, `last_administrator`. */
export async function deleteGrant({ tx, record }: CommandContext, command: CommandOf<'grant.delete'>): Promise<Grant> {
  const grant = await keepAdministrator(tx, async () => {
    const found = await findGrant(tx, command.target, command.target.id);
    await tx.delete(grants).where(eq(grants.id, found.id));
    return found;
  });
  const { id, holder, role, actions, project, environment } = grant;
  await record(await lockHeads(tx, []), {
    projectId: (await toPlace(tx, grant)).projectId,
    changes: [toChange(id, holder, { before: { role, actions, project, environment }, after: null })],
    bodies: [],
  });
  return grant;
}
