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
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
