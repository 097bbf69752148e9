import type { CommandOf, User } from '@yardarm/contract';
import { rightsOfPerson } from '../auth/grant-store.ts';
import { mintLink } from '../auth/sign-in-links.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { AppError } from '../errors.ts';
import { requireHeld } from '../grants/grant-places.ts';
import { findUser, lockPeople, presentUser } from './user-store.ts';

/**
 * A link with which a person chooses a new password; the former one works until they do. Answered here and nowhere
 * else. Throws `not_found`, `forbidden` for a disabled user and for one with more rights than the caller.
 */
export async function resetUser(context: CommandContext, command: CommandOf<'user.reset'>): Promise<User> {
  const { tx, principal, record } = context;
  await lockPeople(tx);
  const user = await findUser(tx, command.target.user);
  if (user.disabledAt !== null) throw new AppError('forbidden', `User '${user.name}' is disabled; enable them first.`);
  // Whoever opens the link is that person from then on.
  requireHeld(principal, await rightsOfPerson(tx, user.id), `reset the password of '${user.name}'`);
  const secret = await mintLink(tx, { userId: user.id, purpose: 'reset' }, context);
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: user.name, environmentId: null, before: null, after: { link: 'reset' } }],
    bodies: [],
  });
  return { ...(await presentUser(tx, user.id)), secret };
}
