/** One-time sign-in links: valid for an hour, for one use, and only the newest of a user. */
import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { signInLinks, users } from '../db/identity-tables.ts';
import { hashSecret, type MintSecret } from './secrets.ts';
import type { SessionOwner } from './sessions.ts';

export const SIGN_IN_LINK_MS = 3_600_000;

/** A fresh one-time token for `userId`; older ones stop working. */
export async function mintSignInToken(
  tx: Tx,
  userId: string,
  { nowMs, mintSecret }: { nowMs: number; mintSecret: MintSecret },
): Promise<string> {
  await tx.delete(signInLinks).where(eq(signInLinks.userId, userId));
  const token = mintSecret('');
  await tx.insert(signInLinks).values({ tokenHash: hashSecret(token), userId, expiresAt: new Date(nowMs + SIGN_IN_LINK_MS) });
  return token;
}

/** Uses up a one-time token. Null when it is unknown, used or too old: callers must not tell these apart. */
export async function redeemSignInToken(tx: Tx, token: string, nowMs: number): Promise<SessionOwner | null> {
  // Deleting is using: of two simultaneous requests one gets the row.
  const [link] = await tx
    .delete(signInLinks)
    .where(and(eq(signInLinks.tokenHash, hashSecret(token)), gt(signInLinks.expiresAt, new Date(nowMs))))
    .returning({ userId: signInLinks.userId });
  if (link === undefined) return null;
  const [user] = await tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(and(eq(users.id, link.userId), isNull(users.disabledAt)));
  return user === undefined ? null : { kind: 'person', ...user };
}

/** The token sits in the fragment, which browsers keep out of requests, logs and referrers. */
export function toSignInUrl(publicUrl: string, token: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/sign-in#${token}`;
}
