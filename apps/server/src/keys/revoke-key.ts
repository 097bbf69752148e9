import type { CommandOf, SdkKey } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { sdkKeys } from '../db/schema.ts';
import { lockKey } from './find-key.ts';
import { presentKey, toKeyRecord } from './present-key.ts';

/** For good; SDKs that use the key are disconnected. Revoking a revoked key changes nothing. Throws `not_found`. */
export async function revokeKey({ tx, nowMs, record }: CommandContext, command: CommandOf<'key.revoke'>): Promise<SdkKey> {
  const { project, environment, row } = await lockKey(tx, command.target);
  if (row.revokedAt !== null) return presentKey(environment.key, row);
  const revoked = { ...row, revokedAt: new Date(nowMs) };
  await tx.update(sdkKeys).set({ revokedAt: revoked.revokedAt }).where(eq(sdkKeys.id, row.id));
  const change = { before: toKeyRecord(row), after: toKeyRecord(revoked) };
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'key', key: row.id, environmentId: environment.id, ...change }],
    bodies: [],
  });
  return presentKey(environment.key, revoked);
}
