import type { CommandOf, User } from '@yardarm/contract';
import { mintLink } from '../auth/sign-in-links.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { users } from '../db/identity-tables.ts';
import { addGrants } from '../grants/add-grants.ts';
import { lockPeople, presentUser, requireFree } from './user-store.ts';

/**
 * A person, with rights and a link for choosing a password, which is answered here and nowhere else. Throws
 * `already_exists`, and what the rights are refused for.
 */
export async function inviteUser(context: CommandContext, command: CommandOf<'user.invite'>): Promise<User> {
  const { tx, record } = context;
  const { name, email, grants } = command.input;
  await lockPeople(tx);
  await requireFree(tx, { name, email }, null);
  const [row] = await tx.insert(users).values({ name, email }).returning();
  if (row === undefined) throw new Error('The user was not inserted.');
  const added = await addGrants(context, { kind: 'user', id: row.id, name }, grants);
  const secret = await mintLink(tx, { userId: row.id, purpose: 'invite' }, context);
  const change: EntityChange = { kind: 'user', key: name, environmentId: null, before: null, after: { id: row.id, name, email } };
  await record(await lockHeads(tx, []), { projectId: null, changes: [change, ...added], bodies: [] });
  return { ...(await presentUser(tx, row.id)), secret };
}
