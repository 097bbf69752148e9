import type { ApiToken, CommandOf } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { apiTokens } from '../db/identity-tables.ts';
import { findToken } from './token-store.ts';

/** For good, with the sessions that it opened. Revoking a revoked token changes nothing. Throws `not_found`. */
export async function revokeToken(
  { tx, nowMs, principal, record }: CommandContext,
  command: CommandOf<'token.revoke'>,
): Promise<ApiToken> {
  const { id } = command.target;
  await tx.select({ id: apiTokens.id }).from(apiTokens).where(eq(apiTokens.id, id)).for('update');
  const token = await findToken(tx, principal, id);
  if (token.revokedAt !== null) return token;
  const revokedAt = new Date(nowMs);
  await tx.update(apiTokens).set({ revokedAt }).where(eq(apiTokens.id, id));
  const { name, kind, prefix } = token;
  await record(await lockHeads(tx, []), {
    projectId: null,
    changes: [
      {
        kind: 'token',
        key: id,
        environmentId: null,
        before: { id, name, kind, prefix },
        after: { id, name, kind, prefix, revokedAt: revokedAt.toISOString() },
      },
    ],
    bodies: [],
  });
  return { ...token, revokedAt: revokedAt.toISOString() };
}
