/**
 * Server-side sessions: the cookie holds a secret, the table its hash, so that a session can be ended here.
 * A session ends 12 h after its last use and 7 days after sign-in, and with the API token that opened it.
 */
import type { OpenSession as Listed } from '@yardarm/contract';
import { and, asc, desc, eq, gt, lt, or, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { sessions } from '../db/identity-tables.ts';
import type { Actor } from './actor.ts';
import { type TokenIdentity, toTokenOwner } from './api-tokens.ts';
import { joinRights, rightsIn, rightsOf, TOKEN_RIGHT, type TokenRight } from './grant-store.ts';
import type { Grant } from './policies.ts';
import { hashSecret, type MintSecret } from './secrets.ts';

export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_MAX_MS = 7 * 24 * 3_600_000;
/** Of the hash of the secret: enough to tell one's sessions apart, and of no use to whoever sees it. */
const ID_CHARS = 16;
const MAX_USER_AGENT_CHARS = 300;
/** Use is noted at most this often: a write per request would buy nothing. */
const TOUCH_EVERY_MS = 60_000;

export type SessionOwner = Exclude<Actor, { kind: 'system' }>;

export interface OpenSession {
  readonly owner: SessionOwner;
  /** Name of the person whose session it is, or whose personal token opened it. */
  readonly person: string | null;
  readonly grants: readonly Grant[];
  readonly expiresAt: Date;
  readonly lastSeenAt: Date;
}

export interface SignIn {
  readonly nowMs: number;
  readonly mintSecret: MintSecret;
  /** As the browser names itself. */
  readonly userAgent: string;
}

/** Opens a session; `secret` goes into the cookie and is nowhere else. Sessions that have ended are swept out. */
export async function openSession(tx: Tx, owner: SessionOwner, { nowMs, mintSecret, userAgent }: SignIn) {
  await tx.delete(sessions).where(or(lt(sessions.expiresAt, new Date(nowMs)), lt(sessions.lastSeenAt, idleSince(nowMs))));
  const secret = mintSecret('');
  const expiresAt = new Date(nowMs + SESSION_MAX_MS);
  await tx.insert(sessions).values({
    tokenHash: hashSecret(secret),
    userId: owner.kind === 'person' ? owner.id : null,
    apiTokenId: owner.kind === 'person' ? null : owner.id,
    lastSeenAt: new Date(nowMs),
    expiresAt,
    userAgent: userAgent.slice(0, MAX_USER_AGENT_CHARS),
  });
  return { secret, expiresAt };
}

/**
 * The session of a cookie's secret, with what its owner may; null when unknown, ended, idle too long, or when its owner may not sign in
 * any more. No use of it.
 */
export async function findSession(db: Database | Tx, secret: string, nowMs: number): Promise<OpenSession | null> {
  // One statement, written out: a kill waits for it.
  const rows = await db.execute<SessionRow>(sql`
    select s.expires_at, s.last_seen_at, u.id as person_id, u.name as person_name, t.id, t.name, t.kind, o.name as owner, ${TOKEN_RIGHT}
    from sessions s
    left join users u on u.id = s.user_id and u.disabled_at is null
    left join api_tokens t on t.id = s.api_token_id and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
    left join users o on o.id = t.user_id
    ${joinRights(sql`coalesce(u.id, t.user_id)`)}
    where s.token_hash = ${hashSecret(secret)} and s.expires_at > ${new Date(nowMs).toISOString()}
      and s.last_seen_at > ${idleSince(nowMs).toISOString()}`);
  const [row] = rows;
  if (row === undefined) return null;
  const times = { expiresAt: new Date(row.expires_at), lastSeenAt: new Date(row.last_seen_at) };
  const { person_id: id, person_name: name } = row;
  if (id !== null && name !== null)
    return { owner: { kind: 'person', id, name }, person: name, grants: rightsOf('person', rows), ...times };
  return row.id === null ? null : { owner: toTokenOwner(row), person: row.owner, grants: rightsIn(rows), ...times };
}

/** Without a token its columns are null, `id` among them. */
interface SessionRow extends TokenRight, TokenIdentity {
  readonly expires_at: string;
  readonly last_seen_at: string;
  readonly person_id: string | null;
  readonly person_name: string | null;
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
export async function endSession(db: Database | Tx, secret: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, hashSecret(secret)));
}

/** One's own, the newest use first. `secret`: of the cookie that asks, to mark its session. */
export async function listSessions(db: Database, owner: SessionOwner, secret: string | null, nowMs: number): Promise<Listed[]> {
  const rows = await db
    .select()
    .from(sessions)
    .where(and(isOf(owner), gt(sessions.expiresAt, new Date(nowMs)), gt(sessions.lastSeenAt, idleSince(nowMs))))
    .orderBy(desc(sessions.lastSeenAt), asc(sessions.tokenHash));
  const current = secret === null ? null : hashSecret(secret);
  return rows.map(({ tokenHash, userAgent, createdAt, lastSeenAt, expiresAt }) => ({
    id: tokenHash.slice(0, ID_CHARS),
    current: tokenHash === current,
    userAgent,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
}

/** False when `owner` has no session of that id. */
export async function endSessionById(db: Database, owner: SessionOwner, id: string): Promise<boolean> {
  const ended = await db
    .delete(sessions)
    .where(and(isOf(owner), eq(sql`left(${sessions.tokenHash}, ${ID_CHARS})`, id)))
    .returning({ tokenHash: sessions.tokenHash });
  return ended.length > 0;
}

export async function endAllSessions(db: Database, owner: SessionOwner): Promise<void> {
  await db.delete(sessions).where(isOf(owner));
}

function isOf(owner: SessionOwner) {
  return owner.kind === 'person' ? eq(sessions.userId, owner.id) : eq(sessions.apiTokenId, owner.id);
}

/** Ends every session of a person. */
export async function endSessions(tx: Tx, userId: string): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.userId, userId));
}

function idleSince(nowMs: number): Date {
  return new Date(nowMs - SESSION_IDLE_MS);
}
