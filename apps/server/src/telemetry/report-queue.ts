/**
 * Reports on their way into the database: gathered for about a second, written together, and confirmed when they are there. Bounded:
 * what has no room, and everything while the database is away, is refused so that the SDK keeps it and sends it again. Nothing is
 * kept here that was confirmed.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { AppError } from '../errors.ts';
import { createOutageLog } from '../observability/outage-log.ts';
import type { AcceptedReport } from './merge-counts.ts';
import type { ReadReport } from './read-report.ts';
import type { WrittenReports } from './report-store.ts';

/** Gathers a second of reports into one transaction. */
const GATHER_MS = 1_000;
/** Where more waits than one write takes the next follows after as long as that took: the database has others to serve. */
const MAX_PAUSE_MS = 2_000;
/** Counts in one transaction: those of the same series are one row. */
const MAX_WRITE_COUNTS = 20_000;
/** A write that takes longer answers nobody; when it comes through nevertheless, the repetition counts nothing. */
const PATIENCE_MS = 4_000;
/** Reports may be empty. Client keys are public: together they have half, so that no flood of theirs refuses a server key. */
const MAX_WAITING = { all: { counts: 50_000, reports: 5_000 }, client: { counts: 25_000, reports: 2_500 } } as const;
const RETRY_SECONDS = { full: 5, away: 15, behind: 1 } as const;

export interface ReportQueue {
  /** Resolves when the report is written, or was before. Rejects with `unavailable`: it has to be sent again. */
  take(key: SdkKey, report: ReadReport): Promise<void>;
  /** Writes what waits, and takes no more. */
  close(): Promise<void>;
}

export interface ReportQueueOptions {
  readonly write: (reports: readonly AcceptedReport[]) => Promise<WrittenReports>;
  readonly onWritten: (written: WrittenReports, given: number) => void;
  readonly timers: QueueTimers;
  readonly log: FastifyBaseLogger;
}

export interface QueueTimers {
  delay(delayMs: number): Promise<unknown>;
  /** A clock that never runs backwards. */
  nowMs(): number;
}

/** What waits, without what is being written. */
interface Held {
  readonly counts: number;
  readonly reports: number;
}
const NOTHING: Held = { counts: 0, reports: 0 };

interface Waiting extends AcceptedReport {
  readonly written: Promise<void>;
  readonly settle: (error?: AppError) => void;
}

export function createReportQueue({ write, onWritten, timers, log }: ReportQueueOptions): ReportQueue {
  const waiting = new Map<string, Waiting>();
  /** In the transaction that is under way. */
  let writing = new Map<string, Waiting>();
  let held = { all: NOTHING, client: NOTHING };
  let running: Promise<void> | null = null;
  let closed = false;
  let end = () => {};
  const ending = new Promise<void>((resolve) => {
    end = resolve;
  });
  const outage = createOutageLog(
    log,
    'telemetry could not be written: SDKs keep it and send it again',
    'telemetry is written again',
  );
  /** A write that did not end in time, until it does. */
  let stuck: Promise<unknown> | null = null;

  const hasRoom = (whose: keyof typeof held, { counts }: ReadReport) =>
    held[whose].reports < MAX_WAITING[whose].reports && held[whose].counts + counts.length <= MAX_WAITING[whose].counts;
  const pause = (ms: number) => Promise.race([timers.delay(ms), ending]);

  function hold({ key, report }: AcceptedReport, times: 1 | -1): void {
    const changed = ({ counts, reports }: Held): Held => ({
      counts: counts + times * report.counts.length,
      reports: reports + times,
    });
    held = { all: changed(held.all), client: key.kind === 'client' ? changed(held.client) : held.client };
  }

  async function run(): Promise<void> {
    await pause(GATHER_MS);
    while (waiting.size > 0) {
      const startedMs = timers.nowMs();
      const isMore = await writeSome();
      const tookMs = timers.nowMs() - startedMs;
      await pause(isMore ? Math.min(tookMs, MAX_PAUSE_MS) : GATHER_MS);
    }
    running = null;
  }

  /** Answers whether it left some because of their number. */
  async function writeSome(): Promise<boolean> {
    let size = 0;
    writing = new Map();
    for (const [identity, one] of waiting) {
      if (size > 0 && size + one.report.counts.length > MAX_WRITE_COUNTS) break;
      size += one.report.counts.length;
      waiting.delete(identity);
      hold(one, -1);
      writing.set(identity, one);
    }
    const isMore = waiting.size > 0;
    const written = write([...writing.values()]);
    const outcome = await Promise.race([
      written.catch((error: unknown) => ({ error })),
      timers.delay(PATIENCE_MS).then(() => undefined),
    ]);
    if (isWritten(outcome)) {
      outage.works();
      onWritten(outcome, writing.size);
      for (const { settle } of writing.values()) settle();
    } else {
      outage.failed(outcome?.error ?? new Error(`The database did not write it within ${PATIENCE_MS / 1_000} s.`));
      for (const { settle } of writing.values()) settle(away());
      if (outcome === undefined) await waitOut(written);
    }
    writing = new Map();
    return isMore;
  }

  /** Nothing else is written before it: what it does is not known. */
  async function waitOut(written: Promise<unknown>): Promise<void> {
    stuck = written.catch(() => undefined);
    for (const { settle } of waiting.values()) settle(away());
    waiting.clear();
    held = { all: NOTHING, client: NOTHING };
    await stuck;
    stuck = null;
  }

  return {
    take: async (key, report) => {
      const identity = `${key.id} ${report.instance}`;
      const before = waiting.get(identity) ?? writing.get(identity);
      if (before !== undefined) {
        if (before.report.seq === report.seq) return before.written;
        throw refusal(
          'An instance has one batch under way at a time; send this one when the other is answered.',
          RETRY_SECONDS.behind,
        );
      }
      if (closed || stuck !== null) throw away();
      if (!hasRoom('all', report) || (key.kind === 'client' && !hasRoom('client', report)))
        throw refusal('More telemetry waits than this server can write; keep the batch and send it again.', RETRY_SECONDS.full);
      const one = waitingOf({ key, report });
      waiting.set(identity, one);
      hold(one, 1);
      running ??= run();
      return one.written;
    },
    close: async () => {
      closed = true;
      end();
      await Promise.race([running, timers.delay(PATIENCE_MS)]);
      for (const { settle } of [...waiting.values(), ...writing.values()]) settle(away());
      waiting.clear();
    },
  };
}

function waitingOf(accepted: AcceptedReport): Waiting {
  let settle: Waiting['settle'] = () => undefined;
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  // Whoever asked may be gone.
  written.catch(() => undefined);
  return { ...accepted, written, settle };
}

function isWritten(outcome: unknown): outcome is WrittenReports {
  return typeof outcome === 'object' && outcome !== null && 'accepted' in outcome;
}

function away(): AppError {
  return refusal('Telemetry cannot be stored now; keep the batch and send it again.', RETRY_SECONDS.away);
}

function refusal(message: string, retryAfterSeconds: number): AppError {
  return new AppError('unavailable', message, { retryAfterSeconds });
}
