/**
 * Active SDK keys in memory, by hash, so that SDKs are let in while the database is away. A key that is not
 * known here is looked up once more before it is refused: an SDK that is told 401 waits minutes, and a new
 * key may be a few milliseconds older than the next poll.
 */
import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { hashSecret } from '../auth/secrets.ts';
import type { Database } from '../db/client.ts';
import { inTime } from '../db/in-time.ts';
import { sdkKeys } from '../db/schema.ts';

export interface SdkKey {
  readonly id: string;
  readonly environmentId: string;
  readonly kind: 'server' | 'client';
  /** Origins of the pages that may use it; empty: any. */
  readonly allowedOrigins: readonly string[];
  /** On the database's clock; null: it does not end by itself. */
  readonly expiresAtMs: number | null;
}

export interface SdkKeyCache {
  /** Every active key, by hash. */
  all(): ReadonlyMap<string, SdkKey>;
  /** The active key with this secret, as far as memory knows. */
  find(secret: string): SdkKey | undefined;
  /** Same, by its id. */
  findById(id: string): SdkKey | undefined;
  /** Same, asking the database about a secret that memory does not know. `unavailable`: it cannot be asked now. */
  resolve(secret: string): Promise<SdkKey | 'unknown' | 'unavailable'>;
  /** Reads the keys anew when the fingerprint is another one; answers the ids that are active no longer. Rejects when the database does not answer. */
  update(fingerprint: string): Promise<ReadonlySet<string>>;
}

/** Keys that are looked up at the same time: whoever tries random ones leaves a connection to what polls. */
export const MAX_LOOKUPS = 2;
/** Longer than any secret that this server mints. */
const MAX_SECRET_CHARS = 512;

const COLUMNS = {
  id: sdkKeys.id,
  environmentId: sdkKeys.environmentId,
  kind: sdkKeys.kind,
  allowedOrigins: sdkKeys.allowedOrigins,
  expiresAt: sdkKeys.expiresAt,
  keyHash: sdkKeys.keyHash,
};
const IS_ACTIVE = and(isNull(sdkKeys.revokedAt), or(isNull(sdkKeys.expiresAt), gt(sdkKeys.expiresAt, sql`clock_timestamp()`)));

export interface SdkKeyCacheOptions {
  readonly db: Database;
  /** The database's clock, epoch milliseconds: a key ends on time while the database is away, too. */
  readonly databaseNow: () => number;
  /** What was kept where there is no database to ask; by hash. */
  readonly kept?: ReadonlyMap<string, SdkKey>;
  /** Called when `all` has changed. */
  readonly onChange: () => void;
}

export function createSdkKeyCache({ db, databaseNow, kept = new Map(), onChange }: SdkKeyCacheOptions): SdkKeyCache {
  let byHash = new Map(kept);
  let known: string | undefined;
  /** By hash: many SDKs ask at once with one key, and wait for one answer. */
  const lookups = new Map<string, ReturnType<SdkKeyCache['resolve']>>();

  async function lookUp(secret: string): Promise<SdkKey | 'unknown' | 'unavailable'> {
    const before = byHash;
    const keyHash = hashSecret(secret);
    const [row] = await inTime(
      db
        .select(COLUMNS)
        .from(sdkKeys)
        .where(and(eq(sdkKeys.keyHash, keyHash), IS_ACTIVE)),
    );
    // Keys were read anew meanwhile: which of the two answers is the newer one only a third can tell.
    if (before !== byHash) return find(secret) ?? lookUp(secret);
    if (row === undefined) return 'unknown';
    const key = toSdkKey(row);
    byHash.set(keyHash, key);
    onChange();
    return key;
  }

  function find(secret: string): SdkKey | undefined {
    return unlessEnded(byHash.get(hashSecret(secret)));
  }

  function unlessEnded(key: SdkKey | undefined): SdkKey | undefined {
    return key?.expiresAtMs != null && key.expiresAtMs <= databaseNow() ? undefined : key;
  }

  /** Whether every key in memory is in the answer, or was in memory when it was asked for. */
  function isCovered(rows: readonly { readonly keyHash: string }[], asked: ReadonlySet<string>): boolean {
    const answered = new Set(rows.map((row) => row.keyHash));
    return [...byHash].every(([keyHash, { id }]) => answered.has(keyHash) || asked.has(id));
  }

  return {
    all: () => byHash,
    find,
    findById: (id) => {
      for (const key of byHash.values()) if (key.id === id) return unlessEnded(key);
      return undefined;
    },
    resolve: async (secret) => {
      if (secret.length > MAX_SECRET_CHARS) return 'unknown';
      const found = find(secret);
      if (found !== undefined) return found;
      const keyHash = hashSecret(secret);
      const begun = lookups.get(keyHash);
      if (begun !== undefined) return begun;
      if (lookups.size >= MAX_LOOKUPS) return 'unavailable';
      const answer = lookUp(secret)
        .catch(() => 'unavailable' as const)
        .finally(() => lookups.delete(keyHash));
      lookups.set(keyHash, answer);
      return answer;
    },
    update: async (fingerprint) => {
      if (fingerprint === known) return new Set();
      let gone: Set<string>;
      let rows: (Row & { readonly keyHash: string })[];
      do {
        gone = new Set([...byHash.values()].map((key) => key.id));
        rows = await inTime(db.select(COLUMNS).from(sdkKeys).where(IS_ACTIVE));
        // A key that was looked up meanwhile, and is not there, was made after this answer or revoked before it.
      } while (!isCovered(rows, gone));
      byHash = new Map(rows.map((row) => [row.keyHash, toSdkKey(row)]));
      known = fingerprint;
      for (const { id } of rows) gone.delete(id);
      onChange();
      return gone;
    },
  };
}

type Row = Pick<typeof sdkKeys.$inferSelect, 'id' | 'environmentId' | 'kind' | 'allowedOrigins' | 'expiresAt'>;

function toSdkKey({ id, environmentId, kind, allowedOrigins, expiresAt }: Row): SdkKey {
  return { id, environmentId, kind, allowedOrigins, expiresAtMs: expiresAt?.getTime() ?? null };
}
