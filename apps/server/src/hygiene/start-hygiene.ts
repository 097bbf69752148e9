/**
 * Looks after hygiene in the background: assesses every project about once a minute, and once a day lets its owners be told. One server
 * at a time, by a lock; nothing waits for it and nothing but these lists and messages depends on it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandOf } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../auth/actor.ts';
import { mintSecret } from '../auth/secrets.ts';
import { runCommand } from '../changes/run-command.ts';
import { ADVISORY_LOCK_CLASS, HYGIENE_LOCK } from '../db/advisory-locks.ts';
import type { Database } from '../db/client.ts';
import { projects } from '../db/schema.ts';
import { passGate } from '../governance/gate.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { assessProject } from './assess-project.ts';

const FIRST_LOOK_MS = 15_000;
const LOOK_EVERY_MS = 60_000;
/** Where there is more to assess the pause is longer, so that it never takes more than a twentieth of the time. */
const PAUSE_PER_WORK = 20;
/** In the morning of Europe, and before that of America: in hours of the day in UTC. */
const TELL_HOUR_UTC = 7;
const ACTOR: Actor = { kind: 'system', name: 'hygiene' };

export interface HygieneOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** The database's clock, epoch milliseconds; tests bring their own. */
  readonly databaseNow?: () => Promise<number>;
}

export interface Hygiene {
  /** Does not wait for what is under way, which ends with its pool. */
  close(): Promise<void>;
}

export function startHygiene(options: HygieneOptions): Hygiene {
  const ending = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
  async function run(): Promise<void> {
    await pause(FIRST_LOOK_MS);
    while (!ending.signal.aborted) {
      const beganMs = performance.now();
      await lookAfterHygiene(options, ending.signal).catch((error: unknown) =>
        options.log.warn({ err: error }, 'hygiene could not be assessed, trying on'),
      );
      await pause(Math.max(LOOK_EVERY_MS, PAUSE_PER_WORK * (performance.now() - beganMs)));
    }
  }
  void run();
  return { close: async () => ending.abort() };
}

/** Does what is due; nothing where another server is at it. */
export async function lookAfterHygiene(options: HygieneOptions, signal?: AbortSignal): Promise<void> {
  const { db } = options;
  await db.transaction(async (tx) => {
    const [lock] = await tx.execute<{ got: boolean }>(
      sql`select pg_try_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${HYGIENE_LOCK}) as got`,
    );
    if (lock?.got !== true) return;
    // What it guards takes longer than this transaction, which only holds the lock, may be idle.
    await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', '0', true)`);
    for (const project of await db.select().from(projects)) {
      if (signal?.aborted) return;
      const nowMs = await (options.databaseNow ?? (() => readClock(db)))();
      await assessProject(db, project, nowMs);
      if (new Date(nowMs).getUTCHours() >= TELL_HOUR_UTC) await tell(db, project, nowMs);
    }
  });
}

async function tell(db: Database, project: ProjectRow, nowMs: number): Promise<void> {
  const command: CommandOf<'hygiene.digest'> = { type: 'hygiene.digest', target: { project: project.key }, input: {} };
  const { grant } = passGate({ actor: ACTOR, grants: [], command, requestId: 'hygiene', idempotencyKey: null });
  await runCommand({ db, now: () => nowMs, mintSecret }, grant);
}

async function readClock(db: Database): Promise<number> {
  const [clock] = await db.execute<{ now_ms: number }>(
    sql`select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`,
  );
  if (clock === undefined) throw new Error('The database did not say what time it is.');
  return clock.now_ms;
}
