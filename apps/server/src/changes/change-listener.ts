/**
 * Hears notifications over a connection of its own, and knows when it does not: a listening socket that a firewall or
 * a pooler forgot is silent like one on which nothing happens. So this server notifies itself now and then; what
 * it does not hear makes it listen anew, and look, since whatever was notified meanwhile was heard by nobody.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import postgres from 'postgres';
import { noticesTo, type Sql, secondsBeforeRetry } from '../db/client.ts';
import { VIEWS_CHANNEL } from '../views/view-store.ts';
import { CHANGE_CHANNEL } from './record-change.ts';

/** Every server hears the canaries of all, and knows its own by their text. */
const CANARY_CHANNEL = 'yardarm_canary';
const CONNECT_TIMEOUT_SECONDS = 5;
/** TCP's own probes find a peer that is gone, not a proxy that swallows; they cost nothing. */
const KEEP_ALIVE_SECONDS = 15;
const LISTEN = [CHANGE_CHANNEL, VIEWS_CHANNEL, CANARY_CHANNEL].map((channel) => `listen ${channel}`).join('; ');
/** A socket that swallows everything does not answer a goodbye either. */
const END_SECONDS = 0;

export interface CanaryTimes {
  readonly everyMs: number;
  /** A canary that was not heard after this long never will be. */
  readonly patienceMs: number;
}

/** A deaf listener is replaced within the sum of both, below 20 s, and changes are polled for meanwhile. */
export const CANARY_TIMES: CanaryTimes = { everyMs: 15_000, patienceMs: 4_500 };

export interface ChangeListenerOptions {
  /** Of PostgreSQL itself or of a pooler that keeps sessions. Contains credentials: never log it. */
  readonly url: string;
  /** The pool that canaries are sent through. */
  readonly sql: Sql;
  readonly log: FastifyBaseLogger;
  readonly canary: CanaryTimes;
  /** Something was committed, or may have been: look. */
  readonly onHint: () => void;
  /** The shared views of a project (null: of any) are others now, or may be. */
  readonly onViews: (project: string | null) => void;
}

export interface ChangeListener {
  /** Idempotent; never rejects. */
  close(): Promise<void>;
}

export function startChangeListener({ url, sql, log, canary, onHint, onViews }: ChangeListenerOptions): ChangeListener {
  const name = randomUUID();
  let sent = 0;
  let heard = 0;
  let closed = false;
  let patience: NodeJS.Timeout | undefined;
  let stopListening = listen();

  /**
   * Not by the driver's `listen`: for each attempt that fails it queues all channels once more, and one of them fails, so that an outage
   * of an hour left some ten thousand statements in memory, which were sent when it ended.
   * @returns what ends it, and never rejects
   */
  function listen(): () => Promise<void> {
    let isOver = false;
    let onLost = () => {};
    const options: postgres.Options<Record<string, never>> & { onnotify(channel: string, text: string): void } = {
      max: 1,
      connect_timeout: CONNECT_TIMEOUT_SECONDS,
      keep_alive: KEEP_ALIVE_SECONDS,
      backoff: secondsBeforeRetry,
      fetch_types: false,
      // Kept for as long as it works, whatever the address asks of connections that come and go.
      idle_timeout: 0,
      max_lifetime: null,
      connection: { application_name: 'yardarm listener' },
      onnotice: noticesTo(log),
      onnotify: hear,
      onclose: () => onLost(),
    };
    const connection = postgres(url, options);
    const keepListening = async () => {
      let failures = 0;
      while (!isOver) {
        const lost = new Promise<void>((resolve) => {
          onLost = resolve;
        });
        const isListening = await connection.unsafe(LISTEN).then(
          () => true,
          (error: unknown) => {
            if (!isOver) log.debug({ err: error }, 'change listener: cannot listen yet, polling only');
            return false;
          },
        );
        if (!isListening) {
          await delay(secondsBeforeRetry(failures++) * 1_000, undefined, { ref: false });
          continue;
        }
        failures = 0;
        onHint();
        onViews(null);
        await lost;
      }
    };
    void keepListening();
    return async () => {
      isOver = true;
      await connection.end({ timeout: END_SECONDS }).catch(() => undefined);
    };
  }

  function hear(channel: string, text: string): void {
    if (channel === CHANGE_CHANNEL) onHint();
    else if (channel === VIEWS_CHANNEL) onViews(text);
    else {
      const [sender, number] = text.split(' ');
      if (sender === name) heard = Math.max(heard, Number(number));
    }
  }

  async function sendCanary(): Promise<void> {
    // One at a time: a next one would take the patience from it.
    if (patience !== undefined || closed) return;
    const number = ++sent;
    patience = setTimeout(() => {
      patience = undefined;
      if (heard < number) replace();
    }, canary.patienceMs);
    try {
      await sql`select pg_notify(${CANARY_CHANNEL}, ${`${name} ${number}`})`;
    } catch {
      // Nothing is wrong with the listener alone; the poll says what is.
      heard = number;
    }
  }

  function replace(): void {
    log.warn({ patienceMs: canary.patienceMs }, 'change listener: it hears nothing any more, and is replaced');
    void stopListening();
    stopListening = listen();
    onHint();
  }

  const timer = setInterval(() => void sendCanary(), canary.everyMs);
  return {
    close: async () => {
      closed = true;
      clearInterval(timer);
      clearTimeout(patience);
      await stopListening();
    },
  };
}
