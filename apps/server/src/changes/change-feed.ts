/**
 * Tells the delivery side where the database stands. A notification only wakes it, and may be lost; a poll of
 * the heads each second is what guarantees that every change is seen. Reads go through `onHeads`, one at a
 * time, so that a slow one never overtakes another. Not responsible for loading or sending anything.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { sql as statement } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Database, Sql } from '../db/client.ts';
import { ANSWER_MS, inTime } from '../db/in-time.ts';
import { CANARY_TIMES, type CanaryTimes, startChangeListener } from './change-listener.ts';
import { CIRCUMSTANCES, type Circumstances, type CircumstancesRow, toCircumstances } from './circumstances.ts';
import { coalesced } from './coalesced.ts';

/** The safety net's interval: how late a change may be seen whose notification was lost. */
const POLL_MS = 1_000;

/** A database that hangs must not keep the server from ending: what is still asked of it then is dropped. */
const CLOSE_PATIENCE_MS = 1_000;

export interface Head {
  readonly environmentId: string;
  readonly epoch: string;
  readonly revision: number;
  /** Commit of that revision, on the database's clock. */
  readonly committedAtMs: number;
}

/** What one poll found. */
export interface Heads extends Circumstances {
  /** When it was sent, on the clock that nobody sets: what was committed before it is in `heads`. */
  readonly beganMs: number;
  readonly heads: readonly Head[];
  /** Oldest schema version whose builds may write (db/schema-version.ts). */
  readonly minWriter: number;
  /** Database clock minus `now()`, in milliseconds; off by at most half the round trip. */
  readonly clockOffsetMs: number;
}

export interface ChangeFeedOptions {
  readonly sql: Sql;
  readonly db: Database;
  /** Where to listen: the same database, by a way that keeps sessions. */
  readonly listenUrl: string;
  readonly canary?: CanaryTimes;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
  /** A poll was not answered for seconds; called every 5 s for as long as it is not. */
  readonly onSilence?: () => void;
  /** The shared views of a project (null: of any) are others now, or may be. No poll makes up for one that was missed. */
  readonly onViews?: (project: string | null) => void;
  /** Awaited before the next poll starts. A rejection is logged and the next poll tries again. */
  readonly onHeads: (heads: Heads) => Promise<void>;
}

export interface ChangeFeed {
  /** Polls now; resolves after a poll that began after the call. Never rejects. */
  poll(): Promise<void>;
  /** Milliseconds since a poll last succeeded; infinite before the first. */
  silentMs(): number;
  close(): Promise<void>;
}

/** Listens and polls until closed; whoever needs the first poll asks for it. */
export function startChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  const { sql, log, monotonicMs, listenUrl, canary = CANARY_TIMES, onViews = () => undefined } = options;
  let closed = false;
  let lastSuccessMs = Number.NEGATIVE_INFINITY;
  let failing = false;

  async function pollOnce(): Promise<void> {
    if (closed) return;
    // Again and again: the connections that the first time led to may be silent as well.
    const silence = setInterval(() => options.onSilence?.(), ANSWER_MS);
    try {
      await options.onHeads(await inTime(readHeads(options)));
      lastSuccessMs = monotonicMs();
      if (failing) log.info('change feed: the database answers again');
      failing = false;
    } catch (error) {
      if (!failing && !closed) log.warn({ err: error }, 'change feed: poll failed, trying each second');
      failing = true;
    } finally {
      clearInterval(silence);
    }
  }

  const poll = coalesced(pollOnce);
  const timer = setInterval(() => void poll(), POLL_MS);
  const listener = startChangeListener({ url: listenUrl, sql, log, canary, onHint: () => void poll(), onViews });
  return {
    poll,
    silentMs: () => monotonicMs() - lastSuccessMs,
    close: async () => {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      await Promise.race([Promise.all([listener.close(), poll()]), delay(CLOSE_PATIENCE_MS)]);
    },
  };
}

interface PollRow extends CircumstancesRow {
  readonly heads: readonly Head[] | null;
  readonly min_writer: number | null;
  readonly now_ms: number;
}

/** The whole heads table: a filter by time would miss a transaction that began early and committed late. */
async function readHeads({ db, now, monotonicMs }: ChangeFeedOptions): Promise<Heads> {
  const beganMs = monotonicMs();
  const askedAtMs = now();
  const [row] = await db.execute<PollRow>(statement`
    select ${CIRCUMSTANCES},
      (select json_agg(json_build_object('environmentId', environment_id, 'epoch', epoch, 'revision', revision,
         'committedAtMs', floor(extract(epoch from committed_at) * 1000))) from environment_heads) as heads,
      (select min_writer from drizzle.schema_meta) as min_writer,
      extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`);
  if (row === undefined) throw new Error('The poll of the heads answered no row.');
  const middleMs = (askedAtMs + now()) / 2;
  return {
    ...toCircumstances(row),
    beganMs,
    heads: row.heads ?? [],
    minWriter: row.min_writer ?? 0,
    clockOffsetMs: row.now_ms - middleMs,
  };
}
