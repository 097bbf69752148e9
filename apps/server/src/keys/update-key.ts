import type { CommandOf, SdkKey } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { lockKey } from './find-key.ts';
import { presentKey, toKeyRecord } from './present-key.ts';

/** Name and allowed origins. Throws `not_found`, and `validation_failed` for origins of a server key. */
export async function updateKey({ tx, record }: CommandContext, command: CommandOf<'key.update'>): Promise<SdkKey> {
  const { project, environment, row } = await lockKey(tx, command.target);
  const { name = row.name, allowedOrigins = row.allowedOrigins } = command.input;
  if (row.kind === 'server' && allowedOrigins.length > 0) {
    const message = 'Only a client key has allowed origins: a server key is never used by a page.';
    throw new AppError('validation_failed', message, { details: [{ path: 'allowedOrigins', message }] });
  }
  const updated = { ...row, name, allowedOrigins };
  const change = { before: toKeyRecord(row), after: toKeyRecord(updated) };
  if (canonicalJson(change.before) === canonicalJson(change.after)) return presentKey(environment.key, row);
  await tx.update(sdkKeys).set({ name, allowedOrigins }).where(eq(sdkKeys.id, row.id));
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'key', key: row.id, environmentId: environment.id, ...change }],
    bodies: [],
  });
  return presentKey(environment.key, updated);
}
