/** Reads API tokens, and who may administer which. */
import type { ApiToken } from '@yardarm/contract';
import { asc, desc, eq, type SQL } from 'drizzle-orm';
import { rightsByHolder } from '../auth/grant-store.ts';
import { can, type Principal } from '../auth/policies.ts';
import type { Database, Tx } from '../db/client.ts';
import { apiTokens, grants, users } from '../db/identity-tables.ts';
import { AppError } from '../errors.ts';

export interface StoredToken {
  readonly ownerId: string | null;
  readonly token: ApiToken;
}

/** The newest first, revoked and expired ones too. */
export async function listTokens(db: Database | Tx, where?: SQL): Promise<StoredToken[]> {
  const rows = await db
    .select({ token: apiTokens, owner: users.name })
    .from(apiTokens)
    .leftJoin(users, eq(users.id, apiTokens.userId))
    .where(where)
    .orderBy(desc(apiTokens.createdAt), asc(apiTokens.id));
  const theirs = await rightsByHolder(db, grants.apiTokenId);
  return rows.map(({ token, owner }) => ({
    ownerId: token.userId,
    token: {
      id: token.id,
      name: token.name,
      kind: token.kind,
      owner,
      prefix: token.prefix,
      grants: theirs.get(token.id) ?? [],
      createdBy: token.createdBy,
      createdAt: token.createdAt.toISOString(),
      expiresAt: token.expiresAt?.toISOString() ?? null,
      lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
      revokedAt: token.revokedAt?.toISOString() ?? null,
    },
  }));
}

/** Throws `not_found`, also for a token that is none of the caller's business. */
export async function findToken(db: Database | Tx, principal: Principal, id: string): Promise<ApiToken> {
  const [found] = await listTokens(db, eq(apiTokens.id, id));
  if (found === undefined || !mayAdminister(principal, found)) throw new AppError('not_found', `There is no API token ${id}.`);
  return found.token;
}

/** One's own; else whoever could give every right that the token has, and of people's own tokens whoever could disable them. */
export function mayAdminister(principal: Principal, { ownerId, token }: StoredToken): boolean {
  if (ownerId !== null)
    return (principal.actor.kind === 'person' && principal.actor.id === ownerId) || can(principal, 'user.disable', {});
  if (token.grants.length === 0) return can(principal, 'grant.create', {});
  return token.grants.every(({ project, environment }) =>
    can(principal, 'grant.create', { project: project ?? undefined, environment: environment ?? undefined }),
  );
}
