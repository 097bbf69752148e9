/**
 * Shares this server's receipts with all others on the same database, and reads theirs. A row is written soon after
 * something was counted, at most twice a second, and every few seconds besides, so that the row of a server that
 * is no more is known by its age. Nothing that serves SDKs waits for it: while the database is away this server
 * counts on alone.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { HubTimers } from './hub.ts';
import type { ReadRow, ReceiptStore, WrittenRow } from './receipt-store.ts';
import { hasReaders, type ReplicaReceipts } from './receipts.ts';

/** Gathers the first receipts of a revision into one row. */
const FIRST_WRITE_MS = 30;
const WRITE_EVERY_MS = 500;
export const HEARTBEAT_MS = 3_000;
/** After so many heartbeats without one a server is late, and the numbers may be off. */
const LATE_BEATS = 2;
/** After so many it is taken for dead and counts no more: readers that it had are elsewhere by then. */
const DEAD_BEATS = 3;
const DROP_BEATS = 20;
/** Whoever asks gets the receipts of this server alone after it. */
const READ_PATIENCE_MS = 400;
/** Of a statement of milliseconds. One that a silent connection swallowed is asked again, over another one, before the row is late. */
const STORE_PATIENCE_MS = 1_000;
const CLOSE_PATIENCE_MS = 1_000;

export interface ReceiptShareOptions {
  readonly store: ReceiptStore;
  /** What this server counts; undefined: it does not serve the environment. */
  readonly own: (environmentId: string) => ReplicaReceipts | undefined;
  /** Environments in which it counts anybody. */
  readonly attended: () => Iterable<string>;
  readonly heartbeatMs: number;
  /** How long the database has been answering without a break. */
  readonly answeringForMs: () => number;
  readonly timers: Pick<HubTimers, 'repeat' | 'delay'>;
  readonly log: FastifyBaseLogger;
}

export interface Others {
  readonly receipts: readonly ReplicaReceipts[];
  /** False: one of them is late or cannot be read, the database did not answer, or not for long enough to have heard all of them. */
  readonly complete: boolean;
}

export interface ReceiptShare {
  /** Something was counted in this environment. Cheap: it is called for every receipt. */
  note(environmentId: string): void;
  /** What other servers count. Resolves within READ_PATIENCE_MS and never rejects. */
  others(environmentId: string): Promise<Others>;
  /** Others stop counting this server at once. */
  close(): Promise<void>;
}

export function createReceiptShare(options: ReceiptShareOptions): ReceiptShare {
  const { store, own, attended, heartbeatMs, answeringForMs, timers, log } = options;
  const noted = new Set<string>();
  let running = false;
  let writing: Promise<void> = Promise.resolve();
  /** In a row. */
  let failures = 0;
  let closed = false;
  let batch: { readonly ids: Set<string>; readonly rows: Promise<readonly ReadRow[]> } | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  const stopBeating = timers.repeat(beat, heartbeatMs);

  function beat(): void {
    for (const environmentId of attended()) noted.add(environmentId);
    if (noted.size > 0 && !running) void run();
  }

  /** Writes until nothing is left to write. */
  async function run(): Promise<void> {
    running = true;
    await timers.delay(FIRST_WRITE_MS);
    while (noted.size > 0 && !closed) {
      writing = write();
      await writing;
      // The first failure may be of one connection alone; a database that is away is left in peace.
      await timers.delay(failures > 1 ? heartbeatMs : WRITE_EVERY_MS);
    }
    running = false;
  }

  async function write(): Promise<void> {
    const rows: WrittenRow[] = [];
    for (const environmentId of noted) {
      const receipts = own(environmentId);
      if (receipts !== undefined) rows.push({ environmentId, receipts });
    }
    noted.clear();
    const again = () => {
      for (const { environmentId } of rows) note(environmentId);
    };
    const written = store.write(rows, DROP_BEATS * heartbeatMs);
    try {
      await inTime(written);
      failures = 0;
    } catch (error) {
      if (failures === 0 && !closed) log.warn({ err: error }, 'receipts: other servers do not learn of ours, trying on');
      failures += 1;
      again();
      // One that was only late may have taken the place of a newer one.
      written.then(again, () => undefined);
    }
  }

  async function inTime<T>(asked: Promise<T>): Promise<T> {
    const silence = timers.delay(STORE_PATIENCE_MS).then(() => {
      throw new Error(`The database did not answer within ${STORE_PATIENCE_MS / 1_000} s.`);
    });
    return Promise.race([asked, silence]);
  }

  function note(environmentId: string): void {
    noted.add(environmentId);
    if (!running) void run();
  }

  /** At most one read is under way and one waits, whoever asks for how many environments. */
  function read(environmentId: string): Promise<readonly ReadRow[]> {
    if (batch === undefined) {
      const ids = new Set<string>();
      const rows = reading.then(() => {
        batch = undefined;
        return inTime(store.readOthers([...ids]));
      });
      reading = rows.catch(() => undefined);
      batch = { ids, rows };
    }
    batch.ids.add(environmentId);
    return batch.rows;
  }

  return {
    note,
    others: async (environmentId) => {
      const patience = timers.delay(READ_PATIENCE_MS).then(() => null);
      const rows = await Promise.race([read(environmentId).catch(() => null), patience]);
      if (rows === null) return { receipts: [], complete: false };
      const living = rows.filter((row) => row.environmentId === environmentId && row.ageMs < DEAD_BEATS * heartbeatMs);
      const inTime = ({ receipts, ageMs }: ReadRow) =>
        // The last row about readers that have left is written once: of nobody it is never late.
        receipts !== null && (ageMs < LATE_BEATS * heartbeatMs || !hasReaders(receipts));
      // After a restart or a hang of the database the row of a server that lives may be missing, or look old, until it is written again.
      const complete = answeringForMs() >= LATE_BEATS * heartbeatMs && living.every(inTime);
      return { receipts: living.flatMap(({ receipts }) => receipts ?? []), complete };
    },
    close: async () => {
      closed = true;
      stopBeating();
      // A write that is under way would come after it. What cannot be dropped now is dropped for its age.
      const forgotten = writing.then(() => store.forget()).catch(() => undefined);
      await Promise.race([forgotten, timers.delay(CLOSE_PATIENCE_MS)]);
    },
  };
}
