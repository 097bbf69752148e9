/**
 * Types of the database and the pool. Functions that write take a `Tx`, so that forgetting the transaction does
 * not compile. Every session gets limits: a stuck statement must not hold a head row while SDKs wait for a kill.
 */

import { randomBytes } from 'node:crypto';
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
/** Between two looks at a pool of which a connection is not heard. */
const LOOK_AGAIN_MS = 10_000;

export interface Pool {
  readonly sql: Sql;
  readonly db: Database;
  /**
   * For a database that fell silent, as after a failover that said nothing, or of which one back end hangs: where more connections do
   * not answer in time than the database knows to be at work, all are opened anew, and what was under way on those that do not answer
   * rejects. Left to TCP that takes a quarter of an hour. Looks again until all answer. Never rejects.
   */
  renewIfStuck(patienceMs: number): Promise<void>;
}

export interface PoolOptions {
  readonly url: string;
  /** Shown in pg_stat_activity, with a word behind it that tells pools of one name apart. */
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
  const sql = new Proxy(current.sql, {
    get: (_first, name) => Reflect.get(current.sql, name),
    apply: (_first, self, words) => Reflect.apply(current.sql, self, words),
  });

  /** False: look again. */
  async function isSound(patienceMs: number): Promise<boolean> {
    const { maxConnections, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
    const former = current;
    const heard = await askAll(former.sql, maxConnections, patienceMs);
    const unheard = () => maxConnections - heard.length;
    if (unheard() === 0) return true;
    const next = connect(options);
    // Sets how values are read and written, as it did for the first.
    drizzle(next.sql);
    // A database that is silent to new connections as well has to be waited for: each attempt would leave sockets behind.
    const atWork = await Promise.race([
      countAtWork(next.sql, former.name, heard),
      delay(CONNECT_TIMEOUT_SECONDS * 1_000, null, { ref: false }),
    ]);
    // Where as many are at work the pool is only busy: a kill that waits for its lock is not to be dropped.
    if (atWork === null || atWork >= unheard()) {
      await next.sql.end({ timeout: 0 }).catch(() => undefined);
      return false;
    }
    options.log.warn(
      { pool: options.applicationName, silent: unheard(), of: maxConnections },
      'the database answers on new connections, and not on all former ones: those are given up',
    );
    current = next;
    // What the others are at may end.
    if (unheard() < maxConnections) await delay(statementTimeoutMs);
    await former.sql.end({ timeout: 0 }).catch(() => undefined);
    return true;
  }

  return {
    sql,
    db: drizzle(preparing(sql)),
    renewIfStuck: async (patienceMs) => {
      if (renewing) return;
      renewing = true;
      // Whoever asked may hear the database again by now, over a pool of its own, and ask no more.
      while (!(await isSound(patienceMs))) await delay(LOOK_AGAIN_MS, undefined, { ref: false });
      renewing = false;
    },
  };
}

/**
 * Asks on every connection at once, since the driver gives what is asked to idle ones first, then to the others in turn.
 * @returns after the patience at most, and fills it later on: the back end of each answer; 0: a refusal, which is an answer and the driver's own business
 */
async function askAll(sql: Sql, maxConnections: number, patienceMs: number): Promise<readonly number[]> {
  const heard: number[] = [];
  const asked = Array.from({ length: maxConnections }, () =>
    sql<{ pid: number }[]>`select pg_backend_pid() as pid`.then(
      ([row]) => void heard.push(row?.pid ?? 0),
      (error: { readonly code?: string }) => void (error.code !== 'CONNECT_TIMEOUT' && heard.push(0)),
    ),
  );
  await Promise.race([Promise.all(asked), delay(patienceMs, undefined, { ref: false })]);
  return heard;
}

/**
 * Sessions of the pool of this name, but for those `heard`, that the database knows to be at work; null: it does not say. One that
 * only waits for the next statement, or for somebody to take its answer, has lost its client.
 */
async function countAtWork(sql: Sql, name: string, heard: readonly number[]): Promise<number | null> {
  const counted = sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = ${name} and pid <> all(${[...heard]}::int[])
      and (state = 'active' and wait_event is distinct from 'ClientWrite'
        or state like 'idle in transaction%' and state_change > clock_timestamp() - interval '1 s')`;
  return counted.then(
    ([row]) => row?.count ?? 0,
    () => null,
  );
}

interface Connections {
  readonly sql: Sql;
  /** By which the database knows these, and no others of any server. */
  readonly name: string;
}

function connect(options: PoolOptions): Connections {
  const { url, applicationName, maxConnections, statementTimeoutMs = STATEMENT_TIMEOUT_MS, log } = options;
  const name = `${applicationName} ${randomBytes(4).toString('hex')}`;
  const sql = postgres(url, {
    max: maxConnections,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: secondsBeforeRetry,
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
    onnotice: noticesTo(log),
  });
  return { sql, name };
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
