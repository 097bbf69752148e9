/**
 * Hears notifications over a connection of its own, and knows when it does not: a listening socket that a firewall or
 * a pooler forgot is silent like one on which nothing happens. So this server notifies itself now and then; what
 * it does not hear makes it listen anew, and look, since whatever was notified meanwhile was heard by nobody.
 */
import { randomUUID } from 'node:crypto';
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
  let listening = listen();

  function listen(): Sql {
    const connection = postgres(url, {
      max: 1,
      connect_timeout: CONNECT_TIMEOUT_SECONDS,
      keep_alive: KEEP_ALIVE_SECONDS,
      backoff: secondsBeforeRetry,
      connection: { application_name: 'yardarm listener' },
      onnotice: noticesTo(log),
    });
    // The driver listens again after a lost connection and calls the third argument each time.
    const subscriptions = [
      connection.listen(CHANGE_CHANNEL, onHint, onHint),
      connection.listen(VIEWS_CHANNEL, onViews, () => onViews(null)),
      connection.listen(CANARY_CHANNEL, (text) => {
        const [sender, number] = text.split(' ');
        if (sender === name) heard = Math.max(heard, Number(number));
      }),
    ];
    for (const subscription of subscriptions)
      subscription.catch((error: unknown) => {
        if (!closed) log.debug({ err: error }, 'change listener: cannot listen yet, polling only');
      });
    return connection;
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
    const deaf = listening;
    listening = listen();
    onHint();
    void deaf.end({ timeout: END_SECONDS });
  }

  const timer = setInterval(() => void sendCanary(), canary.everyMs);
  return {
    close: async () => {
      closed = true;
      clearInterval(timer);
      clearTimeout(patience);
      await listening.end({ timeout: END_SECONDS }).catch(() => undefined);
    },
  };
}
