import type { SdkKey } from '@yardarm/contract';
import type { sdkKeys } from '../db/schema.ts';

export type SdkKeyRow = typeof sdkKeys.$inferSelect;

/** Without the secret, which is answered once, by the command that makes the key. */
export function presentKey(environmentKey: string, row: SdkKeyRow): SdkKey {
  return {
    id: row.id,
    environment: environmentKey,
    kind: row.kind,
    name: row.name,
    prefix: row.prefix,
    allowedOrigins: row.allowedOrigins,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

/** A key as the history shows it: nothing that only its use changes, and nothing that is not there. */
export function toKeyRecord({ id, kind, name, prefix, allowedOrigins, expiresAt, revokedAt }: SdkKeyRow) {
  return {
    id,
    kind,
    name,
    prefix,
    ...(allowedOrigins.length > 0 && { allowedOrigins }),
    ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
    ...(revokedAt !== null && { revokedAt: revokedAt.toISOString() }),
  };
}
