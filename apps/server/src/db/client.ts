/**
 * Types of the database and the pool. Functions that write take a `Tx`, so that forgetting the transaction does
 * not compile. Every session gets limits: a stuck statement must not hold a head row while SDKs wait for a kill.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import type { Logger } from '../observability/logger.ts';

export type { Sql } from 'postgres';
export type Database = PostgresJsDatabase;
export type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];

/** Of ordinary statements; a transaction that has reason to take longer says so itself (startWriting, exports, verifications). */
const STATEMENT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_SECONDS = 10;
const FIRST_RETRY_SECONDS = 0.05;
const MAX_RETRY_SECONDS = 1;

export interface Pool {
  readonly sql: Sql;
  readonly db: Database;
  /**
   * For a database that fell silent, as after a failover that said nothing: where no connection answers in time, and the database
   * does not know what they are waiting for, all are opened anew, and what was under way on the former ones rejects. Left to TCP
   * that takes a quarter of an hour. Never rejects.
   */
  renewIfStuck(patienceMs: number): Promise<void>;
}

export interface PoolOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly maxConnections: number;
  /** Default: 5 000. */
  readonly statementTimeoutMs?: number;
  readonly log: Logger;
}

/** A lazy pool: nothing is connected before the first query. End it with `sql.end()`. */
export function createPool(options: PoolOptions): Pool {
  let current = connect(options);
  let renewing = false;
  // The driver has no way to give up connections that swallow everything and to go on: so what everybody holds is a way to
  // whichever pool is in use.
  const sql = new Proxy(current, {
    get: (_first, name) => Reflect.get(current, name),
    apply: (_first, self, words) => Reflect.apply(current, self, words),
  });
  return {
    sql,
    db: drizzle(preparing(sql)),
    renewIfStuck: async (patienceMs) => {
      if (renewing) return;
      renewing = true;
      if (!(await isHeard(current, patienceMs))) {
        const next = connect(options);
        // Sets how values are read and written, as it did for the first.
        drizzle(next);
        // A database that is silent to new connections as well has to be waited for: each attempt would leave sockets behind.
        const atWork = await Promise.race([
          countAtWork(next, options),
          delay(CONNECT_TIMEOUT_SECONDS * 1_000, null, { ref: false }),
        ]);
        // Where they are all at work the pool is only busy: a kill that waits for its lock is not to be dropped.
        const isBetter = atWork !== null && atWork < options.maxConnections;
        const stuck = isBetter ? current : next;
        if (isBetter) {
          options.log.warn(
            { pool: options.applicationName },
            'the database answers on new connections only: the former ones are given up',
          );
          current = next;
        }
        await stuck.end({ timeout: 0 }).catch(() => undefined);
      }
      renewing = false;
    },
  };
}

/** Whether anything came back in time; a refusal is an answer, and the driver's own business. */
async function isHeard(sql: Sql, patienceMs: number): Promise<boolean> {
  const answered = sql`select 1`.then(
    () => true,
    (error: { readonly code?: string }) => error.code !== 'CONNECT_TIMEOUT',
  );
  return Promise.race([answered, delay(patienceMs, false, { ref: false })]);
}

/**
 * Sessions of this pool, and of its like in other servers, that the database knows to be at work; null: it does not say. One that
 * only waits for the next statement, or for somebody to take its answer, has lost its client.
 */
async function countAtWork(sql: Sql, { applicationName }: PoolOptions): Promise<number | null> {
  const counted = sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = ${applicationName} and pid <> pg_backend_pid()
      and (state = 'active' and wait_event is distinct from 'ClientWrite'
        or state like 'idle in transaction%' and state_change > clock_timestamp() - interval '1 s')`;
  return counted.then(
    ([row]) => row?.count ?? 0,
    () => null,
  );
}

function connect({ url, applicationName, maxConnections, statementTimeoutMs = STATEMENT_TIMEOUT_MS, log }: PoolOptions): Sql {
  return postgres(url, {
    max: maxConnections,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: secondsBeforeRetry,
    connection: {
      application_name: applicationName,
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
    onnotice: noticesTo(log),
  });
}

/** Left to itself, the driver prints each as an object of many lines between those of the log. */
export function noticesTo(log: Pick<Logger, 'debug'>): (notice: postgres.Notice) => void {
  return ({ message }) => log.debug({ notice: message }, 'database notice');
}

const LOOK = /^\s*select\b[^;]*$/i;
/** A statement with more parameters has one for each of many rows: there would be a plan for every number of them. */
const MAX_PREPARED_PARAMETERS = 24;

/**
 * The same client, which prepares statements with few parameters: each then costs one round trip instead of two, and a
 * kill asks some twenty. drizzle-orm prepares only what is given a name, and gives none to `execute`.
 */
function preparing<S extends Sql | TransactionSql>(client: S): S {
  const unsafe = (text: string, parameters: unknown[] = [], options = {}) =>
    client.unsafe(text, parameters as never[], {
      ...options,
      prepare: parameters.length <= MAX_PREPARED_PARAMETERS,
      // Without parameters the driver takes a text for several statements, which cannot be prepared. A look is only ever one.
      ...(LOOK.test(text) && { simple: false }),
    });
  const nested = (name: 'begin' | 'savepoint') => (run: (tx: TransactionSql) => unknown) =>
    (client as unknown as Record<typeof name, (run: (tx: TransactionSql) => unknown) => unknown>)[name]((tx) =>
      run(preparing(tx)),
    );
  const own: Record<string | symbol, unknown> = { unsafe, begin: nested('begin'), savepoint: nested('savepoint') };
  return new Proxy(client, { get: (target, name, receiver) => own[name] ?? Reflect.get(target, name, receiver) });
}

/**
 * The same transaction, each of whose statements is asked for first: where `ask` throws, it is not sent and rejects with that. The
 * transaction itself goes on unasked.
 */
export function askingFirst(tx: Tx, ask: () => void): Tx {
  const { session } = tx as unknown as { readonly session: { readonly client: TransactionSql } };
  const unsafe: TransactionSql['unsafe'] = (...statement) => {
    ask();
    return session.client.unsafe(...statement);
  };
  const client = new Proxy(session.client, {
    get: (target, name, receiver) => (name === 'unsafe' ? unsafe : Reflect.get(target, name, receiver)),
  });
  // drizzle-orm takes the session from what a statement is built on, and the client from that.
  return Object.create(tx, { session: { value: Object.create(session, { client: { value: client } }) } });
}

/**
 * Seconds before a lost connection is tried again. The driver's own go up to 20 s: after an outage kills would wait for
 * the next poll, and requests for a connection, that much longer than the database was away.
 */
export function secondsBeforeRetry(attempt: number): number {
  return Math.min(FIRST_RETRY_SECONDS * 2 ** attempt, MAX_RETRY_SECONDS);
}
