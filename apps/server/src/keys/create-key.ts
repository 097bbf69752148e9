import type { CommandOf, SdkKey } from '@yardarm/contract';
import { hashSecret, type MintSecret, visiblePrefix } from '../auth/secrets.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import type { Tx } from '../db/client.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { presentKey, type SdkKeyRow, toKeyRecord } from './present-key.ts';

/** How a key's text begins, so that people and secret scanners know what they found. */
const KEY_PREFIXES = { server: 'ys_', client: 'yc_' } as const;

/** An SDK key of one environment; the answer is the only place where its secret ever appears. */
export async function createKey(
  { tx, mintSecret, record }: CommandContext,
  command: CommandOf<'key.create'>,
): Promise<SdkKey & { secret: string }> {
  const { project, environment } = await findEnvironment(tx, command.target.project, command.target.environment);
  const { row, secret } = await insertKey(tx, environment.id, command.input, mintSecret);
  // No rule set changes, so no head is locked and no revision made.
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'key', key: row.id, environmentId: environment.id, before: null, after: toKeyRecord(row) }],
    bodies: [],
  });
  return { ...presentKey(environment.key, row), secret };
}

/** The row of a new key and its secret. Throws `already_exists`. */
export async function insertKey(
  tx: Tx,
  environmentId: string,
  { kind, name, allowedOrigins }: Pick<SdkKeyRow, 'kind' | 'name' | 'allowedOrigins'>,
  mintSecret: MintSecret,
): Promise<{ readonly row: SdkKeyRow; readonly secret: string }> {
  const secret = mintSecret(KEY_PREFIXES[kind]);
  const [row] = await tx
    .insert(sdkKeys)
    .values({ environmentId, kind, name, allowedOrigins, prefix: visiblePrefix(secret), keyHash: hashSecret(secret) })
    .onConflictDoNothing()
    .returning();
  if (row === undefined) throw new AppError('already_exists', 'This SDK key exists already.');
  return { row, secret };
}
