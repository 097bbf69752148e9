/**
 * When each SDK key was last used, as people see it: to the minute, written in the background, and never in the way of an
 * SDK. What cannot be written now is written a little later, or not at all.
 */
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import { inTime } from '../db/in-time.ts';

/** Between two stamps of one key by one server. */
const STAMP_EVERY_MS = 60_000;

export interface KeyUse {
  /** A request came in with this key. */
  note(keyId: string): void;
  /** Writes what is due, of keys that were noted and of those with open sockets. Never rejects; one call at a time works. */
  stamp(connectedIds: ReadonlySet<string>): Promise<void>;
}

export interface KeyUseOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

export function createKeyUse({ db, log, monotonicMs }: KeyUseOptions): KeyUse {
  const stampedAtMs = new Map<string, number>();
  const noted = new Set<string>();
  let stamping = false;

  async function write(ids: readonly string[]): Promise<void> {
    // Skips a row that a command or another server holds: a stamp is not worth a wait, and cannot deadlock.
    await db.execute(sql`
      update sdk_keys set last_used_at = clock_timestamp()
      where id in (select id from sdk_keys where id in ${ids} order by id for update skip locked)`);
  }

  return {
    note: (keyId) => noted.add(keyId),
    stamp: async (connectedIds) => {
      if (stamping) return;
      const dueMs = monotonicMs() - STAMP_EVERY_MS;
      const due = [...new Set([...noted, ...connectedIds])].filter((id) => (stampedAtMs.get(id) ?? dueMs) <= dueMs);
      // A use within the minute is covered by the stamp that it follows.
      noted.clear();
      if (due.length === 0) return;
      stamping = true;
      for (const id of due) stampedAtMs.set(id, monotonicMs());
      try {
        await inTime(write(due));
      } catch (error) {
        log.warn({ err: error }, 'the last use of SDK keys could not be written');
      } finally {
        stamping = false;
      }
    },
  };
}
