/**
 * That SDK keys are used to let the server evaluate: by OFREP, or by flagd's sync, whose evaluations nobody counts. An environment of
 * which that is known has unknown coverage for the window of its project. Called by whatever serves keys in such a way, for each
 * request; written in the background, once an hour for a key, and never in its way.
 */
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';

/** Of a window of days an hour is nothing. */
const STAMP_EVERY_MS = 3_600_000;
/** One that could not be written is tried again with the next request after so long. */
const RETRY_MS = 10_000;

export type RemoteWay = 'ofrep' | 'flagd';

export interface RemoteUse {
  /** A key was used in this way just now. Never throws. */
  note(key: Pick<SdkKey, 'id' | 'environmentId'>, way: RemoteWay): void;
  /** Resolves when what was noted is written, or could not be. */
  settled(): Promise<void>;
}

export interface RemoteUseOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

export function createRemoteUse({ db, log, monotonicMs }: RemoteUseOptions): RemoteUse {
  const dueAtMs = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  async function write(key: Pick<SdkKey, 'id' | 'environmentId'>, way: RemoteWay): Promise<void> {
    try {
      await db.execute(sql`
        insert into remote_uses (key_id, way, environment_id, used_at) values (${key.id}, ${way}, ${key.environmentId}, clock_timestamp())
        on conflict (key_id, way) do update set used_at = excluded.used_at`);
    } catch (error) {
      dueAtMs.set(`${way} ${key.id}`, monotonicMs() + RETRY_MS);
      log.warn({ err: error, way }, 'that a key lets the server evaluate could not be written, trying on');
    }
  }

  return {
    note: (key, way) => {
      const id = `${way} ${key.id}`;
      if ((dueAtMs.get(id) ?? 0) > monotonicMs()) return;
      dueAtMs.set(id, monotonicMs() + STAMP_EVERY_MS);
      const written = write(key, way).finally(() => writing.delete(written));
      writing.add(written);
    },
    settled: async () => {
      await Promise.all(writing);
    },
  };
}
