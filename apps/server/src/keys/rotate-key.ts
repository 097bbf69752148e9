import type { CommandOf, SdkKey } from '@yardarm/contract';
import { eq, sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { sdkKeys } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { insertKey } from './create-key.ts';
import { lockKey } from './find-key.ts';
import { presentKey, toKeyRecord } from './present-key.ts';

/**
 * A new key of the same kind, name and origins; the old one ends after the overlap, or when it would have ended anyway.
 * Throws `not_found` for a key that has ended: what nobody uses is replaced by a new key.
 */
export async function rotateKey(
  { tx, mintSecret, record }: CommandContext,
  command: CommandOf<'key.rotate'>,
): Promise<SdkKey & { secret: string }> {
  const { project, environment, row } = await lockKey(tx, command.target);
  // The database's clock throughout: it is what every replica's delivery lets keys end by.
  const [ended] = await tx
    .update(sdkKeys)
    .set({ expiresAt: sql`least(expires_at, clock_timestamp() + make_interval(secs => ${command.input.overlapHours * 3_600}))` })
    .where(sql`${eq(sdkKeys.id, row.id)} and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`)
    .returning();
  if (ended === undefined)
    throw new AppError('not_found', `SDK key '${row.name}' (${row.prefix}…) has ended already; make a new key instead.`);
  const made = await insertKey(tx, environment.id, row, mintSecret);
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [
      { kind: 'key', key: made.row.id, environmentId: environment.id, before: null, after: toKeyRecord(made.row) },
      { kind: 'key', key: row.id, environmentId: environment.id, before: toKeyRecord(row), after: toKeyRecord(ended) },
    ],
    bodies: [],
  });
  return { ...presentKey(environment.key, made.row), secret: made.secret };
}
