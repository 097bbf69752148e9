import type { CommandOf, SdkKey } from '@yardarm/contract';
import { hashSecret, visiblePrefix } from '../auth/secrets.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { presentKey } from './present-key.ts';

/** How a key's text begins, so that people and secret scanners know what they found. */
export const KEY_PREFIXES = { server: 'ys_', client: 'yc_' } as const;

/** An SDK key of one environment; the answer is the only place where its secret ever appears. */
export async function createKey(
  { tx, mintSecret, record }: CommandContext,
  command: CommandOf<'key.create'>,
): Promise<SdkKey & { secret: string }> {
  const { kind, name } = command.input;
  const { project, environment } = await findEnvironment(tx, command.target.project, command.target.environment);
  const secret = mintSecret(KEY_PREFIXES[kind]);
  const [row] = await tx
    .insert(sdkKeys)
    .values({ environmentId: environment.id, kind, name, prefix: visiblePrefix(secret), keyHash: hashSecret(secret) })
    .onConflictDoNothing()
    .returning();
  if (row === undefined) throw new AppError('already_exists', 'This SDK key exists already.');
  const after = { id: row.id, kind, name, prefix: row.prefix };
  // No rule set changes, so no head is locked and no revision made.
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'key', key: row.id, environmentId: environment.id, before: null, after }],
    bodies: [],
  });
  return { ...presentKey(environment.key, row), secret };
}
