import type { CommandOf, User } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import { endSessions } from '../auth/sessions.ts';
import { endLinks } from '../auth/sign-in-links.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';
import { findUser, lockPeople, presentUser, requireFree } from './user-store.ts';

/**
 * One's own password, and with a set-up link one's name. Every session of the person ends: whoever knew the former
 * password is out, and the caller gets a new one. Throws `forbidden` for anybody else's, `already_exists`.
 */
export async function setPassword(
  { tx, principal, record }: CommandContext,
  command: CommandOf<'user.set_password'>,
): Promise<User> {
  const { target, input } = command;
  const { actor } = principal;
  // A token is not the person: it may neither lock its owner out nor outlive them.
  if (actor.kind !== 'person' || actor.id !== target.user)
    throw new AppError('forbidden', 'Only a signed-in person may choose a password, and only their own.');
  await lockPeople(tx);
  const user = await findUser(tx, target.user);
  const name = input.name ?? user.name;
  await requireFree(tx, { name, email: null }, user.id);
  await tx
    .update(users)
    .set({ name, passwordHash: input.passwordHash, version: user.version + 1 })
    .where(eq(users.id, user.id));
  await endSessions(tx, user.id);
  await endLinks(tx, user.id);
  const before = { name: user.name, password: user.passwordHash === null ? 'none' : 'set' };
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: name, environmentId: null, before, after: { name, password: 'changed' } }],
    bodies: [],
  });
  return presentUser(tx, user.id);
}
