import type { CommandOf, User } from '@yardarm/contract';
import { and, eq, isNull } from 'drizzle-orm';
import { endSessions } from '../auth/sessions.ts';
import { endLinks } from '../auth/sign-in-links.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { apiTokens, users } from '../db/identity-tables.ts';
import { findUser, keepAdministrator, lockPeople, presentUser } from './user-store.ts';

/**
 * Ends every session, link and personal token of a person, at once and for good; what they did stays in the history.
 * Throws `not_found`, and `last_administrator` for the last one. Nothing changes for somebody who is disabled already.
 */
export async function disableUser({ tx, nowMs, record }: CommandContext, command: CommandOf<'user.disable'>): Promise<User> {
  const disabledAt = new Date(nowMs);
  const user = await keepAdministrator(tx, async () => {
    const found = await findUser(tx, command.target.user);
    if (found.disabledAt === null)
      await tx
        .update(users)
        .set({ disabledAt, version: found.version + 1 })
        .where(eq(users.id, found.id));
    return found;
  });
  if (user.disabledAt !== null) return presentUser(tx, user.id);
  await endSessions(tx, user.id);
  await endLinks(tx, user.id);
  await tx
    .update(apiTokens)
    .set({ revokedAt: disabledAt })
    .where(and(eq(apiTokens.userId, user.id), isNull(apiTokens.revokedAt)));
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: user.name, environmentId: null, before: { disabled: false }, after: { disabled: true } }],
    bodies: [],
  });
  return presentUser(tx, user.id);
}

/** Lets a person sign in again, as before; their tokens stay revoked. Throws `not_found`. */
export async function enableUser({ tx, record }: CommandContext, command: CommandOf<'user.enable'>): Promise<User> {
  await lockPeople(tx);
  const user = await findUser(tx, command.target.user);
  if (user.disabledAt === null) return presentUser(tx, user.id);
  await tx
    .update(users)
    .set({ disabledAt: null, version: user.version + 1 })
    .where(eq(users.id, user.id));
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [{ kind: 'user', key: user.name, environmentId: null, before: { disabled: true }, after: { disabled: false } }],
    bodies: [],
  });
  return presentUser(tx, user.id);
}
