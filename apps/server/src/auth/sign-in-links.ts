/** One-time links: for one use, for a time that depends on their purpose, and only the newest of a user. */
import { and, eq, gt, inArray, isNull } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { signInLinks, users } from '../db/identity-tables.ts';
import { hashSecret, type MintSecret } from './secrets.ts';

/** `sign_in` opens a session; the others let their holder choose a password first, `set_up` a name as well. */
export type LinkPurpose = (typeof signInLinks.$inferSelect)['purpose'];

const HOUR_MS = 3_600_000;
export const LINK_MS = {
  sign_in: HOUR_MS,
  set_up: HOUR_MS,
  invite: 7 * 24 * HOUR_MS,
  reset: HOUR_MS,
} as const satisfies { readonly [P in LinkPurpose]: number };

/** Purposes of links that a password is chosen with. */
export const PASSWORD_PURPOSES = ['set_up', 'invite', 'reset'] as const;

export interface LinkOwner {
  readonly id: string;
  readonly name: string;
  readonly purpose: LinkPurpose;
}

/** A fresh one-time token for `userId`; older ones stop working. */
export async function mintLink(
  tx: Tx,
  { userId, purpose }: { readonly userId: string; readonly purpose: LinkPurpose },
  { nowMs, mintSecret }: { readonly nowMs: number; readonly mintSecret: MintSecret },
): Promise<string> {
  await endLinks(tx, userId);
  const token = mintSecret('');
  const expiresAt = new Date(nowMs + LINK_MS[purpose]);
  await tx.insert(signInLinks).values({ tokenHash: hashSecret(token), userId, purpose, expiresAt });
  return token;
}

export async function endLinks(tx: Tx, userId: string): Promise<void> {
  await tx.delete(signInLinks).where(eq(signInLinks.userId, userId));
}

/** Uses up a one-time token. Null when it is unknown, used, too old or for something else: callers must not tell these apart. */
export async function redeemLink(
  tx: Tx,
  token: string,
  purposes: readonly LinkPurpose[],
  nowMs: number,
): Promise<LinkOwner | null> {
  // Deleting is using: of two simultaneous requests one gets the row.
  const [link] = await tx
    .delete(signInLinks)
    .where(isUsable(token, purposes, nowMs))
    .returning({ userId: signInLinks.userId, purpose: signInLinks.purpose });
  if (link === undefined) return null;
  const [user] = await tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(and(eq(users.id, link.userId), isNull(users.disabledAt)));
  return user === undefined ? null : { ...user, purpose: link.purpose };
}

/** Whose link this is, without using it up; null as for `redeemLink`. */
export async function findLink(
  db: Database,
  token: string,
  purposes: readonly LinkPurpose[],
  nowMs: number,
): Promise<LinkOwner | null> {
  const [row] = await db
    .select({ id: users.id, name: users.name, purpose: signInLinks.purpose })
    .from(signInLinks)
    .innerJoin(users, and(eq(users.id, signInLinks.userId), isNull(users.disabledAt)))
    .where(isUsable(token, purposes, nowMs));
  return row ?? null;
}

function isUsable(token: string, purposes: readonly LinkPurpose[], nowMs: number) {
  return and(
    eq(signInLinks.tokenHash, hashSecret(token)),
    inArray(signInLinks.purpose, [...purposes]),
    gt(signInLinks.expiresAt, new Date(nowMs)),
  );
}

const PAGES = { sign_in: 'sign-in', set_up: 'set-up', invite: 'invite', reset: 'reset' } as const;

/** The token sits in the fragment, which browsers keep out of requests, logs and referrers. */
export function toLinkUrl(publicUrl: string, purpose: LinkPurpose, token: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/${PAGES[purpose]}#${token}`;
}
