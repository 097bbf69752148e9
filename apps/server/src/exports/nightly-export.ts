/**
 * A verified export each night, seven kept. The record of the instance says when the last one was taken, on the database's
 * clock, so that one of several servers takes it, a server that was down catches up, and people see it in the history. A lock
 * keeps two from working at once; nothing but work depends on it.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CommandOf, readExport } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../auth/actor.ts';
import { mintSecret } from '../auth/secrets.ts';
import { runCommand } from '../changes/run-command.ts';
import { ADVISORY_LOCK_CLASS, NIGHTLY_EXPORT_LOCK } from '../db/advisory-locks.ts';
import type { Database } from '../db/client.ts';
import { passGate } from '../governance/gate.ts';
import { ENTITY_TYPES, rowSchema } from './entity-types.ts';
import { writeExport } from './write-export.ts';

/** When a night's export is due, in hours of the day in UTC. */
const HOUR_UTC = 2;
const KEPT = 7;
const LOOK_EVERY_MS = 5 * 60_000;
const CLOSE_PATIENCE_MS = 1_000;
const DAY_MS = 24 * 3_600_000;
const FILE_NAME = /^yardarm-\d{8}T\d{6}Z\.jsonl$/;
const DRAFT_NAME = /^yardarm-\d{8}T\d{6}Z\.jsonl\.draft$/;
const ACTOR: Actor = { kind: 'system', name: 'nightly export' };

export interface NightlyExportOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Made where it is missing, for its owner only. */
  readonly directory: string;
  readonly version: string;
  /** The database's clock, epoch milliseconds; tests bring their own. */
  readonly databaseNow?: () => Promise<number>;
}

export interface NightlyExports {
  /** Takes an export if one is due. Never rejects; false when it was due and failed. */
  look(): Promise<boolean>;
  /** Waits a second for the one under way: after the next start another is taken in its place. */
  close(): Promise<void>;
}

/** Looks now and every five minutes, so that what failed is tried again. */
export function startNightlyExports(options: NightlyExportOptions): NightlyExports {
  const { log, directory } = options;
  let looking: Promise<boolean> | undefined;
  const lookOnce = async () => {
    try {
      await takeIfDue(options);
      return true;
    } catch (error) {
      log.error(
        { err: error, directory },
        'the nightly export FAILED: there is no newer one than the last; trying again in five minutes',
      );
      return false;
    }
  };
  const look = () => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  void look();
  return {
    look,
    close: async () => {
      clearInterval(timer);
      await Promise.race([looking, delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

async function takeIfDue(options: NightlyExportOptions): Promise<void> {
  const { db, log, directory } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await db.transaction(async (tx) => {
    const [lock] = await tx.execute<{ got: boolean }>(
      sql`select pg_try_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${NIGHTLY_EXPORT_LOCK}) as got`,
    );
    if (lock?.got !== true) return;
    // The export takes longer than this transaction may be idle.
    await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', '0', true)`);
    const nowMs = await (options.databaseNow ?? (() => readClock(db)))();
    const names = await listExports(directory);
    if (names.length > 0 && !isDue(nowMs, await readLast(db))) return;
    const path = join(directory, nameOf(nowMs));
    await takeVerified(options, path);
    await recordIt(db, nowMs);
    for (const name of (await listExports(directory)).slice(0, -KEPT)) await rm(join(directory, name), { force: true });
    log.info({ path }, 'nightly export taken and verified');
  });
}

/** True when no export was taken since the hour of the night passed last. @param lastMs null: never */
export function isDue(nowMs: number, lastMs: number | null): boolean {
  const sinceHourMs = (((nowMs - HOUR_UTC * 3_600_000) % DAY_MS) + DAY_MS) % DAY_MS;
  return lastMs === null || lastMs < nowMs - sinceHourMs;
}

/** Only a file that was read back whole gets a name that counts. */
async function takeVerified({ db, directory, version }: NightlyExportOptions, path: string): Promise<void> {
  const draft = `${path}.draft`;
  // Of a server that ended in the middle of one.
  for (const name of await readdir(directory)) if (DRAFT_NAME.test(name)) await rm(join(directory, name), { force: true });
  try {
    // With secrets: it is for the day on which the database is lost, and lies beside it.
    await writeExport(db, draft, { secrets: true, history: false, version });
    await verify(draft);
    await rename(draft, path);
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
  } finally {
    await rm(draft, { force: true });
  }
}

/** Whole, and each line as an import wants it. */
async function verify(path: string): Promise<void> {
  const schemas = new Map(ENTITY_TYPES.map((type) => [type.type, rowSchema(type, { secrets: true })]));
  for await (const { number, type, value } of readExport(createReadStream(path), createHash('sha256'))) {
    const checked = schemas.get(type)?.safeParse(value.row);
    if (checked?.success === false) throw new Error(`Line ${number} could not be imported: ${checked.error.message}`);
  }
}

async function recordIt(db: Database, nowMs: number): Promise<void> {
  const command: CommandOf<'instance.export'> = { type: 'instance.export', target: {}, input: { secrets: true, history: false } };
  const { grant } = passGate({ actor: ACTOR, grants: [], command, requestId: 'nightly-export', idempotencyKey: null });
  await runCommand({ db, now: () => nowMs, mintSecret }, grant);
}

async function readLast(db: Database): Promise<number | null> {
  const [last] = await db.execute<{ at_ms: number }>(sql`
    select extract(epoch from created_at)::float8 * 1000 as at_ms from change_sets
    where project_id is null and command = 'instance.export' and actor_kind = ${ACTOR.kind} and actor = ${ACTOR.name}
    order by id desc limit 1`);
  return last?.at_ms ?? null;
}

async function readClock(db: Database): Promise<number> {
  const [row] = await db.execute<{ now_ms: number }>(sql`select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`);
  if (row === undefined) throw new Error('The database did not say what time it is.');
  return row.now_ms;
}

/** Oldest first. */
async function listExports(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => FILE_NAME.test(name)).sort();
}

function nameOf(nowMs: number): string {
  return `yardarm-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.jsonl`;
}
