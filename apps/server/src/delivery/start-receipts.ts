/** Composition of receipts: sockets and pollers -> books of this server -> rows that all servers share -> one answer. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipts } from '@yardarm/contract';
import type { PolledReceipt } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../db/client.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';
import type { Arrival } from './convergence-log.ts';
import { createDeliveryMetrics, type DeliveryMetrics } from './delivery-metrics.ts';
import type { FleetReader } from './fleet.ts';
import { nodeTimers } from './hub.ts';
import type { NotificationHub } from './notification-hub.ts';
import { ownReaders, ownReceipts } from './own-receipts.ts';
import { createPollers } from './pollers.ts';
import { createReceiptBooks, type ReceiptBooks } from './receipt-books.ts';
import { createReceiptShare } from './receipt-share.ts';
import { createReceiptStore } from './receipt-store.ts';
import { createReceiptStream } from './receipt-stream.ts';
import { mergeReceipts, type ReplicaReceipts } from './receipts.ts';
import type { SdkKey } from './sdk-keys.ts';

export interface ReceiptDependencies {
  readonly db: Database;
  readonly environment: RuleSetCache['get'];
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Database clock minus `now()`. */
  readonly clockOffsetMs: () => number;
  /** How often this server tells others that its receipts still stand; all servers keep the same. */
  readonly heartbeatMs: number;
  /** How long the database has been answering without a break. */
  readonly answeringForMs: () => number;
  /** An instance that was connected at a commit runs it; told a moment after it. */
  readonly onArrival: (arrival: Arrival) => void;
  /** Open admin UIs. */
  readonly audience: Pick<NotificationHub, 'isHeard' | 'tell'>;
}

export interface StartedReceipts {
  readonly books: ReceiptBooks;
  readonly metrics: DeliveryMetrics;
  /** An environment has a newer revision: call it in the turn in which its served state was swapped. */
  advance(served: ServedEnvironment): void;
  /** A reader without a stream said what it runs. */
  onPolled(key: SdkKey, receipt: PolledReceipt): void;
  /** Those that are connected to this server, by a stream or as pollers. */
  readers(): Iterable<FleetReader>;
  /** Of all servers, or of this one alone while the database is away. Never rejects. */
  read(served: ServedEnvironment): Promise<Receipts>;
  close(): Promise<void>;
}

export function startReceipts(dependencies: ReceiptDependencies): StartedReceipts {
  const { db, environment, log, now, clockOffsetMs, heartbeatMs, answeringForMs, onArrival, audience } = dependencies;
  const pollers = createPollers();
  const polled = new Set<string>();
  const databaseNow = () => now() + clockOffsetMs();
  const books = createReceiptBooks({
    environment,
    now,
    clockOffsetMs,
    onChange: (environmentId) => share.note(environmentId),
    onConverged: (served, kind, app, ms) => metrics.converged(served, kind, app.name, ms),
  });
  const sources = { books, pollers };
  // Nobody waits for receipts at the end of a server.
  const timers = { repeat: nodeTimers.repeat, delay: (ms: number) => delay(ms, undefined, { ref: false }) };
  const store = createReceiptStore(db, randomUUID());
  const share = createReceiptShare({ store, own: ownById, attended, heartbeatMs, answeringForMs, timers, log });

  const metrics = createDeliveryMetrics(
    () =>
      [...new Set(attended())].flatMap((environmentId) => {
        const served = environment(environmentId);
        return served === undefined ? [] : { served, receipts: ownReceipts(sources, served, databaseNow()) };
      }),
    onArrival,
  );

  function ownById(environmentId: string): ReplicaReceipts | undefined {
    const served = environment(environmentId);
    return served && ownReceipts(sources, served, databaseNow());
  }

  function attended(): Iterable<string> {
    for (const id of polled) {
      if (pollers.list(id, databaseNow()).length > 0) continue;
      polled.delete(id);
      // Others are told that nobody is left, and do not wait for more.
      share.note(id);
    }
    return [...polled, ...books.attended()];
  }

  function* readers(): Iterable<FleetReader> {
    for (const id of new Set(attended())) yield* ownReaders(sources, id, environment(id), databaseNow());
  }

  async function read(served: ServedEnvironment): Promise<Receipts> {
    const { environmentId, environment: key } = served.rules;
    const others = await share.others(environmentId);
    // Of the state that is served by now: the books are of no other.
    const own = ownReceipts(sources, environment(environmentId) ?? served, databaseNow());
    return mergeReceipts(key, [own, ...others.receipts], others.complete);
  }

  const stream = createReceiptStream({
    environment,
    read,
    isHeard: audience.isHeard,
    tell: (project, receipts) => audience.tell(project, { kind: 'receipts', ...receipts }),
    delay: timers.delay,
  });

  return {
    books,
    metrics,
    onPolled: (key, receipt) => {
      polled.add(key.environmentId);
      if (pollers.note(key, receipt, databaseNow())) share.note(key.environmentId);
    },
    advance: (served) => {
      books.advance(served);
      stream.advance(served.rules.environmentId);
    },
    readers,
    read,
    close: async () => {
      stream.close();
      await share.close();
    },
  };
}
