/**
 * That an SDK key was used to let the server evaluate: by OFREP, or by flagd's sync, whose evaluations nobody counts. An environment of
 * which that is known has unknown coverage for the window of its project. Called by whatever serves keys in such a way.
 */
import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';

/** A stamp that is younger stays: of a window of days an hour is nothing. */
const STAMP_EVERY = sql`interval '1 hour'`;

export async function noteRemoteUse(
  db: Database,
  key: { readonly id: string; readonly environmentId: string },
  way: 'ofrep' | 'flagd',
): Promise<void> {
  await db.execute(sql`
    insert into remote_uses as known (key_id, way, environment_id, used_at)
    values (${key.id}, ${way}, ${key.environmentId}, clock_timestamp())
    on conflict (key_id, way) do update set used_at = excluded.used_at where known.used_at < excluded.used_at - ${STAMP_EVERY}`);
}
