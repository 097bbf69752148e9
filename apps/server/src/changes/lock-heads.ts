/**
 * The locks of a command, taken before it reads anything: a command that read first could validate against a
 * state that another writer is about to replace. Order for everybody: project row, heads by id, history.
 */
import { asc, eq, inArray, sql } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { environmentHeads, projects } from '../db/schema.ts';
import { SCHEMA_VERSION } from '../db/schema-version.ts';
import { AppError } from '../errors.ts';
import { findEnvironment } from '../projects/project-store.ts';

declare const locked: unique symbol;
/** Proof that this transaction holds these environments' head locks, with where each stood: id -> revision. */
export type LockedHeads = ReadonlyMap<string, number> & { readonly [locked]: true };

/** Locks the heads of `environmentIds` until the end of the transaction. Waits as long as `lock_timeout` says. */
export async function lockHeads(tx: Tx, environmentIds: readonly string[]): Promise<LockedHeads> {
  const heads = await tx
    .select({ id: environmentHeads.environmentId, revision: environmentHeads.revision })
    .from(environmentHeads)
    .where(inArray(environmentHeads.environmentId, [...environmentIds]))
    .orderBy(asc(environmentHeads.environmentId))
    .for('update');
  return new Map(heads.map((head) => [head.id, head.revision])) as unknown as LockedHeads;
}

/** An environment with its head locked, in one round trip: what a kill begins with. Throws `not_found`. */
export async function lockEnvironment(tx: Tx, projectKey: string, environmentKey: string) {
  const [found] = await tx.execute<{ project_id: string; environment_id: string; revision: string }>(sql`
    select e.project_id, h.environment_id, h.revision
    from environment_heads h join environments e on e.id = h.environment_id join projects p on p.id = e.project_id
    where p.key = ${projectKey} and e.key = ${environmentKey}
    for update of h`);
  if (found === undefined) {
    await findEnvironment(tx, projectKey, environmentKey);
    throw new Error(`Environment '${environmentKey}' of project '${projectKey}' has no head.`);
  }
  const environment = { id: found.environment_id, key: environmentKey };
  const revision = Number(found.revision);
  return {
    project: { id: found.project_id, key: projectKey },
    environment,
    revision,
    heads: new Map([[environment.id, revision]]) as unknown as LockedHeads,
  };
}

/**
 * Makes the project's set of environments, flags and segments hold still: creating a flag writes a row in every
 * environment, creating an environment one for every flag, and neither may miss the other. NO KEY UPDATE, not
 * UPDATE: the history's foreign key must not make a kill wait here.
 */
export async function lockProject(tx: Tx, projectId: string): Promise<void> {
  await tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).for('no key update');
}

/** What the database's clock said, in epoch milliseconds, and when that was heard, on the clock of `performance.now()`. */
export interface DatabaseClock {
  readonly databaseMs: number;
  readonly atMs: number;
}

/**
 * Sets how long this transaction waits for a lock before it gives up with SQLSTATE 55P03, and that its statements, which name rows
 * by their keys, are planned once for a connection; and makes sure that a build of this schema may still write, in the same round
 * trip. Throws `unavailable` where a newer build has shut older ones out.
 */
export async function startWriting(tx: Tx, lockTimeoutMs: number): Promise<DatabaseClock> {
  const lockMs = Math.ceil(lockTimeoutMs);
  const [row] = await tx
    .execute<{ min_writer: number; database_ms: string }>(sql`select set_config('lock_timeout', ${String(lockMs)}, true),
    set_config('statement_timeout', ${String(lockMs + STATEMENT_MARGIN_MS)}, true),
    set_config('plan_cache_mode', 'force_generic_plan', true),
    (select min_writer from drizzle.schema_meta) as min_writer,
    extract(epoch from clock_timestamp()) * 1000 as database_ms`)
    // Called: sent before whatever is only awaited behind it.
    .execute();
  if ((row?.min_writer ?? 0) > SCHEMA_VERSION)
    throw new AppError('unavailable', OUTDATED_MESSAGE, { retryAfterSeconds: OUTDATED_RETRY_SECONDS });
  return { databaseMs: Number(row?.database_ms), atMs: performance.now() };
}

const OUTDATED_MESSAGE =
  'This server is older than the database: it serves SDKs, but may not change anything. Update it, or send the request to an updated one.';
/** An update of a server takes minutes, and a load balancer may find another one meanwhile. */
const OUTDATED_RETRY_SECONDS = 30;
/** A statement may work this long after it got its lock; without the margin a patient kill would be cut off. */
const STATEMENT_MARGIN_MS = 5_000;
