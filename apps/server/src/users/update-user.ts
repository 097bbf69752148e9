import type { CommandOf, User } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { users } from '../db/identity-tables.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findUser, lockPeople, presentUser, requireFree } from './user-store.ts';

/** Name and address. The history keeps the name that somebody had then. Throws `not_found`, `stale_version`, `already_exists`. */
export async function updateUser({ tx, record }: CommandContext, command: CommandOf<'user.update'>): Promise<User> {
  const { target, input, baseVersions } = command;
  await lockPeople(tx);
  const user = await findUser(tx, target.user);
  requireVersion(baseVersions.user, await presentUser(tx, user.id), `User '${user.name}'`);
  const before = { name: user.name, email: user.email };
  const after = { name: input.name ?? before.name, email: input.email === undefined ? before.email : input.email };
  if (before.name === after.name && before.email === after.email) return presentUser(tx, user.id);
  await requireFree(tx, after, user.id);
  await tx
    .update(users)
    .set({ ...after, version: user.version + 1 })
    .where(eq(users.id, user.id));
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: after.name, environmentId: null, before, after }],
    bodies: [],
  });
  return presentUser(tx, user.id);
}
