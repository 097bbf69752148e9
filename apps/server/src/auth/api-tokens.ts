/** API tokens: credentials of persons and machines for the management API, stored as SHA-256. */
import { and, eq, isNull } from 'drizzle-orm';
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

/** Makes `secret` an API token unless it ever was one: a revoked token stays revoked. */
export async function ensureApiToken(tx: Tx, name: string, secret: string): Promise<void> {
  await tx
    .insert(apiTokens)
    .values({ name, tokenHash: hashSecret(secret) })
    .onConflictDoNothing();
}
