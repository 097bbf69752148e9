/** API tokens: credentials of persons and machines for the management API, stored as SHA-256. */
import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens } from '../db/schema.ts';
import { hashSecret } from './secrets.ts';
import type { SessionOwner } from './sessions.ts';

/** Whose token this is; null when unknown or revoked. */
export async function findApiToken(db: Database | Tx, secret: string): Promise<SessionOwner | null> {
  const [token] = await db
    .select({ id: apiTokens.id, name: apiTokens.name })
    .from(apiTokens)
    .where(and(eq(apiTokens.tokenHash, hashSecret(secret)), isNull(apiTokens.revokedAt)));
  return token === undefined ? null : { kind: 'token', ...token };
}

/**
 * Makes `secret` the one valid API token called `name`: any other of that name is revoked, and a former one that
 * comes back is accepted again. Two calls at once may leave two: the caller takes turns. Resolves with how many
 * were revoked.
 */
export async function ensureApiToken(tx: Tx, name: string, secret: string): Promise<number> {
  const tokenHash = hashSecret(secret);
  const former = and(eq(apiTokens.name, name), ne(apiTokens.tokenHash, tokenHash), isNull(apiTokens.revokedAt));
  const revoked = await tx.update(apiTokens).set({ revokedAt: sql`now()` }).where(former).returning({ id: apiTokens.id });
  await tx
    .insert(apiTokens)
    .values({ name, tokenHash })
    .onConflictDoUpdate({ target: apiTokens.tokenHash, set: { revokedAt: null }, setWhere: eq(apiTokens.name, name) });
  return revoked.length;
}
