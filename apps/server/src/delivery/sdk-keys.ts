/**
 * Active SDK keys in memory, by hash, so that SDKs are let in while the database is away. A key that is not
 * known here is looked up once more before it is refused: an SDK that is told 401 waits minutes, and a new
 * key may be a few milliseconds older than the next poll.
 */
import { and, eq, isNull } from 'drizzle-orm';
import { hashSecret } from '../auth/secrets.ts';
import type { Database } from '../db/client.ts';
import { sdkKeys } from '../db/schema.ts';

export interface SdkKey {
  readonly id: string;
  readonly environmentId: string;
  readonly kind: 'server' | 'client';
}

export interface SdkKeyCache {
  /** The active key with this secret, as far as memory knows. */
  find(secret: string): SdkKey | undefined;
  /** Same, asking the database about a secret that memory does not know. `unavailable`: it cannot be asked now. */
  resolve(secret: string): Promise<SdkKey | 'unknown' | 'unavailable'>;
  /** Reads the keys anew when the fingerprint is another one; answers the ids that are active no longer. */
  update(fingerprint: string): Promise<ReadonlySet<string>>;
}

/** Look-ups at the same time: whoever tries random keys must not fill the pool. */
const MAX_LOOKUPS = 4;
/** Longer than any secret that this server mints. */
const MAX_SECRET_CHARS = 512;

const COLUMNS = { id: sdkKeys.id, environmentId: sdkKeys.environmentId, kind: sdkKeys.kind, keyHash: sdkKeys.keyHash };

export function createSdkKeyCache(db: Database): SdkKeyCache {
  let byHash = new Map<string, SdkKey>();
  let known: string | undefined;
  let lookups = 0;

  async function lookUp(secret: string): Promise<SdkKey | 'unknown' | 'unavailable'> {
    const before = byHash;
    const keyHash = hashSecret(secret);
    const [row] = await db
      .select(COLUMNS)
      .from(sdkKeys)
      .where(and(eq(sdkKeys.keyHash, keyHash), isNull(sdkKeys.revokedAt)));
    // Keys were read anew meanwhile: that answer is the newer one, and may be a revocation.
    if (before !== byHash) return byHash.get(keyHash) ?? 'unknown';
    if (row === undefined) return 'unknown';
    const key: SdkKey = { id: row.id, environmentId: row.environmentId, kind: row.kind };
    byHash.set(keyHash, key);
    return key;
  }

  return {
    find: (secret) => byHash.get(hashSecret(secret)),
    resolve: async (secret) => {
      if (secret.length > MAX_SECRET_CHARS) return 'unknown';
      const found = byHash.get(hashSecret(secret));
      if (found !== undefined) return found;
      if (lookups >= MAX_LOOKUPS) return 'unavailable';
      lookups++;
      try {
        return await lookUp(secret);
      } catch {
        return 'unavailable';
      } finally {
        lookups--;
      }
    },
    update: async (fingerprint) => {
      if (fingerprint === known) return new Set();
      const rows = await db.select(COLUMNS).from(sdkKeys).where(isNull(sdkKeys.revokedAt));
      const gone = new Set([...byHash.values()].map((key) => key.id));
      byHash = new Map(rows.map(({ keyHash, ...key }) => [keyHash, key]));
      known = fingerprint;
      for (const { id } of rows) gone.delete(id);
      return gone;
    },
  };
}
