/**
 * Server-side sessions: the cookie holds a secret, the table its hash, so that a session can be ended here.
 * A session ends 12 h after its last use and 7 days after sign-in, and with the API token that opened it.
 */
import { and, eq, gt, isNull, lt, or } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens, sessions, users } from '../db/identity-tables.ts';
import type { Actor } from './actor.ts';
import { isNotExpired, toTokenOwner } from './api-tokens.ts';
import { hashSecret, type MintSecret } from './secrets.ts';

export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_MAX_MS = 7 * 24 * 3_600_000;
/** Use is noted at most this often: a write per request would buy nothing. */
const TOUCH_EVERY_MS = 60_000;

export type SessionOwner = Exclude<Actor, { kind: 'system' }>;

export interface OpenSession {
  readonly owner: SessionOwner;
  readonly expiresAt: Date;
  readonly lastSeenAt: Date;
}

/** Opens a session; `secret` goes into the cookie and is nowhere else. Sessions that have ended are swept out. */
export async function openSession(tx: Tx, owner: SessionOwner, { nowMs, mintSecret }: { nowMs: number; mintSecret: MintSecret }) {
  await tx.delete(sessions).where(or(lt(sessions.expiresAt, new Date(nowMs)), lt(sessions.lastSeenAt, idleSince(nowMs))));
  const secret = mintSecret('');
  const expiresAt = new Date(nowMs + SESSION_MAX_MS);
  await tx.insert(sessions).values({
    tokenHash: hashSecret(secret),
    userId: owner.kind === 'person' ? owner.id : null,
    apiTokenId: owner.kind === 'person' ? null : owner.id,
    lastSeenAt: new Date(nowMs),
    expiresAt,
  });
  return { secret, expiresAt };
}

/** The session of a cookie's secret; null when unknown, ended, idle too long, or when its owner may not sign in any more. No use of it. */
export async function findSession(db: Database, secret: string, nowMs: number): Promise<OpenSession | null> {
  const [row] = await db
    .select({
      expiresAt: sessions.expiresAt,
      lastSeenAt: sessions.lastSeenAt,
      user: { id: users.id, name: users.name },
      token: { id: apiTokens.id, name: apiTokens.name, kind: apiTokens.kind },
    })
    .from(sessions)
    .leftJoin(users, and(eq(users.id, sessions.userId), isNull(users.disabledAt)))
    .leftJoin(apiTokens, and(eq(apiTokens.id, sessions.apiTokenId), isNull(apiTokens.revokedAt), isNotExpired()))
    .where(
      and(
        eq(sessions.tokenHash, hashSecret(secret)),
        gt(sessions.expiresAt, new Date(nowMs)),
        gt(sessions.lastSeenAt, idleSince(nowMs)),
      ),
    );
  if (row === undefined) return null;
  const owner = toOwner(row.user, row.token);
  return owner && { owner, expiresAt: row.expiresAt, lastSeenAt: row.lastSeenAt };
}

/** Puts off the idle end of the session of a cookie's secret. */
export async function noteUse(db: Database, secret: string, { lastSeenAt }: OpenSession, nowMs: number): Promise<void> {
  if (lastSeenAt.getTime() >= nowMs - TOUCH_EVERY_MS) return;
  await db
    .update(sessions)
    .set({ lastSeenAt: new Date(nowMs) })
    .where(eq(sessions.tokenHash, hashSecret(secret)));
}

/** Ends the session of a cookie's secret, if there is one. */
export async function endSession(db: Database, secret: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, hashSecret(secret)));
}

function toOwner(
  user: { readonly id: string; readonly name: string } | null,
  token: Parameters<typeof toTokenOwner>[0] | null,
): SessionOwner | null {
  if (user !== null) return { kind: 'person', ...user };
  return token === null ? null : toTokenOwner(token);
}

function idleSince(nowMs: number): Date {
  return new Date(nowMs - SESSION_IDLE_MS);
}
