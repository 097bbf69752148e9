import type { CommandOf, User } from '@yardarm/contract';
import { mintLink } from '../auth/sign-in-links.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { AppError } from '../errors.ts';
import { findUser, lockPeople, presentUser } from './user-store.ts';

/**
 * A link with which a person chooses a new password; the former one works until they do. Answered here and nowhere
 * else. Throws `not_found`, `forbidden` for a disabled user.
 */
export async function resetUser(context: CommandContext, command: CommandOf<'user.reset'>): Promise<User> {
  const { tx, record } = context;
  await lockPeople(tx);
  const user = await findUser(tx, command.target.user);
  if (user.disabledAt !== null) throw new AppError('forbidden', `User '${user.name}' is disabled; enable them first.`);
  const secret = await mintLink(tx, { userId: user.id, purpose: 'reset' }, context);
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: user.name, environmentId: null, before: null, after: { link: 'reset' } }],
    bodies: [],
  });
  return { ...(await presentUser(tx, user.id)), secret };
}
