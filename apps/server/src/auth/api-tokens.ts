/** API tokens: credentials of persons and machines for the management API, stored as SHA-256. */
import { and, eq, isNotNull, isNull, lt, ne, or, sql } from 'drizzle-orm';
import { changeSets, changes } from '../db/audit-tables.ts';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens } from '../db/identity-tables.ts';
import { ensureFullGrant, JOINED_RIGHTS, rightsIn, TOKEN_RIGHT, type TokenRight } from './grant-store.ts';
import type { Grant } from './policies.ts';
import { hashSecret } from './secrets.ts';
import type { SessionOwner } from './sessions.ts';

/** Use is noted at most this often: a write per request would buy nothing. */
const STAMP_EVERY_MS = 60_000;

export interface FoundToken {
  readonly owner: SessionOwner;
  /** Of a personal token, its owner's name. */
  readonly person: string | null;
  readonly grants: readonly Grant[];
  /** Null: never. */
  readonly lastUsedAt: Date | null;
}

/** Whose token this is, and what it may; null when unknown, expired or revoked. No use of it. */
export async function findApiToken(db: Database | Tx, secret: string): Promise<FoundToken | null> {
  // One statement, written out: a kill waits for it.
  const rows = await db.execute<TokenRow>(sql`
    select t.id, t.name, t.kind, u.name as owner, t.last_used_at, ${TOKEN_RIGHT}
    from api_tokens t left join users u on u.id = t.user_id ${JOINED_RIGHTS}
    where t.token_hash = ${hashSecret(secret)} and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
      and u.disabled_at is null`);
  const [token] = rows;
  if (token === undefined) return null;
  const lastUsedAt = token.last_used_at === null ? null : new Date(token.last_used_at);
  return { owner: toTokenOwner(token), person: token.owner, grants: rightsIn(rows), lastUsedAt };
}

interface TokenRow extends TokenRight, TokenIdentity {
  readonly last_used_at: string | null;
}

/** Notes that a token was used, for whoever wonders whether it can go. */
export async function stampTokenUse(db: Database, { owner, lastUsedAt }: FoundToken, nowMs: number): Promise<void> {
  // Seen when the token was read, so that most requests ask nothing; of two at once the condition lets one write.
  if (lastUsedAt !== null && lastUsedAt.getTime() >= nowMs - STAMP_EVERY_MS) return;
  const isOld = or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, new Date(nowMs - STAMP_EVERY_MS)));
  await db
    .update(apiTokens)
    .set({ lastUsedAt: new Date(nowMs) })
    .where(and(eq(apiTokens.id, owner.id), isOld));
}

export interface TokenIdentity extends Pick<typeof apiTokens.$inferSelect, 'id' | 'name' | 'kind'> {
  /** Of a personal token, its owner's name. */
  readonly owner: string | null;
}

export function toTokenOwner({ id, name, kind, owner }: TokenIdentity): SessionOwner {
  return {
    kind: kind === 'agent' ? 'agent' : 'token',
    id,
    name: owner === null ? name : `${owner} (${name})`,
    breakGlass: kind === 'break_glass',
  };
}

/**
 * Makes `secret` the one valid API token called `name`: any other of that name is revoked, and a former one that
 * comes back is accepted again. It may do everything. One that somebody revoked stays revoked, and then nothing changes. Two
 * calls at once may leave two: the caller takes turns. Resolves with how many others were revoked.
 */
export async function ensureApiToken(tx: Tx, name: string, secret: string): Promise<number | 'refused'> {
  const tokenHash = hashSecret(secret);
  if (await wasRevokedByHand(tx, tokenHash)) return 'refused';
  const former = and(eq(apiTokens.name, name), ne(apiTokens.tokenHash, tokenHash), isNull(apiTokens.revokedAt));
  const revoked = await tx.update(apiTokens).set({ revokedAt: sql`now()` }).where(former).returning({ id: apiTokens.id });
  const [token] = await tx
    .insert(apiTokens)
    .values({ name, tokenHash })
    .onConflictDoUpdate({ target: apiTokens.tokenHash, set: { revokedAt: null }, setWhere: eq(apiTokens.name, name) })
    .returning({ id: apiTokens.id });
  if (token !== undefined) await ensureFullGrant(tx, { apiTokenId: token.id });
  return revoked.length;
}

/** The record tells it from a revocation by a newer value of the configuration, which has no command of its own. */
async function wasRevokedByHand(tx: Tx, tokenHash: string): Promise<boolean> {
  const found = await tx
    .select({ id: apiTokens.id })
    .from(apiTokens)
    .innerJoin(changes, and(eq(changes.kind, 'token'), eq(changes.key, sql`${apiTokens.id}::text`)))
    .innerJoin(changeSets, eq(changeSets.id, changes.changeSetId))
    .where(and(eq(apiTokens.tokenHash, tokenHash), isNotNull(apiTokens.revokedAt), eq(changeSets.command, 'token.revoke')))
    .limit(1);
  return found.length > 0;
}
