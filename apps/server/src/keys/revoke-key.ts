import type { CommandOf, SdkKey } from '@yardarm/contract';
import { and, eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { presentKey } from './present-key.ts';

/** For good; SDKs that use the key are disconnected. Revoking a revoked key changes nothing. Throws `not_found`. */
export async function revokeKey({ tx, nowMs, record }: CommandContext, command: CommandOf<'key.revoke'>): Promise<SdkKey> {
  const { target } = command;
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const [row] = await tx
    .select()
    .from(sdkKeys)
    .where(and(eq(sdkKeys.id, target.id), eq(sdkKeys.environmentId, environment.id)))
    .for('update');
  if (row === undefined) throw new AppError('not_found', `Environment '${environment.key}' has no SDK key ${target.id}.`);
  if (row.revokedAt !== null) return presentKey(environment.key, row);
  const revoked = { ...row, revokedAt: new Date(nowMs) };
  await tx.update(sdkKeys).set({ revokedAt: revoked.revokedAt }).where(eq(sdkKeys.id, row.id));
  const { id, kind, name, prefix } = row;
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [
      {
        kind: 'key',
        key: id,
        environmentId: environment.id,
        before: { id, kind, name, prefix },
        after: { id, kind, name, prefix, revokedAt: revoked.revokedAt.toISOString() },
      },
    ],
    bodies: [],
  });
  return presentKey(environment.key, revoked);
}
