import type { CommandOf, Grant } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { Principal } from '../auth/policies.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { Tx } from '../db/client.ts';
import { teams } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import { findToken } from '../tokens/token-store.ts';
import { findUserByName, lockPeople } from '../users/user-store.ts';
import { writeGrants } from './add-grants.ts';
import { requireGrantable, toPlace } from './grant-places.ts';
import { findGrant } from './grant-reads.ts';

/**
 * A right for a person, team or token at the place of the path. Throws `forbidden` for more than the caller holds,
 * `not_found` for an unknown holder or place and a token that the caller may not administer, `validation_failed` for an unknown action.
 */
export async function createGrant({ tx, principal, record }: CommandContext, command: CommandOf<'grant.create'>): Promise<Grant> {
  const { target, input } = command;
  const right = {
    role: input.role,
    actions: input.actions,
    project: target.project ?? null,
    environment: target.environment ?? null,
  };
  requireGrantable(principal, right);
  await lockPeople(tx);
  const [change] = await writeGrants(tx, await findHolder(tx, principal, input), [right]);
  if (change === undefined) throw new Error('One right makes one change.');
  await record(await lockHeads(tx, []), { projectId: (await toPlace(tx, right)).projectId, changes: [change], bodies: [] });
  return findGrant(tx, target, change.key);
}

async function findHolder(
  tx: Tx,
  principal: Principal,
  { user, team, token }: CommandOf<'grant.create'>['input'],
): Promise<Grant['holder']> {
  if (user !== undefined) {
    const found = await findUserByName(tx, user);
    if (found === null) throw new AppError('not_found', `There is no user '${user}'.`);
    return { kind: 'user', id: found.id, name: found.name };
  }
  if (team !== undefined) {
    const [found] = await tx.select().from(teams).where(eq(teams.key, team));
    if (found === undefined) throw new AppError('not_found', `There is no team '${team}'.`);
    return { kind: 'team', id: found.id, name: found.key };
  }
  // Only to whom could revoke it now: with a right elsewhere, whoever could would not be able to any more.
  const found = await findToken(tx, principal, token ?? '');
  // What such a token may do was settled when it was made; whoever holds it relies on that.
  if (found.kind === 'personal' || found.kind === 'break_glass')
    throw new AppError(
      'forbidden',
      `The rights of the ${found.kind.replace('_', '-')} token '${found.name}' are fixed; make another token.`,
    );
  return { kind: 'token', id: found.id, name: found.name };
}
