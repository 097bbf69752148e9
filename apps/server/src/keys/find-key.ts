/** Reads one SDK key for a command that will change it. */
import { and, eq } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findEnvironment } from '../projects/project-store.ts';

export interface KeyTarget {
  readonly project: string;
  readonly environment: string;
  readonly id: string;
}

/** Locks the key's row until the end of the transaction. Throws `not_found`. */
export async function lockKey(tx: Tx, target: KeyTarget) {
  const { project, environment } = await findEnvironment(tx, target.project, target.environment);
  const [row] = await tx
    .select()
    .from(sdkKeys)
    .where(and(eq(sdkKeys.id, target.id), eq(sdkKeys.environmentId, environment.id)))
    .for('update');
  if (row === undefined) throw new AppError('not_found', `Environment '${environment.key}' has no SDK key ${target.id}.`);
  return { project, environment, row };
}
