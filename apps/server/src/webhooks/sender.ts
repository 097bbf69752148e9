/**
 * Sends what the outbox holds. Several servers share the work: a delivery is claimed for a while, not locked, so that a
 * transaction never waits for a target. One message at a time to each target from each server, so that a slow one takes one
 * place and no more. What a server claimed and did not send, because it ended, is due again when the claim runs out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import { createOutageLog } from '../observability/outage-log.ts';
import { EGRESS_TIMEOUT_MS, EgressError } from './egress.ts';
import { loadTold } from './load-told.ts';
import { GIVE_UP_AFTER_MS, nextAttemptMs, pauseMs } from './retry.ts';
import { type SendingOptions, sendOne } from './send-one.ts';
import type { WebhookRow } from './webhook-store.ts';

const LOOK_EVERY_MS = 1_000;
const MAX_AT_ONCE = 8;
/** Longer than a message may take. */
const CLAIM_MS = 3 * EGRESS_TIMEOUT_MS;
/** A server that ends must not wait for a target that does not answer. */
const CLOSE_PATIENCE_MS = 1_000;
const TIDY_EVERY_MS = 60_000;
const KEPT_DAYS = 30;

export interface SenderOptions extends SendingOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** 0 to 1. */
  readonly random: () => number;
}

export interface Sender {
  /** Claims what is due now and resolves when all of it was sent or failed. Never rejects. */
  look(): Promise<void>;
  /** Claims nothing more, and waits a second for what is under way; what a target still sits on is sent again later. */
  close(): Promise<void>;
}

interface Claimed extends Pick<WebhookRow, 'id' | 'url' | 'format' | 'secret'> {
  readonly deliveryId: string;
  readonly changeSetId: bigint;
  readonly attempts: number;
  /** Database clock. */
  readonly createdAtMs: number;
  readonly nowMs: number;
}

export function startSender(options: SenderOptions): Sender {
  const { db, log } = options;
  const outbox = createOutageLog(
    log,
    'webhooks: the outbox cannot be read now, trying each second',
    'webhooks: the outbox can be read again',
  );
  const underWay = new Map<string, Promise<void>>();
  let closed = false;
  /** One at a time. */
  let filling: Promise<boolean> | null = null;
  let tidiedAtMs = Number.NEGATIVE_INFINITY;

  function fill(): Promise<boolean> {
    filling ??= claimDue().finally(() => {
      filling = null;
    });
    return filling;
  }

  /** Answers whether there may be more for targets that were busy. */
  async function claimDue(): Promise<boolean> {
    try {
      if (options.now() - tidiedAtMs >= TIDY_EVERY_MS) {
        tidiedAtMs = options.now();
        await tidy(db);
      }
      while (!closed && underWay.size < MAX_AT_ONCE) {
        const busy = [...underWay.keys()];
        const claimed = await claim(db, busy);
        outbox.works();
        if (claimed === null) return busy.length > 0;
        // Its place is free again before the next look, and then its next message has its turn.
        const sending = deliver(options, claimed).finally(() => underWay.delete(claimed.id));
        underWay.set(claimed.id, sending);
      }
      return !closed;
    } catch (error) {
      outbox.failed(error);
      return false;
    }
  }

  async function look(): Promise<void> {
    // What was busy while it was asked for more may be done before that is answered.
    for (let more = true; !closed && more; ) {
      more = (await fillAnew()) || underWay.size > 0;
      if (underWay.size > 0) await Promise.race(underWay.values());
    }
  }

  /** One that is under way may have asked before something was due, or while its target was busy. */
  async function fillAnew(): Promise<boolean> {
    await filling;
    return fill();
  }

  const timer = setInterval(() => void fill(), LOOK_EVERY_MS);
  return {
    look,
    close: async () => {
      closed = true;
      clearInterval(timer);
      await Promise.race([Promise.all(underWay.values()), delay(CLOSE_PATIENCE_MS)]);
    },
  };
}

async function deliver(options: SenderOptions, claimed: Claimed): Promise<void> {
  const { db, log } = options;
  try {
    const status = await sendOne(options, claimed, claimed.deliveryId, await loadTold(db, claimed.changeSetId));
    await noteSuccess(db, claimed, status);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    log.info(
      { webhookId: claimed.id, attempts: claimed.attempts, why: error instanceof EgressError ? sentence : 'failed' },
      'webhook not delivered',
    );
    const status = error instanceof EgressError ? error.status : null;
    await noteFailure(options, claimed, status, sentence).catch((err: unknown) =>
      log.warn({ err }, 'webhooks: a failure could not be noted'),
    );
  }
}

/** One delivery of a target that nobody here is sending to; null: nothing is due. */
async function claim(db: Database, busy: readonly string[]): Promise<Claimed | null> {
  const [row] = await db.execute<Record<string, unknown>>(sql`
    update webhook_deliveries d
    set attempts = d.attempts + 1, due_at = clock_timestamp() + make_interval(secs => ${CLAIM_MS / 1_000})
    from webhooks w
    where w.id = d.webhook_id and d.id = (
      select due.id from webhook_deliveries due join webhooks target on target.id = due.webhook_id
      where due.due_at <= clock_timestamp() and target.enabled
        and (target.paused_until is null or target.paused_until <= clock_timestamp())
        and target.id::text not in (select jsonb_array_elements_text(${JSON.stringify(busy)}::jsonb))
      order by due.due_at, due.id limit 1 for update of due skip locked)
    returning d.id::text as "deliveryId", d.change_set_id::text as "changeSetId", d.attempts,
      extract(epoch from d.created_at)::float8 * 1000 as "createdAtMs",
      extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs", w.id, w.url, w.format, w.secret`);
  return row === undefined ? null : ({ ...row, changeSetId: BigInt(String(row.changeSetId)) } as Claimed);
}

async function noteSuccess(db: Database, { id, deliveryId }: Claimed, status: number): Promise<void> {
  await db.execute(sql`
    with delivered as (
      update webhook_deliveries set due_at = null, delivered_at = clock_timestamp(), last_status = ${status}, last_error = null
      where id = ${deliveryId}::bigint)
    update webhooks set failures = 0, paused_until = null where id = ${id}`);
}

async function noteFailure(options: SenderOptions, claimed: Claimed, status: number | null, sentence: string): Promise<void> {
  const { id, deliveryId, attempts, createdAtMs, nowMs } = claimed;
  const nextMs = nextAttemptMs(attempts, createdAtMs, nowMs, options.random());
  const [webhook] = await options.db.execute<{ failures: number }>(sql`
    with failed as (
      update webhook_deliveries set due_at = ${nextMs === null ? null : new Date(nextMs).toISOString()}::timestamptz,
        last_status = ${status}, last_error = ${sentence}
      where id = ${deliveryId}::bigint)
    update webhooks set failures = failures + 1 where id = ${id} returning failures`);
  const waitMs = pauseMs(webhook?.failures ?? 0);
  if (waitMs === 0) return;
  await options.db.execute(sql`
    update webhooks set paused_until = clock_timestamp() + make_interval(secs => ${waitMs / 1_000}) where id = ${id}`);
}

/** Gives up what became too old while its target was paused or switched off, and forgets what is of no interest any more. */
async function tidy(db: Database): Promise<void> {
  await db.execute(sql`
    update webhook_deliveries set due_at = null, last_error = coalesce(last_error, 'It was too old when the target could be told.')
    where due_at is not null and created_at < clock_timestamp() - make_interval(secs => ${GIVE_UP_AFTER_MS / 1_000})`);
  await db.execute(sql`
    delete from webhook_deliveries where due_at is null and created_at < clock_timestamp() - make_interval(days => ${KEPT_DAYS})`);
}
